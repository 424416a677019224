namespace Saga.Engine.Segmentation;

/// <summary>What a point of an image shows: the raw material of a prompt, good for every scale.</summary>
/// <param name="Feature">
/// F(p) = Σ w·f over the point's ray, [dimension]; raw: it is gated and normalised when a scale is known.
/// </param>
/// <param name="Alpha">Σ w, in [0.5, 1].</param>
/// <param name="Depth">Σ w·z / Σ w, world units along the camera's z axis.</param>
/// <param name="SurfaceGaussians">Engine indices of the Gaussians that make up the visible surface, front to back.</param>
public sealed record QueryFeature(float[] Feature, float Alpha, float Depth, int[] SurfaceGaussians);
