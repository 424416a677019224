using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Affinity;

namespace Saga.Engine.Segmentation;

/// <summary>Affinity features laid out for scoring all Gaussians: 16 bits a channel, blocks of 16 Gaussians, two planes of bytes.</summary>
/// <remarks>
/// f = s·k as <see cref="FeatureRounding"/> has it, and k = 256·h + l with h and l in a byte each. The plane of h is read in
/// order by <see cref="SimilarityFilterKernel"/>, for which f = 256·s·(h + e) with |e| = |l|/256 ≤ ½; l, and the float32 that
/// both make exactly, are wanted only for blocks that h does not decide. A Gaussian takes two bytes a channel, two for its
/// step and 7/16 for its block. The last block is padded with zeros, which score 0.
/// </remarks>
public sealed class FeatureBlocks
{
    /// <summary>Gaussians of a block.</summary>
    public const int BlockSize = 16;

    /// <summary>Greatest |h|.</summary>
    internal const int MaxHighLevel = 127;

    /// <summary>Channels are padded with zeros to a multiple of this, so that the kernel has four equal sums.</summary>
    internal const int PaddedTo = 8;

    // Features of greater magnitude may overflow the squares of the float32 score, which then has rules of its own.
    private const float MaxFilteredMagnitude = 1e15f;

    // One cache line: a row of 16 Gaussians never straddles two.
    private const int Alignment = 64;

    // An array each: one would end at half as many Gaussians.
    private readonly sbyte[] _high;
    private readonly sbyte[] _low;
    private readonly int _highStart;
    private readonly int _lowStart;
    private readonly int _planeBytes;

    /// <summary>Makes room for features; each is zero until it is set.</summary>
    internal FeatureBlocks(int count, int dimension)
    {
        Count = count;
        Dimension = dimension;
        PairCount = (dimension + PaddedTo - 1) / PaddedTo * (PaddedTo / 2);
        _planeBytes = checked(BlockCount * BlockBytes);
        (_high, _highStart) = Aligned(_planeBytes);
        (_low, _lowStart) = Aligned(_planeBytes);
        Steps = new ushort[BlockCount * BlockSize];
        SmallestSteps = new float[BlockCount];
        OffChannels = new byte[BlockCount];
        Zeros = new ushort[BlockCount];
        SmallestSteps.AsSpan().Fill(float.PositiveInfinity);
        Zeros.AsSpan().Fill(ushort.MaxValue);
    }

    /// <summary>Number of Gaussians.</summary>
    public int Count { get; }

    /// <summary>Channels of a feature.</summary>
    public int Dimension { get; }

    /// <summary>Number of blocks, ⌈Count / 16⌉.</summary>
    public int BlockCount => (Count + BlockSize - 1) / BlockSize;

    /// <summary>Bytes that the features take.</summary>
    public long ByteCount => (long)_high.Length + _low.Length + 2L * Steps.Length + 7L * BlockCount;

    /// <summary>Pairs of channels, padding included; a multiple of 4.</summary>
    internal int PairCount { get; }

    /// <summary>Bytes of a block in one plane.</summary>
    internal int BlockBytes => PairCount * 2 * BlockSize;

    /// <summary>Floats of a decoded block, [Dimension, 16].</summary>
    internal int BlockFloats => Dimension * BlockSize;

    /// <summary>h, [BlockCount, PairCount, 16, 2].</summary>
    internal ReadOnlySpan<sbyte> High => _high.AsSpan(_highStart, _planeBytes);

    /// <summary>l, [BlockCount, PairCount, 16, 2].</summary>
    internal ReadOnlySpan<sbyte> Low => _low.AsSpan(_lowStart, _planeBytes);

    /// <summary>Upper halves of s as float32, [BlockCount, 16]; NaN for features that are no numbers.</summary>
    internal ushort[] Steps { get; }

    /// <summary>The smallest 256·s > 0 of a block, [BlockCount]; NaN where the block must be scored in float32.</summary>
    internal float[] SmallestSteps { get; }

    /// <summary>The greatest ⌈4·‖e‖²⌉ of a block, [BlockCount]: as many channels, each off by ½, explain the error.</summary>
    internal byte[] OffChannels { get; }

    /// <summary>The Gaussians of a block whose feature is 0, one bit each, [BlockCount].</summary>
    internal ushort[] Zeros { get; }

    /// <summary>Lays out the features of a model, rounded to 16 bits. The model's own array is not needed afterwards.</summary>
    public static FeatureBlocks From(AffinityModel model)
    {
        var blocks = new FeatureBlocks(model.Count, model.Dimension);
        Parallel.For(0, blocks.BlockCount, block =>
        {
            int end = Math.Min(model.Count, (block + 1) * BlockSize);
            for (int i = block * BlockSize; i < end; i++)
            {
                blocks.Set(i, model.Features.AsSpan(i * model.Dimension, model.Dimension));
            }
        });
        return blocks;
    }

    /// <summary>Adds a multiple of one Gaussian's feature to a sum: feature rendering, one contribution at a time.</summary>
    /// <param name="index">Engine index.</param>
    /// <param name="weight">Blending weight.</param>
    /// <param name="sum">Receives += weight · feature, [Dimension].</param>
    public void AddTo(int index, float weight, Span<float> sum)
    {
        float step = FeatureRounding.ToStep(Steps[index]);
        ReadOnlySpan<sbyte> high = High.Slice(index / BlockSize * BlockBytes, BlockBytes);
        ReadOnlySpan<sbyte> low = Low.Slice(index / BlockSize * BlockBytes, BlockBytes);
        for (int c = 0; c < Dimension; c++)
        {
            int at = Position(c, index % BlockSize);
            sum[c] += weight * ((256 * high[at] + low[at]) * step);
        }
    }

    /// <summary>Stores one feature, once. Not for two threads in the same block.</summary>
    /// <param name="index">Engine index.</param>
    /// <param name="feature">The feature, [Dimension]; is rounded to 16 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Set(int index, ReadOnlySpan<float> feature)
    {
        Span<short> levels = stackalloc short[Dimension];
        ushort bits = FeatureRounding.ToLevels(feature, levels);
        Steps[index] = bits;
        if (bits == 0)
        {
            return;
        }

        int block = index / BlockSize;
        int lane = index % BlockSize;
        Span<sbyte> high = _high.AsSpan(_highStart + block * BlockBytes, BlockBytes);
        Span<sbyte> low = _low.AsSpan(_lowStart + block * BlockBytes, BlockBytes);
        int error = Split(levels, lane, high, low);

        // 4·‖e‖² = 4·Σ l²/256².
        OffChannels[block] = Math.Max(OffChannels[block], (byte)((error + (1 << 14) - 1) >> 14));
        Zeros[block] &= (ushort)~(1 << lane);

        // Comparisons with NaN are false, and MathF.Min keeps it.
        float step = 256 * FeatureRounding.ToStep(bits);
        SmallestSteps[block] = MathF.Min(SmallestSteps[block], step * MaxHighLevel <= MaxFilteredMagnitude ? step : float.NaN);
    }

    private static (sbyte[] Array, int Start) Aligned(int bytes)
    {
        sbyte[] array = GC.AllocateArray<sbyte>(checked(bytes + Alignment), pinned: true);
        return (array, (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Alignment - 1)));
    }

    // Returns Σ l².
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Split(ReadOnlySpan<short> levels, int lane, Span<sbyte> high, Span<sbyte> low)
    {
        int error = 0;
        for (int c = 0; c < levels.Length; c++)
        {
            int h = (levels[c] + 128) >> 8;
            int l = levels[c] - 256 * h;
            int at = Position(c, lane);
            high[at] = (sbyte)h;
            low[at] = (sbyte)l;
            error += l * l;
        }

        return error;
    }

    private static int Position(int channel, int lane) => (channel / 2 * BlockSize + lane) * 2 + channel % 2;
}
