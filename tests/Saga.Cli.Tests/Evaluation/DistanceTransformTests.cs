using Saga.Cli.Evaluation;

namespace Saga.Cli.Tests.Evaluation;

public sealed class DistanceTransformTests
{
    [Theory]
    [InlineData(1, 1, 1.0)]
    [InlineData(1, 9, 0.8)]
    [InlineData(9, 1, 0.8)]
    [InlineData(17, 13, 0.5)]
    [InlineData(31, 40, 0.95)]
    [InlineData(40, 31, 0.995)]
    [InlineData(23, 29, 1.0)]
    [InlineData(12, 12, 0.0)]
    public void Equals_the_brute_force_distance(int width, int height, double density)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            bool[] region = [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density)];

            int[] distances = DistanceTransform.Squared(region, width, height);

            Assert.Equal(BruteForce(region, width, height), distances);
        }
    }

    [Fact]
    public void The_border_of_the_image_counts_as_outside()
    {
        bool[] everything = [.. Enumerable.Repeat(true, 7 * 5)];

        (int x, int y, int distanceSquared) = TargetFinder.MostInteriorPixel(everything, 7, 5);

        // Columns 2, 3 and 4 of the middle row are all 3 pixels from the nearest outside: the leftmost wins.
        Assert.Equal((2, 2, 9), (x, y, distanceSquared));
    }

    [Fact]
    public void Of_two_equal_middles_the_topmost_is_taken()
    {
        var region = new bool[5 * 9];
        foreach (int row in (int[])[1, 2, 3, 5, 6, 7])
        {
            region.AsSpan(row * 5 + 1, 3).Fill(true);
        }

        (int x, int y, int distanceSquared) = TargetFinder.MostInteriorPixel(region, 5, 9);

        Assert.Equal((2, 2, 4), (x, y, distanceSquared));
    }

    [Fact]
    public void An_empty_region_has_no_distance() =>
        Assert.Equal(0, TargetFinder.MostInteriorPixel(new bool[6], 3, 2).DistanceSquared);

    [Fact]
    public void A_region_of_another_size_is_refused() =>
        Assert.Throws<ArgumentException>(() => DistanceTransform.Squared(new bool[5], 3, 2));

    private static int[] BruteForce(bool[] region, int width, int height)
    {
        var result = new int[region.Length];
        for (int i = 0; i < region.Length; i++)
        {
            (int x, int y) = (i % width, i / width);
            int best = int.MaxValue;
            for (int v = -1; v <= height; v++)
            {
                for (int u = -1; u <= width; u++)
                {
                    bool outside = u < 0 || v < 0 || u == width || v == height || !region[v * width + u];
                    best = outside ? Math.Min(best, (x - u) * (x - u) + (y - v) * (y - v)) : best;
                }
            }

            result[i] = best;
        }

        return result;
    }
}
