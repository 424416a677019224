using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>Says how similar Gaussians are to a prompt, one byte each, in the order of the uploaded file.</summary>
/// <remarks>
/// value[i] = ⌊255·max(0, s) + ½⌋ with s the greatest cosine over the positive queries; 0 where the greatest over the negative
/// ones is not below it. Scores are those of <see cref="GatedSimilarityKernel"/>, bit for bit: a block of 16 is decoded into the
/// first-level cache, scored there, and its bytes go where the file has the records, so features are read once and nothing
/// of the scene's size is written but the answer.
/// </remarks>
internal static class SimilarityKernel
{
    /// <summary>The byte of a cosine of 1.</summary>
    private const float Full = 255;

    /// <summary>Scores with the widest vectors of the machine, on this thread.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="queries">The prompt at its scale.</param>
    /// <param name="fileIndices">File record of each Gaussian, [features.Count].</param>
    /// <param name="start">The first block.</param>
    /// <param name="length">Number of blocks.</param>
    /// <param name="values">Receives the bytes of these Gaussians, file order; the others stay.</param>
    public static void RunBlocks(
        FeatureBlocks features, GatedQueries queries, int[] fileIndices, int start, int length, Span<byte> values)
    {
        if (FilterLanes512.IsSupported)
        {
            Run<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(features, queries, fileIndices, start, length, values);
        }
        else if (FilterLanes256.IsSupported)
        {
            Run<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(features, queries, fileIndices, start, length, values);
        }
        else if (FilterLanes128.IsSupported)
        {
            Run<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(features, queries, fileIndices, start, length, values);
        }
        else
        {
            Run<int, float, FilterLanes1, Lanes1>(features, queries, fileIndices, start, length, values);
        }
    }

    /// <summary>The traversal, once for every width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TInteger, TFloat, TFilter, TLanes>(
        FeatureBlocks features, GatedQueries queries, int[] fileIndices, int start, int length, Span<byte> values)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
        where TLanes : IScoringLanes<TFloat>
    {
        Debug.Assert(start + length <= features.BlockCount && queries.Gate.Length == features.Dimension);
        Debug.Assert(fileIndices.Length == features.Count);
        Span<float> decoded = stackalloc float[features.PairCount * 2 * FeatureBlocks.BlockSize];
        Span<float> scaled = stackalloc float[FeatureBlocks.BlockSize];
        ref float block = ref MemoryMarshal.GetReference(decoded);
        TFloat full = TLanes.Broadcast(Full);
        TFloat half = TLanes.Broadcast(0.5f);
        for (int b = start; b < start + length; b++)
        {
            FeatureDecoder.Run<TInteger, TFloat, TFilter, TLanes>(features, b, ref block);
            uint counts = 0;
            for (int lane = 0; lane < FeatureBlocks.BlockSize; lane += TLanes.Width)
            {
                ref float first = ref Unsafe.Add(ref block, lane);
                TFloat positive = GatedSimilarityKernel.GreatestPositive<TFloat, TLanes>(in first, queries, out TFloat normSquared);
                uint above = TLanes.Above(positive, default);
                if (queries.NegativeCount > 0)
                {
                    above &= TLanes.Above(
                        positive, GatedSimilarityKernel.GreatestNegative<TFloat, TLanes>(in first, queries, normSquared));
                }

                counts |= above << lane;
                TLanes.Store(
                    TLanes.Add(TLanes.Multiply(positive, full), half), ref MemoryMarshal.GetReference(scaled), (nuint)lane);
            }

            // What does not count, NaN too, is 0; what counts is in (0, 255.5].
            ReadOnlySpan<int> records = fileIndices.AsSpan(
                b * FeatureBlocks.BlockSize, Math.Min(FeatureBlocks.BlockSize, features.Count - b * FeatureBlocks.BlockSize));
            for (int i = 0; i < records.Length; i++)
            {
                values[records[i]] = (byte)((int)scaled[i] & -(int)(counts >> i & 1));
            }
        }
    }
}
