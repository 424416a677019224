using System.Runtime.InteropServices;

namespace Saga.Engine.Segmentation;

/// <summary>An 8-bit copy of the features for <see cref="SimilarityFilterKernel"/>, with what bounds its error.</summary>
/// <remarks>
/// f_i = s_i · (k_i + e_i), where k_i are whole numbers in [-127, 127], s_i = max|f_i| / 127 and each |e| ≤ ½. A cosine does
/// not depend on the length of f_i, so s_i is not kept: a Gaussian takes one byte a channel and 7/16 byte for its block.
/// </remarks>
internal sealed class QuantizedFeatures
{
    /// <summary>Greatest whole number of a channel.</summary>
    public const int MaxLevel = 127;

    /// <summary>Channels are padded with zeros to a multiple of this, so that the kernel has four equal sums.</summary>
    public const int PaddedTo = 8;

    // Features of greater magnitude may overflow the squares of the float32 score, which then has rules of its own.
    private const float MaxMagnitude = 1e15f;

    // Smaller ones have no direction in float32; their steps would underflow here.
    private const float MinMagnitude = 1e-20f;

    // One cache line: a row of 16 Gaussians never straddles two.
    private const int Alignment = 64;

    private readonly sbyte[] _storage;
    private readonly int _start;

    private QuantizedFeatures(int blockCount, int dimension)
    {
        PairCount = (dimension + PaddedTo - 1) / PaddedTo * (PaddedTo / 2);
        int length = checked(blockCount * BlockBytes);
        _storage = GC.AllocateArray<sbyte>(length + Alignment, pinned: true);
        _start = StartOf(_storage);
        SmallestSteps = new float[blockCount];
        OffChannels = new byte[blockCount];
        Zeros = new ushort[blockCount];
    }

    /// <summary>Pairs of channels, padding included; a multiple of 4.</summary>
    public int PairCount { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes => PairCount * 2 * FeatureBlocks.BlockSize;

    /// <summary>The whole numbers, [BlockCount, PairCount, 16, 2].</summary>
    public ReadOnlySpan<sbyte> Values => _storage.AsSpan(_start, _storage.Length - Alignment);

    /// <summary>The smallest s_i > 0 of a block, rounded down, [BlockCount]; NaN where the block must be scored in float32.</summary>
    public float[] SmallestSteps { get; }

    /// <summary>The greatest ⌈4·‖e_i‖²⌉ of a block, [BlockCount]: as many channels, each off by ½, explain the error.</summary>
    public byte[] OffChannels { get; }

    /// <summary>The Gaussians of a block whose feature is 0, one bit each, [BlockCount].</summary>
    public ushort[] Zeros { get; }

    /// <summary>Bytes that the copy takes.</summary>
    public long ByteCount => _storage.Length + SmallestSteps.Length * 7L;

    /// <summary>Copies features.</summary>
    public static QuantizedFeatures From(FeatureBlocks features)
    {
        var quantized = new QuantizedFeatures(features.BlockCount, features.Dimension);
        Parallel.For(0, features.BlockCount, block => quantized.Set(
            block, features.Values.AsSpan(block * features.BlockFloats, features.BlockFloats)));
        return quantized;
    }

    private void Set(int block, ReadOnlySpan<float> features)
    {
        Span<sbyte> levels = _storage.AsSpan(_start + block * BlockBytes, BlockBytes);
        float smallestStep = float.PositiveInfinity;
        double greatestError = 0;
        int zeros = 0;
        for (int lane = 0; lane < FeatureBlocks.BlockSize; lane++)
        {
            float magnitude = 0;
            for (int c = lane; c < features.Length; c += FeatureBlocks.BlockSize)
            {
                // Unlike a comparison, this keeps NaN.
                magnitude = MathF.Max(magnitude, MathF.Abs(features[c]));
            }

            if (magnitude == 0)
            {
                zeros |= 1 << lane;
            }
            else if (!(magnitude >= MinMagnitude && magnitude <= MaxMagnitude))
            {
                smallestStep = float.NaN;
            }
            else
            {
                double step = magnitude / (double)MaxLevel;
                smallestStep = MathF.Min(smallestStep, MathF.BitDecrement((float)step));
                greatestError = Math.Max(greatestError, Quantize(features, lane, step, levels));
            }
        }

        // Doubles measured the error; a millionth is far more than they are off by.
        OffChannels[block] = (byte)Math.Ceiling(4 * greatestError + 1e-6);
        SmallestSteps[block] = smallestStep;
        Zeros[block] = (ushort)zeros;
    }

    // Returns ‖e‖².
    private static double Quantize(ReadOnlySpan<float> features, int lane, double step, Span<sbyte> levels)
    {
        double errorSquared = 0;
        for (int c = 0; c < features.Length / FeatureBlocks.BlockSize; c++)
        {
            double exact = features[c * FeatureBlocks.BlockSize + lane] / step;
            double level = Math.Round(exact);
            errorSquared += (exact - level) * (exact - level);
            levels[(c / 2 * FeatureBlocks.BlockSize + lane) * 2 + c % 2] = (sbyte)level;
        }

        return errorSquared;
    }

    private static int StartOf(sbyte[] pinned)
    {
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        return (int)(-address & (Alignment - 1));
    }
}
