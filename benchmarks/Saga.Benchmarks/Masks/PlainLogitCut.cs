using Saga.Engine.Masks.Generation.Sam;

namespace Saga.Benchmarks.Masks;

/// <summary>Masks out of logits as the definition reads: two bilinear enlargements, then three thresholds.</summary>
internal static class PlainLogitCut
{
    public static (byte[] Pixels, float Stability) Run(float[] logits, int width, int height)
    {
        var frame = SamFrame.Of(width, height);
        float[] square = Enlarge(logits, SamFrame.MaskSide, SamFrame.MaskSide, SamFrame.MaskSide, SamFrame.Side, SamFrame.Side);
        float[] full = Enlarge(square, SamFrame.Side, frame.ScaledWidth, frame.ScaledHeight, width, height);
        float certain = full.Count(value => value > 1);
        float possible = full.Count(value => value > -1);
        return ([.. full.Select(value => (byte)(value > 0 ? 1 : 0))], certain / possible);
    }

    /// <param name="source">Rows of <paramref name="stride"/> numbers.</param>
    /// <param name="stride">Numbers from a row to the next.</param>
    /// <param name="fromWidth">Columns that count.</param>
    /// <param name="fromHeight">Rows that count.</param>
    /// <param name="width">Columns wanted.</param>
    /// <param name="height">Rows wanted.</param>
    private static float[] Enlarge(float[] source, int stride, int fromWidth, int fromHeight, int width, int height)
    {
        float[] result = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            (int top, int bottom, float down) = Near(y, fromHeight, height);
            for (int x = 0; x < width; x++)
            {
                (int left, int right, float across) = Near(x, fromWidth, width);
                float above = source[top * stride + left] * (1 - across) + source[top * stride + right] * across;
                float below = source[bottom * stride + left] * (1 - across) + source[bottom * stride + right] * across;
                result[y * width + x] = above * (1 - down) + below * down;
            }
        }

        return result;
    }

    private static (int Before, int After, float Share) Near(int target, int from, int to)
    {
        float position = Math.Max(0, (target + 0.5f) * from / to - 0.5f);
        int before = Math.Min((int)position, from - 1);
        return (before, Math.Min(before + 1, from - 1), position - before);
    }
}
