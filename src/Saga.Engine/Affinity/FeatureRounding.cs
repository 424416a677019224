using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Affinity;

/// <summary>Affinity features in 16 bits a channel: what prompts score, and what a trained model consists of.</summary>
/// <remarks>
/// f ≈ s·k with whole numbers |k| ≤ 32512 = 127·256 and one step s per Gaussian, the smallest number of 8 significant bits for
/// which that is enough. So s·k is exact in float32, and the high byte of k, rounded, is an 8-bit feature. The channels of
/// greatest magnitude are rounded away from zero, the others to the nearest: the greatest then asks for the same step
/// again, and what was rounded once stays as it is. |f − s·k| ≤ s ≤ 3.1e-5 · max|f| for the greatest and half of
/// that for the others.
/// </remarks>
public static class FeatureRounding
{
    /// <summary>Greatest |k|: its high byte, rounded, is 127.</summary>
    internal const int MaxLevel = 127 * 256;

    // No gate gives a smaller feature a direction, and steps would lose their bits to underflow.
    private const float MinMagnitude = 1e-20f;

    // The greatest channel is rounded up and must stay finite.
    private const float MaxMagnitude = 1e38f;

    private const ushort NoNumber = 0x7FC0;
    private const int RowsPerBatch = 4096;

    /// <summary>Rounds features in place to what 16 bits hold; what is rounded already stays as it is.</summary>
    /// <param name="features">[count, dimension].</param>
    /// <param name="dimension">Channels.</param>
    public static void Round(float[] features, int dimension)
    {
        int count = features.Length / dimension;
        Parallel.For(0, (count + RowsPerBatch - 1) / RowsPerBatch, batch =>
        {
            Span<short> levels = stackalloc short[dimension];
            int end = Math.Min(count, (batch + 1) * RowsPerBatch);
            for (int i = batch * RowsPerBatch; i < end; i++)
            {
                Span<float> feature = features.AsSpan(i * dimension, dimension);
                float step = ToStep(ToLevels(feature, levels));
                for (int c = 0; c < dimension; c++)
                {
                    feature[c] = levels[c] * step;
                }
            }
        });
    }

    /// <summary>Rounds one feature.</summary>
    /// <param name="feature">The feature, [dimension].</param>
    /// <param name="levels">Receives k, [dimension].</param>
    /// <returns>
    /// The upper half of the step's float32; 0 with levels of 0 for a feature too short to have a direction, NaN for one that is
    /// not finite or longer than any that has a float32 norm.
    /// </returns>
    // Optimised at once: a process that just started reads a scene with it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static ushort ToLevels(ReadOnlySpan<float> feature, Span<short> levels)
    {
        float magnitude = MaxMagnitudeOf(feature);
        if (!(magnitude >= MinMagnitude && magnitude <= MaxMagnitude))
        {
            levels.Clear();
            return magnitude < MinMagnitude ? (ushort)0 : NoNumber;
        }

        ushort stepBits = SmallestStep(magnitude);
        float step = ToStep(stepBits);
        int greatest = (int)Math.Ceiling(magnitude / (double)step);
        ref float source = ref MemoryMarshal.GetReference(feature);
        ref short target = ref MemoryMarshal.GetReference(levels);
        int c = 0;
        for (; c <= feature.Length - Vector256<float>.Count; c += Vector256<float>.Count)
        {
            Vector256<float> values = Vector256.LoadUnsafe(ref source, (nuint)c);
            Vector256<int> rounded = Vector256.ConvertToInt32(Vector256.Round(values / Vector256.Create(step)));
            rounded = Vector256.ConditionalSelect(
                Vector256.Equals(values, Vector256.Create(magnitude)).AsInt32(), Vector256.Create(greatest), rounded);
            rounded = Vector256.ConditionalSelect(
                Vector256.Equals(values, Vector256.Create(-magnitude)).AsInt32(), Vector256.Create(-greatest), rounded);
            Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).StoreUnsafe(ref target, (nuint)c);
        }

        for (; c < feature.Length; c++)
        {
            levels[c] = (short)(MathF.Abs(feature[c]) == magnitude
                ? Math.Sign(feature[c]) * greatest
                : (int)MathF.Round(feature[c] / step));
        }

        return stepBits;
    }

    /// <summary>The step whose upper half this is.</summary>
    internal static float ToStep(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    // The smallest s of 8 significant bits with 32512·s ≥ magnitude; doubles hold the product exactly.
    private static ushort SmallestStep(float magnitude)
    {
        uint bits = (BitConverter.SingleToUInt32Bits(magnitude / MaxLevel) + 0xFFFF) >> 16;
        return (ushort)((double)ToStep((ushort)bits) * MaxLevel < magnitude ? bits + 1 : bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MaxMagnitudeOf(ReadOnlySpan<float> feature)
    {
        // Math.Max and the vectors' keep NaN, unlike a comparison.
        Vector256<float> greatest = default;
        int c = 0;
        for (; c <= feature.Length - Vector256<float>.Count; c += Vector256<float>.Count)
        {
            greatest = Vector256.Max(greatest, Vector256.Abs(Vector256.Create(feature[c..])));
        }

        float magnitude = 0;
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            magnitude = MathF.Max(magnitude, greatest[lane]);
        }

        for (; c < feature.Length; c++)
        {
            magnitude = MathF.Max(magnitude, MathF.Abs(feature[c]));
        }

        return magnitude;
    }
}
