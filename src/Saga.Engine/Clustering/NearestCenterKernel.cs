using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Numerics;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Clustering;

/// <summary>Gives every Gaussian the centre that its gated feature has the greatest cosine with.</summary>
/// <remarks>
/// label[i] = argmax_k dot(g∘f_i, c_k) where that is ≥ MinCosine·‖g∘f_i‖, the first of equals; none elsewhere. A block of 16 is decoded and
/// gated once, in the first-level cache, and met by all centres, four at a time. A lane is a Gaussian and channels are added in order, so
/// all vector widths agree bit for bit.
/// </remarks>
internal static class NearestCenterKernel
{
    /// <summary>Labels some blocks with the widest vectors of the machine, on this thread.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="gate">Gate of the scale, [dimension].</param>
    /// <param name="centers">At least one, fewer than 65,535.</param>
    /// <param name="start">The first block.</param>
    /// <param name="length">Number of blocks.</param>
    /// <param name="labels">Receives the labels, engine order; those of other blocks stay.</param>
    public static void RunBlocks(
        FeatureBlocks features, ReadOnlySpan<float> gate, ClusterCenters centers, int start, int length, Span<ushort> labels)
    {
        switch (Simd.Level)
        {
            case SimdLevel.Vector512:
                Run<FloatX16>(features, gate, centers, start, length, labels);
                break;
            case SimdLevel.Vector256:
                Run<FloatX8>(features, gate, centers, start, length, labels);
                break;
            case SimdLevel.Vector128:
                Run<FloatX4>(features, gate, centers, start, length, labels);
                break;
            default:
                Run<FloatX1>(features, gate, centers, start, length, labels);
                break;
        }
    }

    /// <summary>The traversal, once for every width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<T>(
        FeatureBlocks features, ReadOnlySpan<float> gate, ClusterCenters centers, int start, int length, Span<ushort> labels)
        where T : unmanaged, IFloatLanes<T>
    {
        const int block = FeatureBlocks.BlockSize;
        Debug.Assert(gate.Length == features.Dimension && labels.Length == features.Count && centers.Count < SceneDecomposition.None);
        Span<float> values = stackalloc float[features.PairCount * 2 * block];
        Span<float> normsSquared = stackalloc float[block];
        Span<float> dots = stackalloc float[block];
        Span<float> indices = stackalloc float[block];
        for (int b = start; b < start + length; b++)
        {
            FeatureDecoder.Run(features, b, values);
            for (int lane = 0; lane < block; lane += T.Width)
            {
                Gate<T>(values, gate, lane).Store(ref normsSquared[0], lane);
                (T dot, T index) = Greatest<T>(values, centers, gate.Length, lane);
                dot.Store(ref dots[0], lane);
                index.Store(ref indices[0], lane);
            }

            int used = Math.Min(block, features.Count - b * block);
            for (int i = 0; i < used; i++)
            {
                // Comparisons with NaN are false: what is no number, has no direction or overflows belongs to none.
                bool isLike = normsSquared[i] > GatedSimilarityKernel.MinNormSquared && normsSquared[i] < float.PositiveInfinity
                    && dots[i] >= DecompositionOptions.MinCosine * MathF.Sqrt(normsSquared[i]);
                labels[b * block + i] = isLike ? (ushort)indices[i] : SceneDecomposition.None;
            }
        }
    }

    /// <summary>Gates some lanes in place.</summary>
    /// <returns>‖g∘f‖².</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Gate<T>(Span<float> values, ReadOnlySpan<float> gate, int lane)
        where T : unmanaged, IFloatLanes<T>
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        T squares = T.Broadcast(0);
        for (int c = 0; c < gate.Length; c++)
        {
            T gated = T.Load(ref first, c * FeatureBlocks.BlockSize + lane) * T.Broadcast(gate[c]);
            gated.Store(ref first, c * FeatureBlocks.BlockSize + lane);
            squares = T.MultiplyAdd(gated, gated, squares);
        }

        return squares;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T Dot, T Index) Greatest<T>(ReadOnlySpan<float> values, ClusterCenters centers, int dimension, int lane)
        where T : unmanaged, IFloatLanes<T>
    {
        ref readonly float first = ref values[lane];
        T best = T.Broadcast(0);
        T index = best;
        for (int k = 0; k < centers.Count; k += ClusterCenters.PerStep)
        {
            ReadOnlySpan<float> four = centers.Values.AsSpan(k * dimension, ClusterCenters.PerStep * dimension);
            T dot0 = T.Broadcast(0);
            T dot1 = dot0;
            T dot2 = dot0;
            T dot3 = dot0;
            for (int c = 0; c < dimension; c++)
            {
                T value = T.Load(in first, c * FeatureBlocks.BlockSize);
                dot0 = T.MultiplyAdd(value, T.Broadcast(four[c]), dot0);
                dot1 = T.MultiplyAdd(value, T.Broadcast(four[dimension + c]), dot1);
                dot2 = T.MultiplyAdd(value, T.Broadcast(four[2 * dimension + c]), dot2);
                dot3 = T.MultiplyAdd(value, T.Broadcast(four[3 * dimension + c]), dot3);
            }

            (best, index) = Greater(best, index, dot0, k);
            (best, index) = Greater(best, index, dot1, k + 1);
            (best, index) = Greater(best, index, dot2, k + 2);
            (best, index) = Greater(best, index, dot3, k + 3);
        }

        return (best, index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (T Dot, T Index) Greater<T>(T best, T index, T dot, int k)
        where T : unmanaged, IFloatLanes<T>
    {
        T isGreater = T.GreaterThan(dot, best);
        return (T.Select(isGreater, dot, best), T.Select(isGreater, T.Broadcast(k), index));
    }
}
