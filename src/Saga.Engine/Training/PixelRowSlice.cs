using Saga.Engine.Rasterization;

namespace Saga.Engine.Training;

/// <summary>A run of consecutive rows of a <see cref="SparsePixelRows"/>: the pixels of one iteration.</summary>
/// <param name="rows">All rows of a view.</param>
/// <param name="firstPixel">First row of the slice.</param>
/// <param name="pixelCount">Rows of the slice.</param>
public readonly struct PixelRowSlice(SparsePixelRows rows, int firstPixel, int pixelCount)
{
    /// <summary>Rows of the slice.</summary>
    public int PixelCount { get; } = pixelCount;

    /// <summary>Index of the slice's first contribution in <see cref="GaussianIndices"/>.</summary>
    public int FirstEntry => rows.RowStarts[firstPixel];

    /// <summary>Contributions of the slice.</summary>
    public int EntryCount => rows.RowStarts[firstPixel + PixelCount] - FirstEntry;

    /// <summary>Gaussians of all rows of the view.</summary>
    public int[] GaussianIndices => rows.GaussianIndices;

    /// <summary>Weights of all rows of the view.</summary>
    public float[] Weights => rows.Weights;

    /// <summary>Where a pixel's contributions start in <see cref="GaussianIndices"/>; PixelCount is allowed.</summary>
    public int RowStart(int pixel) => rows.RowStarts[firstPixel + pixel];
}
