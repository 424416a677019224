namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// Along one side, how a pixel of the picture is blended from the decoder's 256: three neighbours and their weights.
/// </summary>
/// <remarks>
/// As published, logits are enlarged twice, bilinearly and without antialiasing: from 256 to the encoder's 1024, then from the part of
/// those that the picture fills to the picture's size. Both steps are linear along each side, so they are one: a pixel takes two of the 1024,
/// each of which takes two of the 256, and those are at most three in a row.
/// </remarks>
internal sealed class UpscaleTaps
{
    /// <summary>Source pixels per target pixel.</summary>
    public const int Count = 3;

    private UpscaleTaps(int[] first, float[] weights)
    {
        First = first;
        Weights = weights;
    }

    /// <summary>The first source pixel of each target pixel, 0..253, never falling.</summary>
    public int[] First { get; }

    /// <summary>Weights of the three source pixels from the first on, [target, 3]; each row sums to 1.</summary>
    public float[] Weights { get; }

    /// <summary>Taps of one side.</summary>
    /// <param name="filled">Pixels of the 1024 that the picture fills along this side.</param>
    /// <param name="size">The picture's pixels along this side.</param>
    public static UpscaleTaps Of(int filled, int size)
    {
        int[] first = new int[size];
        float[] weights = new float[size * Count];
        for (int target = 0; target < size; target++)
        {
            (int fine, double fineShare) = Source(target, filled, size);
            (int low, double lowShare) = Source(fine, SamFrame.MaskSide, SamFrame.Side);
            (int high, double highShare) = Source(Math.Min(fine + 1, filled - 1), SamFrame.MaskSide, SamFrame.Side);

            // Moved back at the end of the side, so that three sources always exist.
            first[target] = Math.Min(low, SamFrame.MaskSide - Count);
            Span<float> row = weights.AsSpan(target * Count, Count);
            Add(row, low - first[target], lowShare, 1 - fineShare);
            Add(row, high - first[target], highShare, fineShare);
        }

        return new UpscaleTaps(first, weights);
    }

    /// <summary>The source pixel at or before the target's centre (half-pixel centres, clamped), and the share of the one after it.</summary>
    private static (int Before, double ShareAfter) Source(int target, int sourceSize, int targetSize)
    {
        double position = Math.Max(0, (target + 0.5) * sourceSize / targetSize - 0.5);
        int before = Math.Min((int)position, sourceSize - 1);
        return before == sourceSize - 1 ? (before, 0) : (before, position - before);
    }

    private static void Add(Span<float> row, int at, double shareAfter, double weight)
    {
        row[at] += (float)(weight * (1 - shareAfter));
        if (shareAfter > 0)
        {
            row[at + 1] += (float)(weight * shareAfter);
        }
    }
}
