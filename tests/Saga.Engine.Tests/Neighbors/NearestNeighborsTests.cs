using System.Diagnostics;
using Saga.Engine.Neighbors;

namespace Saga.Engine.Tests.Neighbors;

[Trait("Category", "Kernel")]
public class NearestNeighborsTests
{
    [Theory]   // around the leaf size, a few levels deep, and a count that fills no leaf evenly
    [InlineData(1, 16)]
    [InlineData(2, 16)]
    [InlineData(15, 16)]
    [InlineData(16, 16)]
    [InlineData(17, 16)]
    [InlineData(33, 1)]
    [InlineData(257, 3)]
    [InlineData(2003, 16)]
    [InlineData(1500, 40)]
    public void Rows_equal_brute_force_in_double(int count, int k)
    {
        float[] points = Uniform(new Random(7 * count + k), count * 3, 10f);

        AssertNearest(points, k, NearestNeighbors.Find(points, k, 2, CancellationToken.None));
    }

    [Fact]
    public void Ties_are_broken_by_index_exactly()
    {
        // Integer coordinates: float and double distances are both exact, so rows must be identical, ties included.
        Random random = new(5);
        float[] points = [.. Enumerable.Range(0, 3 * 3000).Select(_ => (float)random.Next(0, 8))];

        int[] rows = NearestNeighbors.Find(points, 16, 2, CancellationToken.None);

        for (int i = 0; i < 3000; i++)
        {
            Assert.Equal(BruteForceRow(points, 16, i), rows[(16 * i)..(16 * i + 16)]);
        }
    }

    [Fact]
    public void Clusters_with_far_outliers_are_exact()
    {
        Random random = new(11);
        float[] points = new float[3 * 2000];
        for (int i = 0; i < 2000; i++)
        {
            float spread = i % 100 == 0 ? 1e6f : 1e-3f;
            float center = i % 7;
            for (int axis = 0; axis < 3; axis++)
            {
                points[3 * i + axis] = center + spread * (random.NextSingle() - 0.5f);
            }
        }

        AssertNearest(points, 16, NearestNeighbors.Find(points, 16, 2, CancellationToken.None));
    }

    [Fact]
    public void Overflowing_distances_still_give_whole_rows()
    {
        float[] points = [1e30f, 0, 0, -1e30f, 0, 0, 0, 1e30f, 0, 0, 0, 0];

        int[] rows = NearestNeighbors.Find(points, 3, 1, CancellationToken.None);

        Assert.Equal([0, 1, 2, 1, 0, 2, 2, 0, 1, 3, 0, 1], rows);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(200_000)]
    public void Identical_points_are_not_quadratic_and_keep_self_first(int count)
    {
        float[] points = new float[3 * count];
        Array.Fill(points, 0.25f);
        var watch = Stopwatch.StartNew();

        int[] rows = NearestNeighbors.Find(points, 16, 2, CancellationToken.None);

        // Quadratic would be 4e10 distances, minutes; this guards the growth, not the speed.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"{count} identical points took {watch.Elapsed}");
        for (int i = 0; i < count; i += 997)
        {
            int[] expected = [i, .. Enumerable.Range(0, 16).Where(j => j != i).Take(15)];
            Assert.Equal(expected, rows[(16 * i)..(16 * i + 16)]);
        }
    }

    [Fact]
    public void Fewer_points_than_k_repeat_self_at_the_start()
    {
        float[] points = [0, 0, 0, 1, 0, 0, 5, 0, 0];

        int[] rows = NearestNeighbors.Find(points, 5, 1, CancellationToken.None);

        Assert.Equal([0, 0, 0, 1, 2, 1, 1, 1, 0, 2, 2, 2, 2, 1, 0], rows);
    }

    [Fact]
    public void Thread_count_changes_nothing()
    {
        float[] points = Uniform(new Random(3), 3 * 40_000, 1f);

        int[] one = NearestNeighbors.Find(points, 16, 1, CancellationToken.None);
        int[] four = NearestNeighbors.Find(points, 16, 4, CancellationToken.None);

        Assert.Equal(one, four);
    }

    [Fact]
    public void No_points_give_no_rows() =>
        Assert.Empty(NearestNeighbors.Find([], 16, 2, CancellationToken.None));

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Points_that_are_not_finite_are_refused_by_number(float poison)
    {
        float[] points = [0, 0, 0, 1, poison, 1];

        ArgumentException refusal = Assert.Throws<ArgumentException>(
            () => NearestNeighbors.Find(points, 2, 1, CancellationToken.None));

        Assert.Contains("Point 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_search_stops() =>
        Assert.ThrowsAny<OperationCanceledException>(
            () => NearestNeighbors.Find(new float[3 * 1000], 4, 2, new CancellationToken(canceled: true)));

    private static void AssertNearest(float[] points, int k, int[] rows)
    {
        int count = points.Length / 3;
        for (int i = 0; i < count; i++)
        {
            int[] row = rows[(k * i)..(k * i + k)];
            int[] expected = BruteForceRow(points, k, i);
            Assert.Equal(i, row[0]);
            Assert.Equal(Math.Min(k, count), row.Distinct().Count());
            for (int rank = 0; rank < k; rank++)
            {
                // Distances, not indices: neighbours closer together than float rounding may change places.
                double found = DistanceSquared(points, i, row[rank]);
                double wanted = DistanceSquared(points, i, expected[rank]);
                Assert.True(
                    Math.Abs(found - wanted) <= 1e-6 * wanted, $"Point {i} rank {rank}: {row[rank]} at {found}, not {expected[rank]} at {wanted}");
            }
        }
    }

    private static int[] BruteForceRow(float[] points, int k, int i)
    {
        int count = points.Length / 3;
        int[] others = [.. Enumerable.Range(0, count).Where(j => j != i)
            .OrderBy(j => DistanceSquared(points, i, j)).ThenBy(j => j).Take(k - 1)];
        return [.. Enumerable.Repeat(i, k - others.Length), .. others];
    }

    private static double DistanceSquared(float[] points, int i, int j)
    {
        double x = (double)points[3 * i] - points[3 * j];
        double y = (double)points[3 * i + 1] - points[3 * j + 1];
        double z = (double)points[3 * i + 2] - points[3 * j + 2];
        return x * x + y * y + z * z;
    }

    private static float[] Uniform(Random random, int count, float size) =>
        [.. Enumerable.Range(0, count).Select(_ => size * random.NextSingle())];
}
