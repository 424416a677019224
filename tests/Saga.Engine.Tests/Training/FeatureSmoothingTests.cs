using Saga.Engine.Rasterization;
using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

[Trait("Category", "Kernel")]
public sealed class FeatureSmoothingTests
{
    private const int Gaussians = 40;
    private const int K = 6;

    [Theory]
    [InlineData(8, 1)]
    [InlineData(24, 3)]
    [InlineData(32, 4)]
    [InlineData(64, 6)]
    public void Rendered_features_equal_the_double_precision_reference(int channels, int rankCount)
    {
        Problem problem = Problem.Random(channels, rankCount, seed: channels);
        double[] expected = problem.Reference.Render([.. problem.Features.Select(f => (double)f)]);
        (float[] rendered, _) = Run(problem, 2, new float[expected.Length]);
        for (int i = 0; i < expected.Length; i++)
        {
            // Sums of at most 12 float products of size 1.
            Assert.Equal(expected[i], rendered[i], 2e-6);
        }
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(40, 4)]
    public void Gradients_equal_central_differences(int channels, int rankCount)
    {
        const double step = 1e-6;
        Problem problem = Problem.Random(channels, rankCount, seed: 100 + channels);
        double[] features = [.. problem.Features.Select(f => (double)f)];
        Random random = new(1);
        double[] slopes = [.. Enumerable.Range(0, problem.Pixels * channels).Select(_ => random.NextDouble() - 0.5)];
        (_, Dictionary<int, float[]> gradients) = Run(problem, 2, [.. slopes.Select(s => (float)s)]);
        for (int i = 0; i < features.Length; i++)
        {
            double start = features[i];
            features[i] = start + step;
            double up = Dot(problem.Reference.Render(features), slopes);
            features[i] = start - step;
            double down = Dot(problem.Reference.Render(features), slopes);
            features[i] = start;
            double actual = gradients.TryGetValue(i / channels, out float[]? row) ? row[i % channels] : 0;

            // Central differences of a smooth function in double, against float sums: 1e-4 of the largest slope.
            Assert.Equal((up - down) / (2 * step), actual, 2e-4);
        }
    }

    [Fact]
    public void The_result_does_not_depend_on_the_thread_count()
    {
        Problem problem = Problem.Random(32, 4, seed: 8);
        float[] slopes = [.. Enumerable.Range(0, problem.Pixels * 32).Select(i => (float)Math.Sin(i))];
        (float[] rendered, Dictionary<int, float[]> gradients) = Run(problem, 1, slopes);
        (float[] renderedByMany, Dictionary<int, float[]> gradientsByMany) = Run(problem, 7, slopes);
        Assert.Equal(rendered, renderedByMany);
        Assert.Equal(gradients, gradientsByMany);
    }

    [Fact]
    public void Zero_features_and_repeated_use_stay_finite_and_clean()
    {
        Problem problem = Problem.Random(8, 2, seed: 3);
        Array.Clear(problem.Features);
        (float[] rendered, Dictionary<int, float[]> gradients) = Run(problem, 1, [.. Enumerable.Repeat(1f, problem.Pixels * 8)]);
        Assert.All(rendered, value => Assert.Equal(0, value));
        Assert.All(gradients.Values.SelectMany(g => g), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Finished_features_are_the_mean_of_all_unit_neighbours_where_everything_was_seen()
    {
        Problem problem = Problem.Random(8, 2, seed: 12);
        float[] finished = FeatureSmoothing.Finish(
            problem.Features, [.. Enumerable.Repeat(1e6f, Gaussians)], 8, problem.Neighbors, K, 3);
        for (int i = 0; i < Gaussians; i++)
        {
            for (int c = 0; c < 8; c++)
            {
                double mean = Enumerable.Range(0, K).Average(n =>
                {
                    int j = problem.Neighbors[i * K + n];
                    double norm = Math.Sqrt(Enumerable.Range(0, 8).Sum(d => (double)problem.Features[j * 8 + d] * problem.Features[j * 8 + d]));
                    return problem.Features[j * 8 + c] / norm;
                });
                Assert.Equal(mean, finished[i * 8 + c], 1e-6);
            }
        }
    }

    [Fact]
    public unsafe void Adam_equals_the_textbook_in_double_and_leaves_other_rows_alone()
    {
        Random random = new(4);
        var values = new float[3 * 8];
        var first = new float[3 * 8];
        var second = new float[3 * 8];
        var expected = new double[8];
        var m = new double[8];
        var v = new double[8];
        for (int step = 1; step <= 50; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, 8).Select(_ => (float)(random.NextDouble() - 0.3))];
            fixed (float* g = gradient)
            {
                LazyAdam.Update(values, first, second, 8, [1], g, step, 0.01);
            }

            for (int c = 0; c < 8; c++)
            {
                m[c] = 0.9 * m[c] + 0.1 * gradient[c];
                v[c] = 0.999 * v[c] + 0.001 * gradient[c] * (double)gradient[c];
                expected[c] -= 0.01 * (m[c] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v[c] / (1 - Math.Pow(0.999, step))) + 1e-15);
            }
        }

        for (int c = 0; c < 8; c++)
        {
            // Fifty float updates of 0.01 each.
            Assert.Equal(expected[c], values[8 + c], 1e-5);
            Assert.Equal(0, values[c]);
            Assert.Equal(0, values[16 + c]);
        }
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b).Sum(pair => pair.First * pair.Second);

    private static unsafe (float[] Rendered, Dictionary<int, float[]> Gradients) Run(Problem problem, int threads, float[] slopes)
    {
        int channels = problem.Channels;
        var rendered = new float[problem.Pixels * channels];
        using var smoothing = new FeatureSmoothing(Gaussians, channels, threads);

        // Twice: the second use must not see the first.
        for (int round = 0; round < 2; round++)
        {
            smoothing.Forward(problem.Slice, problem.Features, problem.Neighbors, K, problem.Ranks, rendered);
            smoothing.Backward(problem.Slice, slopes);
        }

        var gradients = new Dictionary<int, float[]>();
        for (int t = 0; t < smoothing.TouchedCount; t++)
        {
            gradients.Add(smoothing.Touched[t], new ReadOnlySpan<float>(smoothing.Gradients + t * channels, channels).ToArray());
        }

        return (rendered, gradients);
    }

    private sealed record Problem(
        int Channels, int Pixels, float[] Features, int[] Neighbors, int[] Ranks, PixelRowSlice Slice, FeatureSmoothingReference Reference)
    {
        public static Problem Random(int channels, int rankCount, int seed)
        {
            Random random = new(seed);
            int[][] rows = [.. Enumerable.Range(0, 9).Select(p => p == 4 ? [] : Enumerable.Range(0, 1 + p).Select(_ => random.Next(Gaussians)).Distinct().ToArray())];
            double[][] weights = [.. rows.Select(row => row.Select(_ => (double)(float)(random.NextDouble() * 0.3)).ToArray())];
            int[] neighbors = [.. Enumerable.Range(0, Gaussians).SelectMany(i => Enumerable.Range(0, K).Select(n => n == 0 ? i : random.Next(Gaussians)))];
            int[] ranks = [.. Enumerable.Range(0, K).OrderBy(_ => random.Next()).Take(rankCount)];
            float[] features = [.. Enumerable.Range(0, Gaussians * channels).Select(_ => (float)(random.NextDouble() * 2 - 1))];

            // The slice starts in the middle of a view's rows.
            int[] gaussians = [7, 7, .. rows.SelectMany(r => r)];
            float[] flat = [0.5f, 0.5f, .. weights.SelectMany(w => w).Select(w => (float)w)];
            var starts = new List<int> { 0, 2 };
            foreach (int[] row in rows)
            {
                starts.Add(starts[^1] + row.Length);
            }

            var sparse = new SparsePixelRows
            {
                RowStarts = [.. starts],
                GaussianIndices = gaussians,
                Weights = flat,
                Alphas = new float[rows.Length + 1],
                Depths = new float[rows.Length + 1],
            };
            return new Problem(
                channels, rows.Length, features, neighbors, ranks, new PixelRowSlice(sparse, 1, rows.Length),
                new FeatureSmoothingReference(rows, weights, neighbors, K, ranks, channels));
        }
    }
}
