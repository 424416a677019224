namespace Saga.Engine.Affinity;

/// <summary>
/// The map from a mask scale in world units to the gate's [0, 1]: the empirical distribution of all mask scales of all
/// training views, piecewise linear over at most <see cref="MaxKnots"/> knots, clamped at both ends.
/// </summary>
public sealed class ScaleQuantiles
{
    /// <summary>Most knots kept.</summary>
    public const int MaxKnots = 1000;

    /// <summary>Restores a map from saved knots.</summary>
    /// <param name="knots">Scales in world units at the evenly spaced quantiles 0 … 1, ascending, at least one.</param>
    public ScaleQuantiles(double[] knots)
    {
        ArgumentOutOfRangeException.ThrowIfZero(knots.Length);
        for (int i = 0; i < knots.Length; i++)
        {
            if (!double.IsFinite(knots[i]) || (i > 0 && knots[i] < knots[i - 1]))
            {
                throw new ArgumentException($"Knot {i} is {knots[i]}; knots are finite and ascending.", nameof(knots));
            }
        }

        Knots = knots;
    }

    /// <summary>Scales in world units at quantiles i/(count-1), ascending.</summary>
    public double[] Knots { get; }

    /// <summary>Builds the map from the scales of all masks.</summary>
    public static ScaleQuantiles FromScales(IEnumerable<double> scales)
    {
        double[] sorted = [.. scales];
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Length, nameof(scales));
        Array.Sort(sorted);
        if (sorted.Length <= MaxKnots)
        {
            return new ScaleQuantiles(sorted);
        }

        var knots = new double[MaxKnots];
        for (int i = 0; i < MaxKnots; i++)
        {
            knots[i] = At(sorted, (double)i / (MaxKnots - 1));
        }

        return new ScaleQuantiles(knots);
    }

    /// <summary>Quantile of a scale.</summary>
    /// <param name="scale">World units.</param>
    /// <returns>q in [0, 1]; 0 at and below the smallest mask, 1 at and above the largest.</returns>
    public double ToQuantile(double scale)
    {
        double[] knots = Knots;
        int last = knots.Length - 1;
        if (scale <= knots[0])
        {
            return 0;
        }

        if (scale >= knots[last])
        {
            return 1;
        }

        // The first knot above the scale; equal knots collapse to the last of them, so the map stays a function.
        int low = 0;
        int high = last;
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            (low, high) = knots[middle] <= scale ? (middle, high) : (low, middle);
        }

        double width = knots[high] - knots[low];
        return (low + (width > 0 ? (scale - knots[low]) / width : 0)) / last;
    }

    /// <summary>Scale at a quantile: the inverse of <see cref="ToQuantile"/>.</summary>
    /// <param name="quantile">q in [0, 1].</param>
    /// <returns>World units.</returns>
    public double ToScale(double quantile) => At(Knots, quantile);

    private static double At(double[] sorted, double quantile)
    {
        double position = Math.Clamp(quantile, 0, 1) * (sorted.Length - 1);
        int low = (int)position;
        int high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + (position - low) * (sorted[high] - sorted[low]);
    }
}
