using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Segmentation;

/// <summary>One click.</summary>
/// <param name="Position">Where, in the camera's image.</param>
/// <param name="Positive">True: belongs to the object. False: does not.</param>
public readonly record struct PromptPoint(PixelPosition Position, bool Positive);

/// <summary>A prompt: points in one camera, a granularity and a threshold (§7).</summary>
/// <param name="Camera">The camera that the points were placed in.</param>
/// <param name="Points">At least one positive point.</param>
/// <param name="Quantile">Scale in [0, 1]: 0 the finest, 1 the coarsest granularity.</param>
/// <param name="Threshold">Smallest cosine that counts as selected, in [-1, 1].</param>
/// <param name="Connected">Keep only what is connected to a prompted surface.</param>
/// <param name="Within">Select only inside this selection; null for everywhere.</param>
public sealed record PointPrompt(
    PinholeCamera Camera,
    IReadOnlyList<PromptPoint> Points,
    double Quantile,
    float Threshold = PointPrompt.DefaultThreshold,
    bool Connected = false,
    GaussianSelection? Within = null)
{
    /// <summary>Cosine at which a Gaussian counts as selected.</summary>
    public const float DefaultThreshold = 0.75f;
}
