using System.Buffers;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Rasterization;

/// <summary>
/// A scene as one camera sees it: the visible Gaussians as ellipses. Several renderings and lists of pixels of
/// the view can share it.
/// </summary>
/// <remarks>
/// Made by <see cref="CpuRasterizer.Project(PinholeCamera, CancellationToken)"/>. Immutable, so threads may share it; it borrows large buffers until it is disposed.
/// </remarks>
public sealed class ProjectedView : IDisposable
{
    /// <summary>Gaussians projected as one piece of work.</summary>
    internal const int ProjectionChunk = 4096;

    private ProjectedGaussian[]? _gaussians;
    private TileRectangle[]? _boxes;

    internal ProjectedView(
        CpuRasterizer owner,
        PinholeCamera camera,
        ProjectedGaussian[] gaussians,
        TileRectangle[] boxes,
        int[] chunkCounts)
    {
        Owner = owner;
        Camera = camera;
        Grid = TileGrid.Of(camera);
        ChunkCounts = chunkCounts;
        VisibleCount = chunkCounts.Sum();
        _gaussians = gaussians;
        _boxes = boxes;
    }

    /// <summary>The camera.</summary>
    public PinholeCamera Camera { get; }

    /// <summary>Number of Gaussians whose ellipse reaches the image.</summary>
    public int VisibleCount { get; }

    internal CpuRasterizer Owner { get; }

    internal TileGrid Grid { get; }

    /// <summary>Visible Gaussians of each projection chunk.</summary>
    internal int[] ChunkCounts { get; }

    /// <summary>
    /// Projected Gaussians by slot, in the engine's order. Chunk c fills the first <see cref="ChunkCounts"/>[c] slots from
    /// c·<see cref="ProjectionChunk"/> on; the rest are gaps.
    /// </summary>
    internal ProjectedGaussian[] Gaussians => _gaussians ?? throw new ObjectDisposedException(nameof(ProjectedView));

    /// <summary>Tiles of the bounding box, by slot.</summary>
    internal TileRectangle[] Boxes => _boxes ?? throw new ObjectDisposedException(nameof(ProjectedView));

    /// <summary>Gives the buffers back.</summary>
    public void Dispose()
    {
        if (_gaussians is null)
        {
            return;
        }

        ArrayPool<ProjectedGaussian>.Shared.Return(_gaussians);
        ArrayPool<TileRectangle>.Shared.Return(_boxes!);
        (_gaussians, _boxes) = (null, null);
    }
}
