using System.Collections.Concurrent;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Rasterization;

/// <content>Blending weights of single pixels.</content>
public sealed partial class CpuRasterizer
{
    /// <summary>
    /// The exact sparse rows of any positions of a view, without drawing it: only Gaussians near the positions are sorted, only
    /// tiles that hold one are gathered.
    /// </summary>
    /// <param name="camera">The camera.</param>
    /// <param name="pixels">Positions inside the image, borders included, in any order; repeated ones are computed again.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Rows in the order of <paramref name="pixels"/>; bit for bit the weights that rendering uses at pixel centres.</returns>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="ArgumentException">A position is outside the image or not a number.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SparsePixelRows PixelRows(
        PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(camera);
        camera.Validate();
        RasterizerChecks.Inside(camera, pixels);
        if (pixels.IsEmpty)
        {
            return SparseRowAssembly.Assemble([], [], [], _workers, cancellationToken);
        }

        using ProjectedView view = Project(camera, TileRectangle.Around(TileGrid.Of(camera), pixels), cancellationToken);
        return PixelRows(view, pixels, cancellationToken);
    }

    /// <summary>The same for a view that was projected before.</summary>
    /// <exception cref="ArgumentException">
    /// A position is outside the image or not a number, or the view is another rasteriser's.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SparsePixelRows PixelRows(
        ProjectedView view, ReadOnlySpan<PixelPosition> pixels, CancellationToken cancellationToken)
    {
        CheckOwner(view);
        RasterizerChecks.Inside(view.Camera, pixels);
        PixelsByTile sorted = new(view.Grid, pixels);
        PixelPosition[] positions = pixels.ToArray();
        RowSource[] sources = new RowSource[pixels.Length];
        float[] alphas = new float[pixels.Length];
        float[] depths = new float[pixels.Length];
        ConcurrentBag<RowBuffer> buffers = [];
        try
        {
            using TileBinning binning = new(view, sorted.IsOccupied, _workers, cancellationToken);
            int[] tiles = sorted.OccupiedTiles;
            for (int first = 0, last; first < tiles.Length; first = last)
            {
                int filledEnd = binning.Fill(tiles[first], cancellationToken);
                last = first;
                while (last < tiles.Length && tiles[last] < filledEnd)
                {
                    last++;
                }

                int offset = first;
                _workers.For(last - first, NewScratch, (i, scratch) =>
                {
                    int tile = tiles[offset + i];
                    scratch.Kernel.Load(binning.List(tile), view.Gaussians);
                    foreach (int pixel in sorted.PixelsOf(tile))
                    {
                        int start = scratch.Rows.Count;
                        scratch.Kernel.AppendRow(positions[pixel], scratch.Rows, out alphas[pixel], out depths[pixel]);
                        sources[pixel] = new RowSource(scratch.Rows, start, scratch.Rows.Count - start);
                    }
                }, cancellationToken);
            }

            return SparseRowAssembly.Assemble(sources, alphas, depths, _workers, cancellationToken);
        }
        finally
        {
            foreach (RowBuffer buffer in buffers)
            {
                buffer.Dispose();
            }
        }

        (PixelRowKernel Kernel, RowBuffer Rows) NewScratch()
        {
            RowBuffer rows = new();
            buffers.Add(rows);
            return (new PixelRowKernel(), rows);
        }
    }
}
