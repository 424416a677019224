namespace Saga.Worker.Jobs;

/// <summary>How numbers are spread.</summary>
/// <param name="Edges">Ascending, one more than there are bins; the last belongs to the last bin.</param>
/// <param name="Counts">Numbers in each bin.</param>
/// <param name="Median">The middle number; of an even number of them the greater.</param>
internal sealed record Histogram(double[] Edges, int[] Counts, double Median)
{
    /// <summary>Bins of one width, not narrower than from one number to the next.</summary>
    /// <param name="values">Whole numbers.</param>
    /// <param name="bins">How many at most.</param>
    /// <returns>Null without numbers.</returns>
    public static Histogram? OfCounts(IReadOnlyList<int> values, int bins) => values.Count == 0 ? null : Make(
        [.. values.Select(value => (double)value)], Math.Min(bins, values.Max() - values.Min() + 1), value => value, edge => edge);

    /// <summary>Bins whose edges grow by one factor.</summary>
    /// <param name="values">Above 0.</param>
    /// <param name="bins">How many.</param>
    /// <returns>Null without numbers.</returns>
    public static Histogram? Geometric(IReadOnlyList<double> values, int bins) =>
        Make([.. values.Where(value => value > 0)], bins, Math.Log, Math.Exp);

    private static Histogram? Make(IReadOnlyList<double> values, int bins, Func<double, double> scale, Func<double, double> unscale)
    {
        if (values.Count == 0)
        {
            return null;
        }

        double[] sorted = [.. values.Order()];
        double low = scale(sorted[0]);
        double width = (scale(sorted[^1]) - low) / bins;
        if (!(width > 0))
        {
            // All alike: one bin.
            return new Histogram([sorted[0], sorted[^1]], [sorted.Length], sorted[0]);
        }

        int[] counts = new int[bins];
        foreach (double value in sorted)
        {
            counts[Math.Clamp((int)((scale(value) - low) / width), 0, bins - 1)]++;
        }

        double[] edges = [.. Enumerable.Range(0, bins + 1).Select(i => unscale(low + (i * width)))];
        (edges[0], edges[^1]) = (sorted[0], sorted[^1]);
        return new Histogram(edges, counts, sorted[sorted.Length / 2]);
    }
}
