using System.Buffers;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization;

/// <summary>
/// Draws a scene on the CPU as 3D Gaussian splatting defines it, and computes the blending weights of single pixels.
/// </summary>
/// <remarks>
/// α = min(0.99, σ·exp(-½dᵀΣ'⁻¹d)), counted where α ≥ 1/255; Gaussians in order of camera z, equal depths in engine order; the one
/// that would bring the transmittance below 1e-4 is not blended and ends the ray. Results do not depend on the number of
/// threads. Safe to use from several threads at once.
/// </remarks>
public sealed partial class CpuRasterizer : IRasterizer
{
    private readonly GaussianScene _scene;
    private readonly GaussianGeometry _geometry;
    private readonly WorkerPool _workers;

    /// <summary>Prepares a scene: 52 bytes per Gaussian beside the scene itself.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="maxThreads">Threads used at most by one call; 0 for all cores.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxThreads"/> is negative.</exception>
    public CpuRasterizer(GaussianScene scene, int maxThreads = 0)
    {
        ArgumentNullException.ThrowIfNull(scene);
        ArgumentOutOfRangeException.ThrowIfNegative(maxThreads);
        _scene = scene;
        _geometry = new GaussianGeometry(scene);
        _workers = new WorkerPool(maxThreads == 0 ? Environment.ProcessorCount : maxThreads);
    }

    /// <inheritdoc/>
    public long ByteCount => _geometry.ByteCount;

    /// <summary>The threads of the rasteriser, for work on its pictures.</summary>
    internal WorkerPool Workers => _workers;

    /// <summary>Projects the scene once, for several calls with the same camera.</summary>
    /// <exception cref="InvalidCameraException">The camera is impossible.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ProjectedView Project(PinholeCamera camera, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(camera);
        camera.Validate();
        return Project(camera, TileRectangle.All(TileGrid.Of(camera)), cancellationToken);
    }

    private ProjectedView Project(PinholeCamera camera, TileRectangle region, CancellationToken cancellationToken)
    {
        int count = _geometry.PaddedCount;
        int chunks = (count + ProjectedView.ProjectionChunk - 1) / ProjectedView.ProjectionChunk;
        ProjectedGaussian[] gaussians = ArrayPool<ProjectedGaussian>.Shared.Rent(count);
        TileRectangle[] boxes = ArrayPool<TileRectangle>.Shared.Rent(count);
        int[] chunkCounts = new int[chunks];
        ProjectionCamera projection = new(camera, region);
        _workers.For(chunks, chunk =>
        {
            int start = chunk * ProjectedView.ProjectionChunk;
            int end = Math.Min(start + ProjectedView.ProjectionChunk, count);
            chunkCounts[chunk] = ProjectKernel.Run(
                _geometry, in projection, start, end, gaussians.AsSpan(start..end), boxes.AsSpan(start..end));
        }, cancellationToken);

        return new ProjectedView(this, camera, gaussians, boxes, chunkCounts);
    }

    private void CheckOwner(ProjectedView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        if (!ReferenceEquals(view.Owner, this))
        {
            throw new ArgumentException("The view was projected by another rasteriser; project it with this one.", nameof(view));
        }
    }
}
