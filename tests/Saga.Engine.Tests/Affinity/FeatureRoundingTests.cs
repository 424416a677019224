using Saga.Engine.Affinity;

namespace Saga.Engine.Tests.Affinity;

public class FeatureRoundingTests
{
    [Theory]   // with and without a tail after whole vectors; all magnitudes that float32 can score
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(64)]
    public void Levels_are_the_nearest_whole_numbers_of_the_smallest_step(int dimension)
    {
        Random random = new(dimension);
        short[] levels = new short[dimension];
        for (int round = 0; round < 3000; round++)
        {
            float[] feature = RandomFeature(random, dimension, Math.Pow(10, 55 * random.NextDouble() - 18));
            double magnitude = feature.Max(value => Math.Abs((double)value));

            float step = FeatureRounding.ToStep(FeatureRounding.ToLevels(feature, levels));

            float below = FeatureRounding.ToStep((ushort)((BitConverter.SingleToUInt32Bits(step) >> 16) - 1));
            Assert.InRange(magnitude, (double)below * FeatureRounding.MaxLevel, (double)step * FeatureRounding.MaxLevel);
            for (int c = 0; c < dimension; c++)
            {
                // The division is a float's: 15 of its 24 bits are the whole number.
                double exact = feature[c] / (double)step;
                double error = Math.Abs(levels[c] - exact);
                Assert.InRange(Math.Abs((int)levels[c]), 0, FeatureRounding.MaxLevel);
                Assert.True(
                    Math.Abs((double)feature[c]) == magnitude ? error < 1 && Math.Abs(levels[c]) >= Math.Abs(exact) : error <= 0.5 + 1.0 / 512,
                    $"Channel {c}: {levels[c]} for {exact}");
            }
        }
    }

    [Fact]
    public void What_is_rounded_stays_as_it_is()
    {
        const int dimension = 32;
        Random random = new(1);
        float[] features = [.. Enumerable.Range(0, 20_000).SelectMany(
            _ => RandomFeature(random, dimension, Math.Pow(10, 8 * random.NextDouble() - 4)))];

        // Greatest channels next to where a smaller step would do: rounded down they would ask for it.
        for (int i = 0; i < 10_000; i++)
        {
            float step = FeatureRounding.ToStep((ushort)(0x3A00 + random.Next(0x600)));
            features[i * dimension + random.Next(dimension)] = FeatureRounding.MaxLevel * step * (1 + (random.Next(60) - 10) * 1e-6f);
        }

        FeatureRounding.Round(features, dimension);
        float[] again = [.. features];
        FeatureRounding.Round(again, dimension);

        Assert.Equal(features, again);
    }

    [Fact]
    public void The_error_is_within_what_is_documented()
    {
        const int dimension = 32;
        Random random = new(2);
        float[] features = [.. Enumerable.Range(0, 20_000).SelectMany(_ => RandomFeature(random, dimension, 1))];
        float[] rounded = [.. features];

        FeatureRounding.Round(rounded, dimension);

        for (int i = 0; i < features.Length; i += dimension)
        {
            float greatest = features.AsSpan(i, dimension).ToArray().Max(MathF.Abs);
            for (int c = i; c < i + dimension; c++)
            {
                double bound = MathF.Abs(features[c]) == greatest ? 3.1e-5 : 1.56e-5;
                Assert.InRange(Math.Abs(features[c] - rounded[c]), 0, bound * greatest);
            }
        }
    }

    [Theory]   // what is no number spoils its own feature; what is too short for a direction becomes nothing
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.NaN)]
    [InlineData(float.NegativeInfinity, float.NaN)]
    [InlineData(float.MaxValue, float.NaN)]
    [InlineData(float.Epsilon, 0f)]
    [InlineData(-1e-21f, 0f)]
    [InlineData(0f, 0f)]
    public void Poison_becomes_no_number_and_what_is_too_small_nothing(float value, float expected)
    {
        float[] features = new float[3 * 16];
        features[5] = 1;
        features[16 + 9] = value;
        features[32 + 2] = -4;

        FeatureRounding.Round(features, 16);

        Assert.Equal(1, features[5], 1e-4f);
        Assert.All(features[16..32], rounded => Assert.Equal(expected, rounded));
        Assert.Equal(-4, features[34], 1e-4f);
    }

    private static float[] RandomFeature(Random random, int dimension, double magnitude) =>
        [.. Enumerable.Range(0, dimension).Select(_ => (float)(magnitude * (2 * random.NextDouble() - 1)))];
}
