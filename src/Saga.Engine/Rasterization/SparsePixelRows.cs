namespace Saga.Engine.Rasterization;

/// <summary>
/// The blending weights of a list of pixels as sparse rows (CSR): pixel p sees the Gaussians
/// <c>GaussianIndices[RowStarts[p]..RowStarts[p+1]]</c>, front to back, with weights w = α·T.
/// </summary>
/// <remarks>
/// With frozen geometry these weights never change, so a rendered feature is Σ w·f over a row and its gradient scatters back
/// along the same row. Indices are the engine's, not the file's.
/// </remarks>
public sealed class SparsePixelRows
{
    /// <summary>Row boundaries, [pixels + 1].</summary>
    public required int[] RowStarts { get; init; }

    /// <summary>Engine index of each contributing Gaussian, [at least RowStarts[pixels]].</summary>
    public required int[] GaussianIndices { get; init; }

    /// <summary>Blending weight of each contribution, in (0, 0.99], [at least RowStarts[pixels]].</summary>
    public required float[] Weights { get; init; }

    /// <summary>Σ w per pixel, [pixels], in [0, 1].</summary>
    public required float[] Alphas { get; init; }

    /// <summary>Σ w·z / Σ w per pixel in world units along the camera's z axis, [pixels]; 0 where Σ w &lt; 0.5.</summary>
    public required float[] Depths { get; init; }

    /// <summary>Number of rows.</summary>
    public int PixelCount => RowStarts.Length - 1;
}
