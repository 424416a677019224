using Saga.Engine.Clustering;
using Saga.Engine.Numerics;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Clustering;

[Trait("Category", "Kernel")]
public class NearestCenterKernelTests
{
    [Theory]   // below, at and above a block; centres below, at and above a step; channels with and without padding
    [InlineData(1, 8, 1)]
    [InlineData(16, 32, 4)]
    [InlineData(17, 10, 5)]
    [InlineData(1003, 32, 23)]
    [InlineData(300, 64, 3)]
    public void Every_width_matches_the_double_precision_reference_and_the_others(int count, int dimension, int centerCount)
    {
        Random random = new(count);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(dimension, FilterFixtures.Uniform(random, count * dimension)));
        float[] gate = [.. FilterFixtures.Uniform(random, dimension).Select(MathF.Abs)];
        ClusterCenters centers = Centers(FilterFixtures.Uniform(random, centerCount * dimension), dimension);

        ushort[] labels = With<FloatX1>(features, gate, centers);

        float[] decoded = FeatureDecoder.All(features);
        int close = 0;
        for (int i = 0; i < count; i++)
        {
            double[] cosines = [.. Enumerable.Range(0, centerCount).Select(k => Cosine(decoded, gate, centers, i, k))];
            double best = cosines.Max();

            // Either answer is right where float32 cannot tell.
            bool isTie = Math.Abs(best - 0.5) < 1e-5 || cosines.Count(cosine => best - cosine < 1e-5) > 1;
            close += isTie ? 1 : 0;
            int expected = best >= 0.5 ? Array.IndexOf(cosines, best) : SceneDecomposition.None;
            Assert.True(labels[i] == expected || isTie, $"Gaussian {i} of {count}: {labels[i]} instead of {expected}");
        }

        Assert.True(close <= count / 100);
        Assert.Equal(labels, With<FloatX4>(features, gate, centers));
        Assert.Equal(labels, With<FloatX8>(features, gate, centers));
        Assert.Equal(labels, With<FloatX16>(features, gate, centers));
        ushort[] widest = new ushort[count];
        NearestCenterKernel.RunBlocks(features, gate, centers, 0, features.BlockCount, widest);
        Assert.Equal(labels, widest);
    }

    [Fact]
    public void The_first_of_equal_centres_is_taken_and_one_without_direction_by_nobody()
    {
        float[] values = FilterFixtures.Uniform(new Random(1), 8);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(8, values));

        Assert.Equal([1], With<FloatX16>(features, Ones(8), Centers([.. new float[8], .. values, .. values], 8)));
        Assert.Equal([SceneDecomposition.None], With<FloatX16>(features, Ones(8), Centers(new float[8], 8)));
    }

    [Fact]
    public void Features_that_are_no_numbers_have_no_direction_or_overflow_belong_to_none()
    {
        float[] values = [.. Enumerable.Repeat(1f, 40 * 8)];
        values.AsSpan(8, 8).Clear();
        values[2 * 8 + 3] = float.NaN;
        values[3 * 8] = float.PositiveInfinity;
        values.AsSpan(4 * 8, 8).Fill(9e37f);
        values.AsSpan(5 * 8, 8).Fill(1e-19f);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(8, values));

        ushort[] labels = With<FloatX8>(features, Ones(8), Centers(Ones(8), 8));

        Assert.Equal(Enumerable.Repeat(SceneDecomposition.None, 5), labels[1..6]);
        Assert.All(labels[6..], label => Assert.Equal(0, label));
    }

    private static ushort[] With<T>(FeatureBlocks features, float[] gate, ClusterCenters centers)
        where T : unmanaged, IFloatLanes<T>
    {
        ushort[] labels = new ushort[features.Count];
        int half = features.BlockCount / 2;
        NearestCenterKernel.Run<T>(features, gate, centers, half, features.BlockCount - half, labels);
        NearestCenterKernel.Run<T>(features, gate, centers, 0, half, labels);
        return labels;
    }

    // One sample a centre: the means are the samples.
    private static ClusterCenters Centers(float[] values, int dimension)
    {
        int count = values.Length / dimension;
        return ClusterCenters.Of(new FeatureSample(values, dimension), [.. Enumerable.Range(0, count)], count);
    }

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];

    private static double Cosine(float[] decoded, float[] gate, ClusterCenters centers, int i, int k)
    {
        double dot = 0;
        double norm = 0;
        for (int c = 0; c < gate.Length; c++)
        {
            double gated = (double)decoded[(i / 16 * gate.Length + c) * 16 + i % 16] * gate[c];
            dot += gated * centers.Values[k * gate.Length + c];
            norm += gated * gated;
        }

        return dot / Math.Sqrt(norm);
    }
}
