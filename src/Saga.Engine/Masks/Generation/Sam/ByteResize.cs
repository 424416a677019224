namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// Resizes 8-bit pictures as Pillow's bilinear filter does, which is what SAM was trained and published with: a triangle as wide as
/// a source or a target pixel, whichever is larger, so that reducing averages; rows first, then columns, each rounded to bytes.
/// </summary>
/// <remarks>
/// Weights are fixed-point with 22 fractional bits, so the result is the same on every machine, and Pillow's bit for bit.
/// </remarks>
internal static class ByteResize
{
    private const int FractionBits = 22;

    /// <summary>Resizes a picture.</summary>
    /// <param name="pixels">[height, width, 3].</param>
    /// <param name="width">Width of the source.</param>
    /// <param name="height">Height of the source.</param>
    /// <param name="newWidth">Width wanted.</param>
    /// <param name="newHeight">Height wanted.</param>
    /// <returns>[newHeight, newWidth, 3]; the source itself where nothing changes.</returns>
    public static byte[] Rgb(byte[] pixels, int width, int height, int newWidth, int newHeight)
    {
        byte[] wide = newWidth == width ? pixels : Horizontal(pixels, width, height, newWidth);
        return newHeight == height ? wide : Vertical(wide, newWidth, height, newHeight);
    }

    private static byte[] Horizontal(byte[] pixels, int width, int height, int newWidth)
    {
        Taps taps = Taps.Of(width, newWidth);
        byte[] result = new byte[3 * height * newWidth];
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = pixels.AsSpan(3 * y * width, 3 * width);
            Span<byte> target = result.AsSpan(3 * y * newWidth, 3 * newWidth);
            for (int x = 0; x < newWidth; x++)
            {
                int red = 1 << (FractionBits - 1), green = red, blue = red;
                int source = 3 * taps.First[x];
                foreach (int weight in taps.WeightsOf(x))
                {
                    red += row[source] * weight;
                    green += row[source + 1] * weight;
                    blue += row[source + 2] * weight;
                    source += 3;
                }

                target[3 * x] = ToByte(red);
                target[3 * x + 1] = ToByte(green);
                target[3 * x + 2] = ToByte(blue);
            }
        }

        return result;
    }

    private static byte[] Vertical(byte[] pixels, int width, int height, int newHeight)
    {
        Taps taps = Taps.Of(height, newHeight);
        int stride = 3 * width;
        byte[] result = new byte[stride * newHeight];
        int[] sums = new int[stride];
        for (int y = 0; y < newHeight; y++)
        {
            Array.Fill(sums, 1 << (FractionBits - 1));
            int source = taps.First[y];
            foreach (int weight in taps.WeightsOf(y))
            {
                ReadOnlySpan<byte> row = pixels.AsSpan(source++ * stride, stride);
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += row[i] * weight;
                }
            }

            Span<byte> target = result.AsSpan(y * stride, stride);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = ToByte(sums[i]);
            }
        }

        return result;
    }

    private static byte ToByte(int sum) => (byte)Math.Clamp(sum >> FractionBits, 0, 255);

    /// <summary>Which source pixels make a target pixel, along one side.</summary>
    private readonly record struct Taps(int[] First, int[] Counts, int[] Weights, int MaxCount)
    {
        public ReadOnlySpan<int> WeightsOf(int target) => Weights.AsSpan(target * MaxCount, Counts[target]);

        /// <summary>
        /// Target pixel t is centred at c = (t + ½)·s with s = source/target; source pixel i weighs max(0, 1 - |i + ½ - c| / max(1, s)).
        /// </summary>
        public static Taps Of(int source, int target)
        {
            double scale = (double)source / target;
            double reach = Math.Max(1, scale);
            int maxCount = (int)Math.Ceiling(reach) * 2 + 1;
            var taps = new Taps(new int[target], new int[target], new int[target * maxCount], maxCount);
            Span<double> weights = stackalloc double[Math.Min(maxCount, 64)];
            if (maxCount > weights.Length)
            {
                weights = new double[maxCount];
            }

            for (int t = 0; t < target; t++)
            {
                double center = (t + 0.5) * scale;
                int first = Math.Max(0, (int)(center - reach + 0.5));
                int count = Math.Min(source, (int)(center + reach + 0.5)) - first;
                double sum = 0;
                for (int i = 0; i < count; i++)
                {
                    weights[i] = Math.Max(0, 1 - Math.Abs((first + i - center + 0.5) * (1 / reach)));
                    sum += weights[i];
                }

                taps.First[t] = first;
                taps.Counts[t] = count;
                for (int i = 0; i < count; i++)
                {
                    taps.Weights[t * maxCount + i] = (int)(weights[i] * (1 / sum) * (1 << FractionBits) + 0.5);
                }
            }

            return taps;
        }
    }
}
