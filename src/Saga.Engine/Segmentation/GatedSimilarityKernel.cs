using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Saga.Engine.Segmentation;

/// <summary>
/// Scores Gaussians against a prompt, the cosine between its scale-gated affinity feature and each query (§7), and
/// decides which are selected.
/// </summary>
/// <remarks>
/// score[i] = dot(g∘f_i, q) / ‖g∘f_i‖, where g is the scale gate and q is already gated and unit length. Selected: the
/// greatest score over positive queries ≥ threshold and > the greatest over negative queries. The norm is fused into the
/// pass of the first query; further queries find the block in the first-level cache. A lane is one Gaussian and products
/// are added in channel order without fused rounding, so every vector width and the scalar twin agree bit for bit.
/// </remarks>
internal static class GatedSimilarityKernel
{
    /// <summary>A squared gated norm at or below this has no direction; that Gaussian scores 0, never NaN.</summary>
    public const float MinNormSquared = 1e-24f;

    /// <summary>The traversal, once for every width.</summary>
    /// <param name="values">Features, [blocks, dimension, 16].</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="threshold">Smallest cosine that counts.</param>
    /// <param name="selected">Receives 16 bits per block, [blocks].</param>
    // Optimised at once: the first prompts of a process are a user's first impression.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<T, TLanes>(
        ReadOnlySpan<float> values, GatedQueries queries, float threshold, Span<ushort> selected)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        int blockFloats = queries.Gate.Length * FeatureBlocks.BlockSize;
        Debug.Assert(values.Length == selected.Length * blockFloats);
        T smallest = TLanes.Broadcast(threshold);
        for (int block = 0; block < selected.Length; block++)
        {
            uint bits = 0;
            for (int lane = 0; lane < FeatureBlocks.BlockSize; lane += TLanes.Width)
            {
                ref readonly float first = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), block * blockFloats + lane);
                bits |= Select<T, TLanes>(in first, queries, smallest) << lane;
            }

            selected[block] = (ushort)bits;
        }
    }

    /// <summary>The greatest cosine over the positive queries, for the Gaussians from one lane of a block on.</summary>
    /// <param name="features">The first of them, [dimension, 16].</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="normSquared">Receives ‖g∘f‖², which <see cref="GreatestNegative"/> takes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T GreatestPositive<T, TLanes>(ref readonly float features, GatedQueries queries, out T normSquared)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        ReadOnlySpan<float> gate = queries.Gate;
        ReadOnlySpan<float> query = queries.Values.AsSpan(0, gate.Length);
        T best = default;
        T squares = default;
        for (int c = 0; c < gate.Length; c++)
        {
            T gated = TLanes.Multiply(
                TLanes.Load(in features, (nuint)(c * FeatureBlocks.BlockSize)), TLanes.Broadcast(gate[c]));
            best = TLanes.AddProduct(best, gated, TLanes.Broadcast(query[c]));
            squares = TLanes.AddProduct(squares, gated, gated);
        }

        for (int j = 1; j < queries.PositiveCount; j++)
        {
            best = TLanes.Max(best, Dot<T, TLanes>(in features, queries, j));
        }

        // All scores of a Gaussian share its norm, so the greatest dot product is the greatest cosine.
        normSquared = squares;
        return TLanes.Cosine(best, squares);
    }

    /// <summary>The greatest cosine over the negative queries, of which there is at least one.</summary>
    /// <param name="features">The first Gaussian, [dimension, 16].</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="normSquared">‖g∘f‖².</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T GreatestNegative<T, TLanes>(ref readonly float features, GatedQueries queries, T normSquared)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        T worst = Dot<T, TLanes>(in features, queries, queries.PositiveCount);
        for (int j = queries.PositiveCount + 1; j < queries.PositiveCount + queries.NegativeCount; j++)
        {
            worst = TLanes.Max(worst, Dot<T, TLanes>(in features, queries, j));
        }

        return TLanes.Cosine(worst, normSquared);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Select<T, TLanes>(ref readonly float features, GatedQueries queries, T threshold)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        T positive = GreatestPositive<T, TLanes>(in features, queries, out T normSquared);
        uint selected = TLanes.AtLeast(positive, threshold);
        return queries.NegativeCount == 0 || selected == 0
            ? selected
            : selected & TLanes.Above(positive, GreatestNegative<T, TLanes>(in features, queries, normSquared));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Dot<T, TLanes>(ref readonly float features, GatedQueries queries, int j)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        ReadOnlySpan<float> gate = queries.Gate;
        ReadOnlySpan<float> query = queries.Values.AsSpan(j * gate.Length, gate.Length);
        T dot = default;
        for (int c = 0; c < gate.Length; c++)
        {
            T gated = TLanes.Multiply(
                TLanes.Load(in features, (nuint)(c * FeatureBlocks.BlockSize)), TLanes.Broadcast(gate[c]));
            dot = TLanes.AddProduct(dot, gated, TLanes.Broadcast(query[c]));
        }

        return dot;
    }
}
