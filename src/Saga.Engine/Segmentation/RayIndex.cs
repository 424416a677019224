using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

/// <summary>
/// The sparse rows of single pixels for any camera, in microseconds: finds the few Gaussians on a ray through a hierarchy of
/// boxes instead of projecting all of them. The rows equal those of the rasteriser.
/// </summary>
/// <remarks>
/// Gaussians lie along a Morton curve, so contiguous runs of them are compact: the hierarchy is implicit, 16 Gaussians to a
/// leaf and 8 boxes to a group on every level, without pointers. Candidates pass a conservative bound
/// (<see cref="PixelRay"/>), are sorted by camera z and then blended exactly as the rasteriser does. Memory: 23 bytes a
/// Gaussian. Instances are immutable and safe to share between threads.
/// </remarks>
public sealed partial class RayIndex
{
    private const int LeafSize = 16;

    // x, y, z, (k·s)², k² of 16 Gaussians.
    private const int LeafFloats = 5 * LeafSize;

    private const int Fanout = 8;

    // Centre, half-extent, (k·s)², k² of 8 boxes.
    private const int GroupFloats = 8 * Fanout;

    private const int LeavesPerBatch = 256;

    private readonly GaussianScene _scene;
    private readonly float[] _leaves;
    private readonly float[][] _levels;

    private RayIndex(GaussianScene scene, float[] leaves, float[][] levels)
    {
        _scene = scene;
        _leaves = leaves;
        _levels = levels;
    }

    /// <summary>Computes the blending weights of pixels.</summary>
    /// <param name="camera">Any camera.</param>
    /// <param name="pixels">Continuous positions, inside the image or not.</param>
    /// <returns>One row per position.</returns>
    public SparsePixelRows PixelRows(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels)
    {
        camera.Validate();
        int[] starts = new int[pixels.Length + 1];
        float[] alphas = new float[pixels.Length];
        float[] depths = new float[pixels.Length];
        var indices = new List<int>();
        var weights = new List<float>();
        var projection = new SplatProjection(_scene, camera);
        for (int p = 0; p < pixels.Length; p++)
        {
            (alphas[p], depths[p]) = AppendRow(new PixelRay(camera, pixels[p]), projection, pixels[p], indices, weights);
            starts[p + 1] = indices.Count;
        }

        return new SparsePixelRows
        {
            RowStarts = starts,
            GaussianIndices = [.. indices],
            Weights = [.. weights],
            Alphas = alphas,
            Depths = depths,
        };
    }

    private (float Alpha, float Depth) AppendRow(
        in PixelRay ray, in SplatProjection projection, PixelPosition pixel, List<int> indices, List<float> weights)
    {
        var candidates = new CandidateList();
        try
        {
            Visit(_levels.Length - 1, 0, ray, projection, ref candidates);
            Span<ulong> ordered = candidates.Items;
            ordered.Sort();
            return projection.Blend(ordered, pixel, indices, weights);
        }
        finally
        {
            candidates.Return();
        }
    }

    private void Visit(int level, int group, in PixelRay ray, in SplatProjection projection, ref CandidateList candidates)
    {
        uint near = ray.BoxesInReach(ref _levels[level][group * GroupFloats]);
        for (; near != 0; near &= near - 1)
        {
            int child = group * Fanout + BitOperations.TrailingZeroCount(near);
            if (level > 0)
            {
                Visit(level - 1, child, ray, projection, ref candidates);
            }
            else
            {
                VisitLeaf(child, ray, projection, ref candidates);
            }
        }
    }

    private void VisitLeaf(int leaf, in PixelRay ray, in SplatProjection projection, ref CandidateList candidates)
    {
        ref float lanes = ref _leaves[leaf * LeafFloats];
        uint near = ray.GaussiansInReach(ref lanes, LeafSize)
            | (ray.GaussiansInReach(ref Unsafe.Add(ref lanes, 8), LeafSize) << 8);
        for (; near != 0; near &= near - 1)
        {
            int i = leaf * LeafSize + BitOperations.TrailingZeroCount(near);
            float z = projection.Depth(i);
            if (z > PixelRay.NearPlane)
            {
                // Positive floats sort like their bits; equal depths keep the order of the Gaussians.
                candidates.Add(((ulong)BitConverter.SingleToUInt32Bits(z) << 32) | (uint)i);
            }
        }
    }

    // A growing list in pooled memory: a ray meets a few hundred Gaussians, or, inside huge splats, all of them.
    private struct CandidateList()
    {
        private ulong[] _items = ArrayPool<ulong>.Shared.Rent(1024);
        private int _count;

        public readonly Span<ulong> Items => _items.AsSpan(0, _count);

        public void Add(ulong item)
        {
            if (_count == _items.Length)
            {
                ulong[] larger = ArrayPool<ulong>.Shared.Rent(2 * _count);
                _items.AsSpan(0, _count).CopyTo(larger);
                ArrayPool<ulong>.Shared.Return(_items);
                _items = larger;
            }

            _items[_count++] = item;
        }

        public readonly void Return() => ArrayPool<ulong>.Shared.Return(_items);
    }
}
