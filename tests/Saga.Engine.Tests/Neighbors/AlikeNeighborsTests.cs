using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Neighbors;

public class AlikeNeighborsTests
{
    private const double ShDegree0 = 0.28209479177387814;

    [Theory]   // fewer than k, between k and the candidates, and more; degree 0 and 1
    [InlineData(1, 16, 0)]
    [InlineData(9, 16, 0)]
    [InlineData(16, 16, 1)]
    [InlineData(30, 16, 0)]
    [InlineData(600, 16, 0)]
    [InlineData(600, 7, 1)]
    [InlineData(600, 1, 0)]
    public void Rows_equal_the_definition_in_double(int count, int k, int degree)
    {
        GaussianScene scene = Scene(count, degree, new Random(3 * count + k));

        int[] rows = AlikeNeighbors.Find(scene, k, 2, CancellationToken.None);

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Expected(scene, k, i), rows[(i * k)..((i + 1) * k)]);
        }
    }

    [Fact]
    public void Neighbours_stay_on_their_side_of_a_border_of_colours()
    {
        // A plane of points, red left of x = 0 and blue right of it.
        GaussianScene scene = Plane((x, _) => x < 0 ? [1f, 0f, 0f] : [0f, 0f, 1f]);

        int[] alike = AlikeNeighbors.Find(scene, 16, 1, CancellationToken.None);
        int[] nearest = NearestNeighbors.Find(scene.Means, 16, 1, CancellationToken.None);

        Assert.Equal(0, Crossings(scene, alike));
        Assert.True(Crossings(scene, nearest) > 100);
    }

    [Fact]
    public void Evenly_coloured_surroundings_give_the_nearest()
    {
        GaussianScene scene = Plane((_, _) => [0.3f, 0.3f, 0.3f]);

        Assert.Equal(
            NearestNeighbors.Find(scene.Means, 16, 1, CancellationToken.None), AlikeNeighbors.Find(scene, 16, 1, CancellationToken.None));
    }

    [Fact]
    public void Without_colours_neighbours_are_the_nearest()
    {
        GaussianScene colored = Scene(300, 0, new Random(1));
        GaussianScene scene = Build(colored.Means, [], 0);

        Assert.Equal(
            NearestNeighbors.Find(scene.Means, 16, 1, CancellationToken.None), AlikeNeighbors.Find(scene, 16, 1, CancellationToken.None));
    }

    [Fact]
    public void Colours_too_large_to_square_and_points_in_one_place_give_whole_rows()
    {
        var colors = new float[3 * 100];
        for (int i = 0; i < 100; i++)
        {
            colors[3 * i] = i % 3 == 0 ? 3e38f : -3e38f;
        }

        GaussianScene scene = Build(new float[3 * 100], colors, 0);

        int[] rows = AlikeNeighbors.Find(scene, 16, 2, CancellationToken.None);

        for (int i = 0; i < 100; i++)
        {
            int[] row = rows[(i * 16)..(i * 16 + 16)];
            Assert.Equal(i, row[0]);
            Assert.Equal(16, row.Distinct().Count());
            Assert.All(row, j => Assert.InRange(j, 0, 99));
        }
    }

    [Fact]
    public void Rows_do_not_depend_on_the_thread_count()
    {
        GaussianScene scene = Scene(5000, 0, new Random(8));

        Assert.Equal(
            AlikeNeighbors.Find(scene, 16, 1, CancellationToken.None), AlikeNeighbors.Find(scene, 16, 4, CancellationToken.None));
    }

    private static int[] Expected(GaussianScene scene, int k, int self)
    {
        int count = scene.Count;
        int stride = scene.ShCoefficients.Length / count;
        double[] squares = [.. Enumerable.Range(0, count).Select(j => Square(scene.Means, 3, self, j))];
        int[] nearest = [self, .. Enumerable.Range(0, count).Where(j => j != self).OrderBy(j => squares[j]).Take(3 * k - 1)];
        if (nearest.Length < k)
        {
            return [.. Enumerable.Repeat(self, k - nearest.Length), .. nearest[..1], .. nearest[1..].OrderBy(Measure)];
        }

        return [self, .. nearest[1..].OrderBy(Measure).Take(k - 1)];

        double Measure(int j)
        {
            double reach = nearest.Length < k ? squares[nearest[^1]] : squares[nearest[k - 1]];
            double color = ShDegree0 * ShDegree0 * Square(scene.ShCoefficients, stride, self, j);
            return squares[j] / (reach > 0 ? reach : 1) + color / (0.1 * 0.1);
        }
    }

    private static double Square(float[] vectors, int stride, int i, int j) => Enumerable.Range(0, 3)
        .Sum(c => Math.Pow((double)vectors[i * stride + c] - vectors[j * stride + c], 2));

    private static int Crossings(GaussianScene scene, int[] rows) => Enumerable.Range(0, rows.Length)
        .Count(e => scene.Means[3 * rows[e]] < 0 != scene.Means[3 * (e / 16)] < 0);

    private static GaussianScene Plane(Func<float, float, float[]> color)
    {
        var means = new List<float>();
        var colors = new List<float>();
        var random = new Random(4);
        for (int y = 0; y < 30; y++)
        {
            for (int x = 0; x < 30; x++)
            {
                float px = x - 14.5f + 0.3f * random.NextSingle();
                means.AddRange([px, y + 0.3f * random.NextSingle(), 0]);
                colors.AddRange(color(px, y).Select(c => (float)((c - 0.5) / ShDegree0)));
            }
        }

        return Build([.. means], [.. colors], 0);
    }

    private static GaussianScene Scene(int count, int degree, Random random)
    {
        int stride = 3 * (degree + 1) * (degree + 1);
        return Build(
            [.. Enumerable.Range(0, 3 * count).Select(_ => 10 * random.NextSingle())],
            [.. Enumerable.Range(0, stride * count).Select(_ => random.NextSingle() - 0.5f)], degree);
    }

    private static GaussianScene Build(float[] means, float[] colors, int degree)
    {
        int count = means.Length / 3;
        return new GaussianScene
        {
            Means = means,
            LogScales = new float[3 * count],
            Rotations = [.. Enumerable.Range(0, 4 * count).Select(i => i % 4 == 0 ? 1f : 0f)],
            OpacityLogits = new float[count],
            ShCoefficients = colors,
            ShDegree = degree,
            FileIndices = [.. Enumerable.Range(0, count)],
            FileGaussianCount = count,
            Problems = [],
        };
    }
}
