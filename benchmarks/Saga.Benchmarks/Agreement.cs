namespace Saga.Benchmarks;

/// <summary>A ratio means something only between two ways to the same result: setups compare the results and refuse others.</summary>
internal static class Agreement
{
    /// <summary>Compares floats.</summary>
    /// <param name="what">For the message.</param>
    /// <param name="reference">What the plain reference computed.</param>
    /// <param name="found">What the engine computed.</param>
    /// <param name="tolerance">Largest mean absolute difference, as a share of the reference's mean magnitude.</param>
    /// <exception cref="InvalidDataException">They differ by more.</exception>
    public static void Require(string what, ReadOnlySpan<float> reference, ReadOnlySpan<float> found, double tolerance)
    {
        double difference = 0;
        double magnitude = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            difference += Math.Abs(reference[i] - (double)found[i]);
            magnitude += Math.Abs(reference[i]);
        }

        if (!(difference <= tolerance * magnitude))
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"{what}: the reference and the engine differ by {difference / magnitude:0.0e+0} of the magnitude; {tolerance:0.0e+0} is allowed."));
        }
    }
}
