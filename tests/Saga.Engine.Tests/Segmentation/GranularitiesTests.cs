using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

public class GranularitiesTests
{
    [Fact]
    public void Three_plateaus_give_three_candidates_in_their_middles()
    {
        IReadOnlyList<Granularities.Range> ranges = Granularities.Choose(Nested([.. Repeat(10, 8), .. Repeat(100, 16), .. Repeat(1000, 8)]));

        Assert.Equal([8, 16, 8], ranges.Select(r => r.Width));
        Assert.All(ranges, r => Assert.Equal(1, r.MeanIou, 1e-12));
        Assert.InRange(ranges[0].Step, 3, 4);
        Assert.InRange(ranges[1].Step, 8 + 7, 8 + 8);
        Assert.InRange(ranges[2].Step, 24 + 3, 24 + 4);
        Assert.Equal([(0, 7), (8, 23), (24, 31)], ranges.Select(r => (r.First, r.Last)));
    }

    [Fact]
    public void Scales_between_two_plateaus_go_to_the_nearer_one()
    {
        IReadOnlyList<Granularities.Range> ranges = Granularities.Choose(Nested([.. Repeat(100, 5), 104, 960, .. Repeat(1000, 5)]));

        Assert.Equal([6, 6], ranges.Select(r => r.Width));
        Assert.Equal([(0, 5), (6, 11)], ranges.Select(r => (r.First, r.Last)));
        Assert.All(ranges, r => Assert.InRange(r.MeanIou, 0.99, 1));
    }

    [Fact]
    public void Steady_growth_gives_five_candidates_that_lose_least()
    {
        double[] sizes = [.. Enumerable.Range(0, 12).Select(s => 100 * Math.Pow(1.3, s))];
        double[,] overlaps = Nested(sizes);

        IReadOnlyList<Granularities.Range> ranges = Granularities.Choose(overlaps);

        Assert.Equal(Granularities.MaxCount, ranges.Count);
        Assert.Equal(ranges.OrderBy(r => r.Step), ranges);
        double loss = Loss(overlaps, [.. ranges.Select(r => r.Step)]);
        Assert.Equal(BestLoss(overlaps), loss, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Loss_is_the_least_of_all_choices_of_five(int seed)
    {
        // Not nested: any selection may lose and win Gaussians on the way.
        Random random = new(seed);
        bool[][] selections = [.. Enumerable.Range(0, 9).Select(_ => Enumerable.Range(0, 40).Select(_ => random.Next(2) == 0).ToArray())];
        var overlaps = new double[9, 9];
        for (int s = 0; s < 9; s++)
        {
            for (int t = 0; t < 9; t++)
            {
                overlaps[s, t] = selections[s].Zip(selections[t], (a, b) => a && b ? 1.0 : 0).Sum()
                    / selections[s].Zip(selections[t], (a, b) => a || b ? 1.0 : 0).Sum();
            }
        }

        IReadOnlyList<Granularities.Range> ranges = Granularities.Choose(overlaps);

        // Ranges follow each other without a gap, each with the scale that stands for it inside.
        Assert.Equal(9, ranges.Sum(r => r.Width));
        Assert.Equal([0, .. ranges.SkipLast(1).Select(r => r.Last + 1)], ranges.Select(r => r.First));
        Assert.All(ranges, r => Assert.InRange(r.Step, r.First, r.Last));
        Assert.Equal(BestLoss(overlaps, contiguous: true), ranges.Sum(r => r.Width * (1 - r.MeanIou)), 1e-9);
        Assert.True(Loss(overlaps, [.. ranges.Select(r => r.Step)]) <= BestLoss(overlaps, contiguous: true) + 1e-9);
    }

    [Fact]
    public void Where_scale_changes_nothing_there_is_one_candidate()
    {
        Granularities.Range range = Assert.Single(Granularities.Choose(Nested(Repeat(7, 32))));

        Assert.Equal((32, 1.0), (range.Width, range.MeanIou));
        Assert.InRange(range.Step, 13, 18);
    }

    [Fact]
    public void Scales_that_select_nothing_are_no_candidates()
    {
        Assert.Empty(Granularities.Choose(Nested(Repeat(0, 32))));
        Granularities.Range between = Assert.Single(Granularities.Choose(Nested([0, 0, .. Repeat(9, 3), 0, .. Repeat(9, 2), 0])));
        Assert.Equal((2, 7, 5), (between.First, between.Last, between.Width));
        IReadOnlyList<Granularities.Range> ranges = Granularities.Choose(Nested([.. Repeat(0, 31), 12]));
        Assert.Equal(new Granularities.Range(31, 31, 31, 1, 1), Assert.Single(ranges));
    }

    private static double[] Repeat(double size, int times) => [.. Enumerable.Repeat(size, times)];

    // IoU of selections each of which holds the smaller ones.
    private static double[,] Nested(double[] sizes)
    {
        var overlaps = new double[sizes.Length, sizes.Length];
        for (int s = 0; s < sizes.Length; s++)
        {
            for (int t = 0; t < sizes.Length; t++)
            {
                double larger = Math.Max(sizes[s], sizes[t]);
                overlaps[s, t] = larger == 0 ? 0 : Math.Min(sizes[s], sizes[t]) / larger;
            }
        }

        return overlaps;
    }

    private static double Loss(double[,] overlaps, int[] chosen) =>
        Enumerable.Range(0, overlaps.GetLength(0)).Sum(s => 1 - chosen.Max(c => overlaps[c, s]));

    // By trying all choices of five.
    private static double BestLoss(double[,] overlaps, bool contiguous = false)
    {
        int count = overlaps.GetLength(0);
        return Choices(0, 5).Min(chosen => contiguous
            ? Enumerable.Range(0, 1 << (count - 1)).Where(cuts => System.Numerics.BitOperations.PopCount((uint)cuts) == 4)
                .Min(cuts => Enumerable.Range(0, count).Sum(
                    s => 1 - overlaps[chosen[System.Numerics.BitOperations.PopCount((uint)(cuts & ((1 << s) - 1)))], s]))
            : Loss(overlaps, chosen));

        IEnumerable<int[]> Choices(int from, int left) => left == 0
            ? [[]]
            : Enumerable.Range(from, Math.Max(0, count - from - left + 1))
                .SelectMany(first => Choices(first + 1, left - 1).Select(rest => (int[])[first, .. rest]));
    }
}
