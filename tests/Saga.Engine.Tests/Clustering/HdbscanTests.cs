using System.Globalization;
using Saga.Engine.Clustering;
using Saga.Tests;

namespace Saga.Engine.Tests.Clustering;

public class HdbscanTests
{
    // Float32 distances, good to some 1e-7 each, and stabilities that are differences of their inverses: of two λ that are equal to a
    // hundredth, the difference is a hundred times less exact.
    private const double Tolerance = 1e-4;

    [Fact]
    public void Two_pairs_of_triples_on_a_line_are_four_or_two_clusters_as_worked_out_by_hand()
    {
        // 0 1 2 | 5 6 7 || 100 101 102 | 105 106 107 with the nearest neighbour as core: gaps 1 1 3 1 1 93 1 1 3 1 1.
        // Halves part at 93: λ 1/93. Triples part at 3 and end at 1. A half has 6·(1/3 - 1/93) = 1.94, its triples
        // 2·3·(1 - 1/3) = 4: four clusters. ε between 3 and 93 keeps the halves.
        float[] points = [0, 1, 2, 5, 6, 7, 100, 101, 102, 105, 106, 107];

        HdbscanResult fine = Cluster(points, 1, new HdbscanOptions { MinClusterSize = 3, MinSamples = 1 });
        HdbscanResult coarse = Cluster(points, 1, new HdbscanOptions { MinClusterSize = 3, MinSamples = 1, SelectionEpsilon = 4 });

        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], fine.Labels);
        Assert.All(fine.Stabilities, stability => Assert.Equal(3 * (1 - 1 / 3.0), stability, 1e-12));
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], coarse.Labels);
        Assert.All(coarse.Stabilities, stability => Assert.Equal(6 * (1 / 3.0 - 1 / 93.0), stability, 1e-12));
    }

    [Fact]
    public void A_cluster_that_outlasts_its_parts_is_kept_whole()
    {
        // Gaps 1 1 1.2 1 1: the halves gain 6·(1 - 1/1.2) = 1, the whole of six has 6·(1/1.2 - 1/50) = 4.88.
        float[] points = [0, 1, 2, 3.2f, 4.2f, 5.2f, 55.2f, 56.2f, 57.2f];

        HdbscanResult result = Cluster(points, 1, new HdbscanOptions { MinClusterSize = 3, MinSamples = 1 });

        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1], result.Labels);
    }

    [Fact]
    public void Gaps_of_one_width_part_at_once_so_that_what_is_too_small_on_every_side_is_noise()
    {
        // Three pairs 2 apart, then a triple far away and another: as pairs of pairs, 4 points would pass for a cluster.
        float[] points = [0, 1, 3, 4, 6, 7, 100, 101, 102, 200, 201, 202];

        HdbscanResult result = Cluster(points, 1, new HdbscanOptions { MinClusterSize = 3, MinSamples = 1 });

        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2], result.Labels);

        // It parts from the others at 93, and all of it is gone at 2.
        Assert.Equal(6 * (1 / 2.0 - 1 / 93.0), result.Stabilities[0], 1e-12);
    }

    [Theory]
    [InlineData("blobs", 2)]
    [InlineData("densities", 2)]
    [InlineData("moons", 2)]
    [InlineData("directions", 16)]
    [InlineData("nothing", 3)]
    public void Clusters_and_core_distances_equal_those_of_an_independent_implementation(string name, int dimension)
    {
        string[] lines = File.ReadAllLines(Path.Combine(
            SharedData.RepositoryRoot, "tests", "Saga.Engine.Tests", "Clustering", "fixtures", name + ".csv"));
        double[][] rows = [.. lines[1..].Select(Numbers)];
        float[] points = [.. rows.SelectMany(row => row[..dimension]).Select(value => (float)value)];
        int[] expected = [.. rows.Select(row => (int)row[dimension + 1] - 1)];

        // There a point counts as its own neighbour.
        int minPts = (int)Numbers(lines[0])[0];
        HdbscanResult result = Cluster(points, dimension, new HdbscanOptions { MinClusterSize = minPts, MinSamples = minPts - 1 });

        float[] cores = CoreDistances.Squared(new PointBlocks(points, dimension), minPts - 1, 1, CancellationToken.None);
        Assert.All(cores, (core, i) => Assert.Equal(rows[i][dimension], Math.Sqrt(core), 1e-5));
        int[] numbers = [.. expected.Where(label => label >= 0).Distinct()];
        Assert.Equal(numbers.Length, result.ClusterCount);
        int[] differing = [.. Enumerable.Range(0, rows.Length).Where(i => Array.IndexOf(numbers, expected[i]) != result.Labels[i])];
        Assert.True(differing.Length <= 1, $"{differing.Length} points are labelled otherwise.");
        Assert.All(differing, i => Assert.True(IsAtTheBirthOf(expected[i], i, rows, dimension, result), $"Point {i} is labelled otherwise."));
    }

    // Noise here, and as near to the cluster as what is nearest of all that is not in it: it leaves as the cluster begins.
    private static bool IsAtTheBirthOf(int cluster, int point, double[][] rows, int dimension, HdbscanResult result)
    {
        int[] members = [.. Enumerable.Range(0, rows.Length).Where(j => result.Labels[j] >= 0 && (int)rows[j][dimension + 1] - 1 == cluster)];
        double birth = Enumerable.Range(0, rows.Length).Except(members).Min(Reach);
        return result.Labels[point] == HdbscanResult.Noise && Math.Abs(Reach(point) / birth - 1) < 1e-9;

        double Reach(int i) => members.Min(j => Math.Max(
            Math.Max(rows[i][dimension], rows[j][dimension]),
            Math.Sqrt(Enumerable.Range(0, dimension).Sum(c => Math.Pow(rows[i][c] - rows[j][c], 2)))));
    }

    [Theory]   // dimension, distinct coordinates (0: any), cluster size, samples, ε
    [InlineData(1, 0, 2, 1, 0)]
    [InlineData(2, 0, 3, 3, 0)]
    [InlineData(2, 0, 5, 2, 0.3)]
    [InlineData(3, 0, 4, 10, 0.5)]
    [InlineData(2, 4, 3, 2, 0)]      // on a grid all distances are tied, and many points are equal
    [InlineData(1, 12, 2, 1, 0)]
    [InlineData(2, 7, 4, 4, 1)]
    [InlineData(33, 0, 3, 3, 0)]
    public void Any_points_give_what_the_definition_gives(int dimension, int grid, int minClusterSize, int minSamples, double epsilon)
    {
        int clusters = 0;
        for (int seed = 0; seed < 15; seed++)
        {
            Random random = new(seed);
            int count = random.Next(1, 50);
            float[] points = Lumps(random, count, dimension, grid);
            var options = new HdbscanOptions { MinClusterSize = minClusterSize, MinSamples = minSamples, SelectionEpsilon = epsilon };

            HdbscanResult result = Cluster(points, dimension, options);

            HdbscanResult expected = HdbscanReference.Cluster(points, dimension, minClusterSize, minSamples, epsilon);
            Assert.Equal(expected.Labels, result.Labels);
            Assert.All(result.Stabilities, (stability, c) =>
                Assert.True(
                    stability == expected.Stabilities[c] || Math.Abs(stability - expected.Stabilities[c]) < Tolerance * (1 + expected.Stabilities[c]),
                    $"Seed {seed}, cluster {c}: {stability} instead of {expected.Stabilities[c]}"));
            clusters += result.ClusterCount;
        }

        Assert.True(clusters > 8, $"Only {clusters} clusters in all: this compared nothing but noise.");
    }

    [Fact]
    public void Neither_threads_nor_the_order_of_the_points_change_the_clusters()
    {
        const int count = 900;
        Random random = new(3);
        float[] points = Lumps(random, count, 8, 0);
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        float[] shuffled = [.. order.SelectMany(i => points[(8 * i)..(8 * i + 8)])];
        var options = new HdbscanOptions { MinClusterSize = 6 };

        HdbscanResult one = Cluster(points, 8, options, threads: 1);
        HdbscanResult many = Cluster(points, 8, options, threads: 7);
        HdbscanResult other = Cluster(shuffled, 8, options);

        Assert.True(one.ClusterCount > 3);
        Assert.Equal(one.Labels, many.Labels);
        Assert.Equal(one.Stabilities, many.Stabilities);
        for (int i = 1; i < count; i++)
        {
            int a = one.Labels[order[i]];
            Assert.Equal(a == one.Labels[order[i - 1]], other.Labels[i] == other.Labels[i - 1]);
            Assert.Equal(a < 0, other.Labels[i] < 0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void Fewer_points_than_a_cluster_are_noise(int count)
    {
        HdbscanResult result = Cluster(new float[3 * count], 3, new HdbscanOptions());

        Assert.Equal(0, result.ClusterCount);
        Assert.Equal(Enumerable.Repeat(HdbscanResult.Noise, count), result.Labels);
    }

    [Fact]
    public void Equal_points_are_one_whole_that_never_parts_and_so_no_cluster()
    {
        Assert.Equal(0, Cluster(new float[3 * 100], 3, new HdbscanOptions()).ClusterCount);
    }

    [Fact]
    public void Two_places_that_hold_many_equal_points_are_two_clusters()
    {
        float[] points = [.. Enumerable.Range(0, 60).SelectMany(i => new float[] { i % 2, 0 })];

        HdbscanResult result = Cluster(points, 2, new HdbscanOptions());

        Assert.Equal(Enumerable.Range(0, 60).Select(i => i % 2), result.Labels);
        Assert.All(result.Stabilities, stability => Assert.Equal(double.PositiveInfinity, stability));
    }

    [Fact]
    public void Points_too_far_apart_to_measure_are_noise_beside_those_that_are_not()
    {
        float[] points = [.. Enumerable.Range(0, 40).Select(i => i < 20 ? i : i < 35 ? 1e10f + 1e5f * i : 1e30f * i)];

        HdbscanResult result = Cluster(points, 1, new HdbscanOptions { MinClusterSize = 5, MinSamples = 2 });

        Assert.Equal(Enumerable.Range(0, 40).Select(i => i < 20 ? 0 : i < 35 ? 1 : -1), result.Labels);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_coordinate_that_is_no_number_is_refused(float poison)
    {
        float[] points = new float[3 * 50];
        points[3 * 20 + 1] = poison;

        ArgumentException error = Assert.Throws<ArgumentException>(() => Cluster(points, 3, new HdbscanOptions()));

        Assert.Contains("Point 20", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Cluster([], 1, new HdbscanOptions { MinClusterSize = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cluster([], 1, new HdbscanOptions { MinSamples = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cluster([], 1, new HdbscanOptions { SelectionEpsilon = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Cluster([], 0, new HdbscanOptions()));
        Assert.Throws<ArgumentException>(() => Cluster([1, 2, 3], 2, new HdbscanOptions()));
    }

    [Fact]
    public void A_token_stops_the_work()
    {
        using CancellationTokenSource stopped = new();
        stopped.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(
            () => Hdbscan.Cluster(new float[3000], 3, new HdbscanOptions(), 1, stopped.Token));
    }

    // Lumps of different spread, and some points anywhere; on a grid of so many steps where asked for.
    private static float[] Lumps(Random random, int count, int dimension, int grid)
    {
        float[][] centers = [.. Enumerable.Range(0, 6).Select(_ => Point(random, dimension, 3))];
        return [.. Enumerable.Range(0, count).SelectMany(i =>
        {
            float[] offset = Point(random, dimension, 0.1 + 0.1 * (i % 3));
            IEnumerable<float> point = i % 8 == 7 ? Point(random, dimension, 4) : centers[i % 6].Zip(offset, (a, b) => a + b);
            return grid == 0 ? point : point.Select(value => MathF.Round(value * grid / 6));
        })];
    }

    private static float[] Point(Random random, int dimension, double reach) =>
        [.. Enumerable.Range(0, dimension).Select(_ => (float)(reach * (2 * random.NextDouble() - 1)))];

    private static HdbscanResult Cluster(float[] points, int dimension, HdbscanOptions options, int threads = 2) =>
        Hdbscan.Cluster(points, dimension, options, threads, CancellationToken.None);

    private static double[] Numbers(string line) => [.. line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
}
