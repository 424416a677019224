namespace Saga.Engine.Segmentation;

/// <summary>Divides the scales into a few ranges in which the selection hardly changes, and chooses one scale to stand for each.</summary>
/// <remarks>
/// The ranges are those that lose least, where the loss of a scale is 1 − IoU between its selection and that of the scale that
/// stands for it. A plateau loses nothing and so stays whole; the scales between two plateaus, where the selection grows, go to
/// the nearer one. Found exactly, by dynamic programming over where ranges end.
/// </remarks>
internal static class Granularities
{
    /// <summary>Most ranges.</summary>
    public const int MaxCount = 5;

    /// <summary>Selections from this IoU on are one to a person who looks at them.</summary>
    private const double Alike = 0.95;

    /// <summary>Losses are sums of a few roundings; a tie within this goes to the middle of a range.</summary>
    private const double Tie = 1e-9;

    /// <summary>One range.</summary>
    /// <param name="Step">The scale that stands for it.</param>
    /// <param name="First">Its finest scale.</param>
    /// <param name="Last">Its coarsest scale.</param>
    /// <param name="Width">How many scales it has: those between the two at which anything is selected.</param>
    /// <param name="MeanIou">Mean IoU of their selections with that of <paramref name="Step"/>.</param>
    public readonly record struct Range(int Step, int First, int Last, int Width, double MeanIou);

    /// <summary>Chooses the ranges, fine to coarse.</summary>
    /// <param name="overlaps">IoU of the selections at any two scales, [scales, scales]; 0 on the diagonal where nothing is selected.</param>
    public static IReadOnlyList<Range> Choose(double[,] overlaps)
    {
        int[] steps = [.. Enumerable.Range(0, overlaps.GetLength(0)).Where(s => overlaps[s, s] > 0)];
        if (steps.Length == 0)
        {
            return [];
        }

        (double Loss, int Best)[,] ranges = AllRanges(overlaps, steps);
        List<int> distinct;
        int count = Math.Min(MaxCount, steps.Length);

        // A plateau that was cut because there were more ranges than plateaus is put together again.
        for (; (distinct = Distinct(overlaps, Chosen(ranges, count))).Count < count; count = distinct.Count)
        {
        }

        return Gather(overlaps, steps, distinct);
    }

    // [first, last] of the usable scales: what the range loses, and the scale that loses least.
    private static (double Loss, int Best)[,] AllRanges(double[,] overlaps, int[] steps)
    {
        var ranges = new (double Loss, int Best)[steps.Length, steps.Length];
        for (int first = 0; first < steps.Length; first++)
        {
            for (int last = first; last < steps.Length; last++)
            {
                double least = double.PositiveInfinity;
                int best = first;
                for (int candidate = first; candidate <= last; candidate++)
                {
                    double loss = 0;
                    for (int s = first; s <= last; s++)
                    {
                        loss += 1 - overlaps[steps[candidate], steps[s]];
                    }

                    bool isMoreCentral = Math.Abs(2 * candidate - first - last) < Math.Abs(2 * best - first - last);
                    if (loss < least - Tie || (loss <= least + Tie && isMoreCentral))
                    {
                        (least, best) = (loss, candidate);
                    }
                }

                ranges[first, last] = (least, steps[best]);
            }
        }

        return ranges;
    }

    // The scales that stand for the best so many ranges.
    private static List<int> Chosen((double Loss, int Best)[,] ranges, int count)
    {
        var chosen = new List<int>();
        int start = 0;
        foreach (int end in Divide(ranges, count))
        {
            chosen.Add(ranges[start, end].Best);
            start = end + 1;
        }

        return chosen;
    }

    // The last scale of each of so many ranges.
    private static int[] Divide((double Loss, int Best)[,] ranges, int count)
    {
        int length = ranges.GetLength(0);
        var losses = new double[count, length];
        var starts = new int[count, length];
        for (int last = 0; last < length; last++)
        {
            losses[0, last] = ranges[0, last].Loss;
            for (int k = 1; k < count; k++)
            {
                losses[k, last] = double.PositiveInfinity;
                for (int first = k; first <= last; first++)
                {
                    double loss = losses[k - 1, first - 1] + ranges[first, last].Loss;
                    if (loss < losses[k, last])
                    {
                        (losses[k, last], starts[k, last]) = (loss, first);
                    }
                }
            }
        }

        var ends = new int[count];
        for (int k = count - 1, last = length - 1; k >= 0; last = starts[k, last] - 1, k--)
        {
            ends[k] = last;
        }

        return ends;
    }

    private static List<int> Distinct(double[,] overlaps, List<int> chosen)
    {
        var distinct = new List<int>();
        foreach (int step in chosen)
        {
            if (!distinct.Exists(earlier => overlaps[earlier, step] >= Alike))
            {
                distinct.Add(step);
            }
        }

        return distinct;
    }

    // Between two chosen scales the border lies where both ranges together lose least.
    private static Range[] Gather(double[,] overlaps, int[] steps, List<int> chosen)
    {
        var ranges = new Range[chosen.Count];
        int first = 0;
        for (int c = 0; c < chosen.Count; c++)
        {
            int end = c + 1 < chosen.Count ? Border(overlaps, steps, chosen[c], chosen[c + 1]) : steps.Length;
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                sum += overlaps[chosen[c], steps[i]];
            }

            ranges[c] = new Range(chosen[c], steps[first], steps[end - 1], end - first, sum / (end - first));
            first = end;
        }

        return ranges;
    }

    // The place in steps at which the coarser of two ranges begins.
    private static int Border(double[,] overlaps, int[] steps, int finer, int coarser)
    {
        int begin = Array.IndexOf(steps, finer) + 1;
        int end = Array.IndexOf(steps, coarser);
        int border = begin;
        double most = 0;
        double gained = 0;
        for (int i = begin; i < end; i++)
        {
            gained += overlaps[finer, steps[i]] - overlaps[coarser, steps[i]];
            if (gained > most)
            {
                (most, border) = (gained, i + 1);
            }
        }

        return border;
    }
}
