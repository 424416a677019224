using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Saga.Engine.Segmentation;

/// <summary>
/// Scores Gaussians by their 8-bit features and says for which that is enough: the selection of
/// <see cref="GatedSimilarityKernel"/>, bit for bit, from half of the bytes that hold the features.
/// </summary>
/// <remarks>
/// (1) For a block of 16, d = λ·Σ m·k for every query and n² = Σ G·k², both exact whole numbers (<see cref="FilterBounds"/>);
/// norms are made anew, so a scale never asked before costs nothing (to read norms kept from an earlier prompt takes longer than
/// to make them, by a quarter where it was tried). (2) n·(d − t·n) beyond its bound decides. (3) A block
/// with a Gaussian that is not decided is decoded and scored in float32, whose answer counts.
/// </remarks>
internal static class SimilarityFilterKernel
{
    // Undecided blocks wait for the end of their round, so that what they need has arrived.
    private const int BlocksPerRound = 256;

    private const int CacheLine = 64;

    /// <summary>Selects with the widest vectors of the machine, on this thread.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="bounds">The same prompt in whole numbers; null to score everything in float32.</param>
    /// <param name="limits">What decides at this threshold, by <see cref="FeatureBlocks.OffChannels"/>.</param>
    /// <param name="threshold">Smallest cosine that counts, in [-1, 1].</param>
    /// <param name="start">The first block.</param>
    /// <param name="selected">Receives 16 bits per block; padding counts as features of 0.</param>
    /// <returns>How many blocks needed float32.</returns>
    public static int RunBlocks(
        FeatureBlocks features, GatedQueries queries, FilterBounds? bounds, FilterLimits[] limits, float threshold,
        int start, Span<ushort> selected)
    {
        if (FilterLanes512.IsSupported)
        {
            return Run<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(
                features, queries, bounds, limits, threshold, start, selected);
        }

        if (FilterLanes256.IsSupported)
        {
            return Run<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(
                features, queries, bounds, limits, threshold, start, selected);
        }

        if (FilterLanes128.IsSupported)
        {
            return Run<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(
                features, queries, bounds, limits, threshold, start, selected);
        }

        return Run<int, float, FilterLanes1, Lanes1>(features, queries, bounds, limits, threshold, start, selected);
    }

    /// <summary>The traversal, once for every width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static int Run<TInteger, TFloat, TFilter, TLanes>(
        FeatureBlocks features, GatedQueries queries, FilterBounds? bounds, FilterLimits[] limits, float threshold,
        int start, Span<ushort> selected)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
        where TLanes : IScoringLanes<TFloat>
    {
        Debug.Assert(start + selected.Length <= features.BlockCount && queries.Gate.Length == features.Dimension);
        ref sbyte high = ref MemoryMarshal.GetReference(features.High);
        Span<float> decoded = stackalloc float[features.PairCount * 2 * FeatureBlocks.BlockSize];
        Span<byte> undecided = stackalloc byte[BlocksPerRound];
        bool selectsZeros = threshold <= 0 && queries.NegativeCount == 0;
        int inexact = 0;
        for (int round = 0; round < selected.Length; round += BlocksPerRound)
        {
            int undecidedCount = 0;
            int end = Math.Min(BlocksPerRound, selected.Length - round);
            for (int b = 0; b < end; b++)
            {
                int block = start + round + b;
                uint inside = 0;
                uint decided = 0;
                if (bounds is not null)
                {
                    decided = features.Zeros[block];
                    ref readonly FilterLimits limit = ref limits[features.OffChannels[block]];

                    // NaN where the block has no steps, and then nothing is above it.
                    float smallestNorm = MathF.Max(limit.SmallestNorm, bounds.SmallestNorm / features.SmallestSteps[block]);
                    for (int lane = 0; lane < FeatureBlocks.BlockSize; lane += TLanes.Width)
                    {
                        ref sbyte first = ref Unsafe.Add(ref high, (nint)block * features.BlockBytes + 2 * lane);
                        (uint isIn, uint isOut) = Judge<TInteger, TFloat, TFilter, TLanes>(
                            ref first, queries, bounds, in limit, threshold, smallestNorm);
                        inside |= isIn << lane;
                        decided |= (isIn | isOut) << lane;
                    }
                }

                selected[round + b] = (ushort)(inside | (selectsZeros ? features.Zeros[block] : 0u));
                if (decided != 0xFFFF)
                {
                    undecided[undecidedCount++] = (byte)b;
                    Prefetch(features, block);
                }
            }

            foreach (byte b in undecided[..undecidedCount])
            {
                FeatureDecoder.Run<TInteger, TFloat, TFilter, TLanes>(
                    features, start + round + b, ref MemoryMarshal.GetReference(decoded));
                GatedSimilarityKernel.Run<TFloat, TLanes>(
                    decoded[..features.BlockFloats], queries, threshold, selected.Slice(round + b, 1));
            }

            inexact += undecidedCount;
        }

        return inexact;
    }

    // The other half of a block's bytes is on its way from memory while further blocks are judged.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch(FeatureBlocks features, int block)
    {
        if (Sse.IsSupported)
        {
            // The storage is pinned.
            var low = (sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(features.Low)) + (nint)block * features.BlockBytes;
            for (int line = 0; line < features.BlockBytes; line += CacheLine)
            {
                Sse.Prefetch1(low + line);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint IsIn, uint IsOut) Judge<TInteger, TFloat, TFilter, TLanes>(
        ref readonly sbyte block, GatedQueries queries, FilterBounds bounds, ref readonly FilterLimits limit,
        float threshold, float smallestNorm)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
        where TLanes : IScoringLanes<TFloat>
    {
        const int row = 2 * FeatureBlocks.BlockSize;
        ref int squareWeights = ref MemoryMarshal.GetArrayDataReference(bounds.SquareWeights);
        ref int dotWeights = ref MemoryMarshal.GetArrayDataReference(bounds.DotWeights);
        int pairCount = bounds.SquareWeights.Length;
        TInteger dot = default;
        TInteger squares0 = default;
        TInteger squares1 = default;
        TInteger squares2 = default;
        TInteger squares3 = default;
        for (int p = 0; p < pairCount; p += 4)
        {
            TInteger pairs0 = TFilter.LoadPairs(in block, (nuint)(p * row));
            TInteger pairs1 = TFilter.LoadPairs(in block, (nuint)((p + 1) * row));
            TInteger pairs2 = TFilter.LoadPairs(in block, (nuint)((p + 2) * row));
            TInteger pairs3 = TFilter.LoadPairs(in block, (nuint)((p + 3) * row));
            dot = TFilter.AddProducts(dot, pairs0, Unsafe.Add(ref dotWeights, p));
            dot = TFilter.AddProducts(dot, pairs1, Unsafe.Add(ref dotWeights, p + 1));
            dot = TFilter.AddProducts(dot, pairs2, Unsafe.Add(ref dotWeights, p + 2));
            dot = TFilter.AddProducts(dot, pairs3, Unsafe.Add(ref dotWeights, p + 3));
            squares0 = TFilter.AddProducts(squares0, TFilter.SquarePairs(pairs0), Unsafe.Add(ref squareWeights, p));
            squares1 = TFilter.AddProducts(squares1, TFilter.SquarePairs(pairs1), Unsafe.Add(ref squareWeights, p + 1));
            squares2 = TFilter.AddProducts(squares2, TFilter.SquarePairs(pairs2), Unsafe.Add(ref squareWeights, p + 2));
            squares3 = TFilter.AddProducts(squares3, TFilter.SquarePairs(pairs3), Unsafe.Add(ref squareWeights, p + 3));
        }

        // Four sums, as one would not fit 32 bits.
        TFloat norm = TLanes.SquareRoot(TLanes.Add(
            TLanes.Add(TFilter.ToFloat(squares0), TFilter.ToFloat(squares1)),
            TLanes.Add(TFilter.ToFloat(squares2), TFilter.ToFloat(squares3))));
        TFloat unit = TLanes.Broadcast(bounds.DotUnit);
        TFloat best = TLanes.Multiply(TFilter.ToFloat(dot), unit);
        for (int j = 1; j < queries.PositiveCount; j++)
        {
            best = TLanes.Max(best, TLanes.Multiply(Dot<TInteger, TFloat, TFilter>(in block, bounds, j), unit));
        }

        uint hasDirection = TLanes.Above(norm, TLanes.Broadcast(smallestNorm));
        TFloat distance = TLanes.Multiply(norm, TLanes.Subtract(best, TLanes.Multiply(TLanes.Broadcast(threshold), norm)));
        TFloat margin = TLanes.AddProduct(
            TLanes.Broadcast(limit.Constant), norm,
            TLanes.AddProduct(TLanes.Broadcast(limit.Linear), TLanes.Broadcast(bounds.RelativeError), norm));
        uint isIn = TLanes.Above(distance, margin) & hasDirection;
        uint isOut = TLanes.Above(TLanes.Subtract(default, distance), margin) & hasDirection;
        if (queries.NegativeCount == 0 || (isOut | ~hasDirection) == uint.MaxValue)
        {
            return (isIn, isOut);
        }

        TFloat worst = Dot<TInteger, TFloat, TFilter>(in block, bounds, queries.PositiveCount);
        for (int j = queries.PositiveCount + 1; j < queries.PositiveCount + queries.NegativeCount; j++)
        {
            worst = TLanes.Max(worst, Dot<TInteger, TFloat, TFilter>(in block, bounds, j));
        }

        TFloat lead = TLanes.Subtract(best, TLanes.Multiply(worst, unit));
        TFloat leadMargin = TLanes.AddProduct(TLanes.Broadcast(limit.Lead), TLanes.Broadcast(4 * bounds.RelativeError), norm);
        isIn &= TLanes.Above(lead, leadMargin);
        isOut |= TLanes.Above(TLanes.Subtract(default, lead), leadMargin) & hasDirection;
        return (isIn, isOut);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TFloat Dot<TInteger, TFloat, TFilter>(ref readonly sbyte block, FilterBounds bounds, int j)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
    {
        int pairCount = bounds.SquareWeights.Length;
        ref int weights = ref bounds.DotWeights[j * pairCount];
        TInteger dot = default;
        for (int p = 0; p < pairCount; p++)
        {
            dot = TFilter.AddProducts(
                dot, TFilter.LoadPairs(in block, (nuint)(p * 2 * FeatureBlocks.BlockSize)), Unsafe.Add(ref weights, p));
        }

        return TFilter.ToFloat(dot);
    }
}
