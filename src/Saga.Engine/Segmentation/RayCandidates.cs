using System.Buffers;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Segmentation;

/// <summary>The projected Gaussians that may lie on one ray, in borrowed arrays that grow: mostly a few hundred.</summary>
internal sealed class RayCandidates : IDisposable
{
    private const int InitialCapacity = 1 << 10;

    // Gaussians that the projection takes at a time.
    private const int Lanes = 8;

    private ProjectedGaussian[] _projected = ArrayPool<ProjectedGaussian>.Shared.Rent(InitialCapacity);
    private ulong[] _keys = ArrayPool<ulong>.Shared.Rent(InitialCapacity);
    private int _count;

    /// <summary>The candidates by slot.</summary>
    public ReadOnlySpan<ProjectedGaussian> Projected => _projected.AsSpan(0, _count);

    /// <summary>Forgets all candidates.</summary>
    public void Clear() => _count = 0;

    /// <summary>Projects eight Gaussians and takes in those that reach the projection's region.</summary>
    /// <param name="geometry">The scene.</param>
    /// <param name="camera">The view and the tile that holds the ray.</param>
    /// <param name="start">First of them, a multiple of 8; calls come in ascending order.</param>
    public void Project(GaussianGeometry geometry, in ProjectionCamera camera, int start)
    {
        if (_count + Lanes > Math.Min(_projected.Length, _keys.Length))
        {
            Grow();
        }

        Span<TileRectangle> boxes = stackalloc TileRectangle[Lanes];
        _count += ProjectKernel.Run(geometry, in camera, start, start + Lanes, _projected.AsSpan(_count, Lanes), boxes);
    }

    /// <summary>An entry of <see cref="DepthSort"/> per candidate, in engine order.</summary>
    public ReadOnlySpan<ulong> Entries()
    {
        Span<ulong> keys = _keys.AsSpan(0, _count);
        for (int slot = 0; slot < _count; slot++)
        {
            keys[slot] = DepthSort.Entry(_projected[slot].Depth, slot);
        }

        return keys;
    }

    public void Dispose()
    {
        ArrayPool<ProjectedGaussian>.Shared.Return(_projected);
        ArrayPool<ulong>.Shared.Return(_keys);
        (_projected, _keys, _count) = ([], [], 0);
    }

    private void Grow()
    {
        int capacity = checked(2 * _projected.Length);
        ProjectedGaussian[] larger = ArrayPool<ProjectedGaussian>.Shared.Rent(capacity);
        _projected.AsSpan(0, _count).CopyTo(larger);
        ArrayPool<ProjectedGaussian>.Shared.Return(_projected);
        ArrayPool<ulong>.Shared.Return(_keys);
        (_projected, _keys) = (larger, ArrayPool<ulong>.Shared.Rent(capacity));
    }
}
