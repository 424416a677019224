using System.Runtime.Intrinsics;
using Saga.Engine.Affinity;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

public class FeatureBlocksTests
{
    [Theory]   // every dimension of a model and some that need padding; below, at and above a block
    [InlineData(8, 1)]
    [InlineData(12, 17)]
    [InlineData(31, 16)]
    [InlineData(32, 1003)]
    [InlineData(64, 50)]
    public void Every_width_decodes_exactly_the_rounded_features(int dimension, int count)
    {
        Random random = new(dimension);
        float[] features = FilterFixtures.Uniform(random, count * dimension);
        foreach (ref float value in features.AsSpan())
        {
            value *= (float)Math.Pow(10, 6 * random.NextDouble() - 3);
        }

        FeatureBlocks blocks = FeatureBlocks.From(FilterFixtures.Model(dimension, features));
        FeatureRounding.Round(features, dimension);

        AssertDecodes<int, float, FilterLanes1, Lanes1>(blocks, features);
        if (FilterLanes128.IsSupported)
        {
            AssertDecodes<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(blocks, features);
        }

        if (FilterLanes256.IsSupported)
        {
            AssertDecodes<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(blocks, features);
        }

        if (FilterLanes512.IsSupported)
        {
            AssertDecodes<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(blocks, features);
        }
    }

    [Fact]
    public void A_single_feature_is_the_rounded_one()
    {
        float[] features = FilterFixtures.Uniform(new Random(4), 100 * 32);
        FeatureBlocks blocks = FeatureBlocks.From(FilterFixtures.Model(32, features));
        FeatureRounding.Round(features, 32);
        float[] sum = new float[32];

        blocks.AddTo(77, 1, sum);

        Assert.Equal(features[(77 * 32)..(78 * 32)], sum);
    }

    [Fact]
    public void Every_level_splits_into_two_bytes_and_back()
    {
        // One channel holds the greatest level, so that the step is 1/256 and another channel can hold any.
        const int levels = 2 * FeatureRounding.MaxLevel + 1;
        float[] features = new float[levels * 8];
        for (int i = 0; i < levels; i++)
        {
            features[8 * i] = 127;
            features[8 * i + 5] = (i - FeatureRounding.MaxLevel) / 256f;
        }

        FeatureBlocks blocks = FeatureBlocks.From(FilterFixtures.Model(8, features));

        AssertDecodes<int, float, FilterLanes1, Lanes1>(blocks, features);
        for (int i = 0; i < levels; i++)
        {
            double e = (i - FeatureRounding.MaxLevel) / 256.0 - blocks.High[i / 16 * blocks.BlockBytes + (2 * 16 + i % 16) * 2 + 1];
            Assert.InRange(e, -0.5, 127 / 256.0);
            Assert.InRange(blocks.OffChannels[i / 16], (byte)Math.Ceiling(4 * e * e), (byte)8);
        }
    }

    private static void AssertDecodes<TInteger, TFloat, TFilter, TLanes>(FeatureBlocks blocks, float[] features)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
        where TLanes : IScoringLanes<TFloat>
    {
        float[] values = new float[blocks.PairCount * 2 * 16];
        for (int i = 0; i < blocks.BlockCount * 16; i++)
        {
            FeatureDecoder.Run<TInteger, TFloat, TFilter, TLanes>(blocks, i / 16, ref values[0]);
            for (int c = 0; c < blocks.PairCount * 2; c++)
            {
                float expected = c < blocks.Dimension && i < blocks.Count ? features[i * blocks.Dimension + c] : 0;
                Assert.True(expected == values[c * 16 + i % 16], $"Gaussian {i}, channel {c}: {values[c * 16 + i % 16]} instead of {expected}");
            }
        }
    }
}
