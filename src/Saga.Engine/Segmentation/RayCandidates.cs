using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

/// <summary>The projected Gaussians that may lie on rays of a scene, in arrays that grow: mostly a few hundred.</summary>
internal sealed class RayCandidates(GaussianScene scene)
{
    private const int InitialCapacity = 1 << 10;

    // Gaussians that are prepared and projected together, a multiple of the projection's eight.
    private const int Batch = 64;

    private readonly GaussianGeometry _geometry = new(Batch);
    private readonly int[] _waiting = new int[Batch];
    private int _waitingCount;

    private ProjectedGaussian[] _projected = new ProjectedGaussian[InitialCapacity];
    private ulong[] _keys = new ulong[InitialCapacity];
    private int _count;

    /// <summary>The candidates by slot.</summary>
    public ReadOnlySpan<ProjectedGaussian> Projected => _projected.AsSpan(0, _count);

    /// <summary>Forgets all candidates.</summary>
    public void Clear() => (_count, _waitingCount) = (0, 0);

    /// <summary>Takes a Gaussian in.</summary>
    /// <param name="index">Engine index; calls come in ascending order.</param>
    /// <param name="camera">The view and the tile that holds the ray.</param>
    public void Add(int index, in ProjectionCamera camera)
    {
        _geometry.Set(_waitingCount, scene, index);
        _waiting[_waitingCount++] = index;
        if (_waitingCount == Batch)
        {
            Project(in camera);
        }
    }

    /// <summary>Projects those that wait and keeps those that reach the projection's region. Ends a ray.</summary>
    /// <param name="camera">The view and the tile that holds the ray.</param>
    public void Project(in ProjectionCamera camera)
    {
        if (_count + Batch > _projected.Length)
        {
            Grow();
        }

        int end = (_waitingCount + ProjectKernel.Lanes - 1) / ProjectKernel.Lanes * ProjectKernel.Lanes;
        for (int slot = _waitingCount; slot < end; slot++)
        {
            _geometry.Clear(slot);
        }

        Span<TileRectangle> boxes = stackalloc TileRectangle[Batch];
        Span<ProjectedGaussian> projected = _projected.AsSpan(_count, Batch);
        int visible = ProjectKernel.Run(_geometry, in camera, 0, end, projected, boxes);
        foreach (ref ProjectedGaussian gaussian in projected[..visible])
        {
            gaussian.Index = _waiting[gaussian.Index];
        }

        _count += visible;
        _waitingCount = 0;
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

    private void Grow()
    {
        int capacity = checked(2 * _projected.Length);
        Array.Resize(ref _projected, capacity);
        Array.Resize(ref _keys, capacity);
    }
}
