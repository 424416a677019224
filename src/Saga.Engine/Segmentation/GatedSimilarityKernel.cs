using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>
/// Scores every Gaussian against a prompt, the cosine between its scale-gated affinity feature and each query (§7), and
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

    // Blocks of a parallel chunk: 512 KB of features at 32 channels, some 50 µs of reading.
    private const int BlocksPerChunk = 256;

    // Below this many feature bytes one core is done before a second one has started.
    private const int MinParallelFloats = 1 << 18;

    /// <summary>Selects with the widest vectors of the machine.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="threshold">Smallest cosine that counts, in [-1, 1].</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="selected">Receives one bit per Gaussian in engine order, [BlockCount]; padding bits are 0.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static void Run(
        FeatureBlocks features, GatedQueries queries, float threshold, int maxThreads, ushort[] selected,
        CancellationToken cancellationToken)
    {
        Debug.Assert(selected.Length >= features.BlockCount);
        int chunks = (features.BlockCount + BlocksPerChunk - 1) / BlocksPerChunk;
        if (maxThreads == 1 || features.Values.Length < MinParallelFloats)
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunChunk(features, queries, threshold, selected, chunk);
            }
        }
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = maxThreads, CancellationToken = cancellationToken };
            Parallel.For(0, chunks, options, chunk => RunChunk(features, queries, threshold, selected, chunk));
        }

        if (features.Count % FeatureBlocks.BlockSize != 0)
        {
            selected[features.BlockCount - 1] &= (ushort)((1 << (features.Count % FeatureBlocks.BlockSize)) - 1);
        }
    }

    private static void RunChunk(FeatureBlocks features, GatedQueries queries, float threshold, ushort[] selected, int chunk)
    {
        int start = chunk * BlocksPerChunk;
        RunBlocks(features, queries, threshold, start, selected.AsSpan(start, Math.Min(BlocksPerChunk, features.BlockCount - start)));
    }

    /// <summary>Scores some blocks on this thread.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="threshold">Smallest cosine that counts.</param>
    /// <param name="start">The first block.</param>
    /// <param name="bits">Receives 16 bits per block; padding counts as features of 0.</param>
    internal static void RunBlocks(
        FeatureBlocks features, GatedQueries queries, float threshold, int start, Span<ushort> bits)
    {
        ReadOnlySpan<float> values = features.Values.AsSpan(start * features.BlockFloats, bits.Length * features.BlockFloats);
        if (Vector512.IsHardwareAccelerated)
        {
            Run<Vector512<float>, Lanes512>(values, queries, threshold, bits);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Run<Vector256<float>, Lanes256>(values, queries, threshold, bits);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<Vector128<float>, Lanes128>(values, queries, threshold, bits);
        }
        else
        {
            Run<float, Lanes1>(values, queries, threshold, bits);
        }
    }

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Select<T, TLanes>(ref readonly float features, GatedQueries queries, T threshold)
        where T : struct
        where TLanes : IScoringLanes<T>
    {
        ReadOnlySpan<float> gate = queries.Gate;
        ReadOnlySpan<float> query = queries.Values.AsSpan(0, gate.Length);
        T best = default;
        T normSquared = default;
        for (int c = 0; c < gate.Length; c++)
        {
            T gated = TLanes.Multiply(
                TLanes.Load(in features, (nuint)(c * FeatureBlocks.BlockSize)), TLanes.Broadcast(gate[c]));
            best = TLanes.AddProduct(best, gated, TLanes.Broadcast(query[c]));
            normSquared = TLanes.AddProduct(normSquared, gated, gated);
        }

        for (int j = 1; j < queries.PositiveCount; j++)
        {
            best = TLanes.Max(best, Dot<T, TLanes>(in features, queries, j));
        }

        // All scores of a Gaussian share its norm, so the greatest dot product is the greatest cosine.
        T positive = TLanes.Cosine(best, normSquared);
        uint selected = TLanes.AtLeast(positive, threshold);
        if (queries.NegativeCount == 0 || selected == 0)
        {
            return selected;
        }

        T worst = Dot<T, TLanes>(in features, queries, queries.PositiveCount);
        for (int j = queries.PositiveCount + 1; j < queries.PositiveCount + queries.NegativeCount; j++)
        {
            worst = TLanes.Max(worst, Dot<T, TLanes>(in features, queries, j));
        }

        return selected & TLanes.Above(positive, TLanes.Cosine(worst, normSquared));
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
