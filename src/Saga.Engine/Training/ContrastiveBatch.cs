namespace Saga.Engine.Training;

/// <summary>
/// What the contrastive loss of one iteration is computed on: pixels of one view, the masks they lie in, and the sampled scales.
/// </summary>
/// <remarks>
/// Masks are numbered by ascending scale. At a scale s the masks below s are the numbers 0..k-1 (<see cref="MasksBelow"/>), so the
/// identity vector of a pixel (Eq. 6) is its membership bits below k plus its lowest bit at or above k.
/// </remarks>
public sealed class ContrastiveBatch
{
    /// <summary>Pixels.</summary>
    public required int PixelCount { get; init; }

    /// <summary>64-bit words of a membership set.</summary>
    public required int WordCount { get; init; }

    /// <summary>Membership of each pixel, [pixels, words]: bit m is set when mask m contains it.</summary>
    public required ulong[] Membership { get; init; }

    /// <summary>Mean area of the masks on each pixel, [pixels], in pixels of the view.</summary>
    public required float[] MeanMaskArea { get; init; }

    /// <summary>For each sampled scale, how many masks of the view are smaller than it, [scales].</summary>
    public required int[] MasksBelow { get; init; }

    /// <summary>The gate's quantile of each sampled scale, [scales], in [0, 1].</summary>
    public required double[] Quantiles { get; init; }

    /// <summary>Sampled scales.</summary>
    public int ScaleCount => MasksBelow.Length;

    /// <summary>The identity vector of a pixel at a scale (Eq. 6).</summary>
    /// <param name="pixel">Pixel.</param>
    /// <param name="masksBelow">k: masks 0..k-1 are smaller than the scale.</param>
    /// <param name="identity">Receives the bits, [words].</param>
    public void Identity(int pixel, int masksBelow, Span<ulong> identity)
    {
        ReadOnlySpan<ulong> member = Membership.AsSpan(pixel * WordCount, WordCount);
        bool found = false;
        for (int w = 0; w < member.Length; w++)
        {
            int split = Math.Clamp(masksBelow - w * 64, 0, 64);
            ulong below = split == 64 ? ulong.MaxValue : (1UL << split) - 1;
            ulong above = found ? 0 : member[w] & ~below;
            found |= above != 0;
            identity[w] = (member[w] & below) | (above & (~above + 1));
        }
    }

    /// <summary>The constants of the pair weight: w(i,j) = <c>Offset</c> + <c>Factor</c>·r_i·r_j with r = max m / m.</summary>
    /// <param name="ratios">Receives r, [pixels].</param>
    /// <remarks>
    /// A = m_i·m_j; the weight is max(A)/A brought to [1, 10]. max(A)/A = r_i·r_j, which runs from 1 to (max m / min m)².
    /// </remarks>
    public (float Offset, float Factor) PairWeights(Span<float> ratios)
    {
        float max = 0;
        float min = float.MaxValue;
        for (int p = 0; p < PixelCount; p++)
        {
            max = Math.Max(max, MeanMaskArea[p]);
            min = Math.Min(min, MeanMaskArea[p]);
        }

        for (int p = 0; p < PixelCount; p++)
        {
            ratios[p] = max / MeanMaskArea[p];
        }

        double range = (double)max / min * max / min - 1;
        if (range < 1e-6)
        {
            return (1, 0);
        }

        double factor = 9 / range;
        return ((float)(1 - factor), (float)factor);
    }

    /// <summary>Words needed for a number of masks.</summary>
    public static int WordsFor(int maskCount) => Math.Max(1, (maskCount + 63) / 64);
}
