using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Clustering;

/// <summary>Squared Euclidean distances from one point to all of a set.</summary>
/// <remarks>
/// d²[j] = Σ_c (x_jc - p_c)², by differences: 2 - 2·x·p of unit vectors would lose the near ones, which clusters are made of. A
/// lane is a point and channels are added in order, so all vector widths agree bit for bit; four blocks at a time, so that four sums
/// are under way.
/// </remarks>
internal static class DistanceKernel
{
    /// <summary>Measures with the widest vectors of the machine.</summary>
    /// <param name="points">The set.</param>
    /// <param name="point">The point, [points.Dimension].</param>
    /// <param name="squared">Receives d², [points.PaddedCount]; infinite in the padding.</param>
    public static void Run(PointBlocks points, ReadOnlySpan<float> point, Span<float> squared)
    {
        switch (Simd.Level)
        {
            case SimdLevel.Vector512:
                Run<FloatX16>(points, point, squared);
                break;
            case SimdLevel.Vector256:
                Run<FloatX8>(points, point, squared);
                break;
            case SimdLevel.Vector128:
                Run<FloatX4>(points, point, squared);
                break;
            default:
                Run<FloatX1>(points, point, squared);
                break;
        }
    }

    /// <summary>The traversal, once for every width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<T>(PointBlocks points, ReadOnlySpan<float> point, Span<float> squared)
        where T : unmanaged, IFloatLanes<T>
    {
        const int block = PointBlocks.BlockSize;
        const int step = block * PointBlocks.BlocksPerStep;
        int blockFloats = points.Dimension * block;
        ReadOnlySpan<float> values = points.Values;
        Debug.Assert(point.Length == points.Dimension && squared.Length >= points.PaddedCount);
        ref float target = ref MemoryMarshal.GetReference(squared);
        for (int start = 0; start < points.PaddedCount; start += step)
        {
            ref readonly float first = ref values[start * points.Dimension];
            for (int lane = 0; lane < block; lane += T.Width)
            {
                T sum0 = T.Broadcast(0);
                T sum1 = sum0;
                T sum2 = sum0;
                T sum3 = sum0;
                for (int c = 0; c < point.Length; c++)
                {
                    T p = T.Broadcast(point[c]);
                    int at = c * block + lane;
                    T d0 = T.Load(in first, at) - p;
                    T d1 = T.Load(in first, at + blockFloats) - p;
                    T d2 = T.Load(in first, at + 2 * blockFloats) - p;
                    T d3 = T.Load(in first, at + 3 * blockFloats) - p;
                    sum0 = T.MultiplyAdd(d0, d0, sum0);
                    sum1 = T.MultiplyAdd(d1, d1, sum1);
                    sum2 = T.MultiplyAdd(d2, d2, sum2);
                    sum3 = T.MultiplyAdd(d3, d3, sum3);
                }

                sum0.Store(ref target, start + lane);
                sum1.Store(ref target, start + lane + block);
                sum2.Store(ref target, start + lane + 2 * block);
                sum3.Store(ref target, start + lane + 3 * block);
            }
        }
    }
}
