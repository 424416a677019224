namespace Saga.Engine.Compute.OpenCl;

/// <summary>Holds a device's arithmetic to the host's before anything is computed on it: no query says whether a compiler fuses what it was told not to.</summary>
internal static class ArithmeticProbe
{
    // Chosen so that a fused product differs in the last bits, and a product of [3] and [4] is below the smallest normal number.
    private static readonly float[] Singles = [1.2345678f, 3.3333333f, -4.1152253f, 1.1e-20f, 3.7e-20f, 5e-41f, 123_457f];
    private static readonly double[] Doubles = [1.234567890123456, 3.333333333333333, -7.77777777777, 0.529100529100529, 1e-3];

    /// <summary>What the device computes otherwise; null where it agrees.</summary>
    public static string? Difference(OpenClContext context)
    {
        using OpenClSession session = context.Rent();
        OpenClBuffer singles = session.Keep("probe singles", 8 * sizeof(float));
        OpenClBuffer doubles = session.Keep("probe doubles", 3 * sizeof(double));
        session.Run(
            "probe_arithmetic", 1, 1, session.Keep<float>("probe a", Singles), session.Keep<double>("probe b", Doubles), singles, doubles);
        float[] foundSingles = new float[8];
        double[] foundDoubles = new double[3];
        session.Read(singles, foundSingles.AsSpan());
        session.Read(doubles, foundDoubles.AsSpan());
        return Difference(foundSingles, foundDoubles);
    }

    /// <summary>Compares results with the host's.</summary>
    internal static string? Difference(ReadOnlySpan<float> singles, ReadOnlySpan<double> doubles)
    {
        float[] a = Singles;
        double[] b = Doubles;
        ReadOnlySpan<float> expected =
        [
            a[0] * a[1] + a[2], a[2] - a[0] * a[1], MathF.FusedMultiplyAdd(a[0], a[1], a[2]), a[0] / a[1], MathF.Sqrt(a[0]),
            a[3] * a[4], a[3] * a[4] + a[5], (int)a[6] * a[1],
        ];
        ReadOnlySpan<double> expectedDoubles = [b[0] * b[1] + b[2] * b[3] + b[4], b[0] / b[1], Math.Sqrt(b[0])];
        ReadOnlySpan<string> names =
        [
            "a product and a sum", "a product and a difference", "a fused product", "a division", "a root", "a small product",
            "a small product and a sum", "a whole number and a product",
        ];
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected[i]) != BitConverter.SingleToUInt32Bits(singles[i]))
            {
                return FormattableString.Invariant($"{names[i]} is {singles[i]:R} instead of {expected[i]:R}");
            }
        }

        for (int i = 0; i < expectedDoubles.Length; i++)
        {
            if (BitConverter.DoubleToUInt64Bits(expectedDoubles[i]) != BitConverter.DoubleToUInt64Bits(doubles[i]))
            {
                return FormattableString.Invariant($"in double precision {doubles[i]:R} was found instead of {expectedDoubles[i]:R}");
            }
        }

        return null;
    }
}
