using Saga.Engine.Affinity;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

[Trait("Category", "Kernel")]
public class SimilarityFilterTests
{
    [Theory]   // every dimension of a model and some that need padding; below, at and above a block and a chunk
    [InlineData(8, 1, 1, 0)]
    [InlineData(8, 4099, 2, 1)]
    [InlineData(12, 333, 1, 1)]
    [InlineData(16, 15, 1, 0)]
    [InlineData(24, 16, 3, 2)]
    [InlineData(31, 200, 1, 0)]
    [InlineData(32, 20_011, 1, 0)]
    [InlineData(32, 20_011, 7, 30)]
    [InlineData(40, 17, 1, 3)]
    [InlineData(48, 5000, 1, 0)]
    [InlineData(64, 9001, 1, 0)]
    [InlineData(64, 9001, 2, 2)]
    public void Selection_equals_float32_bit_for_bit(int dimension, int count, int positives, int negatives)
    {
        Random random = new(dimension * 7919 + count);
        FeatureBlocks features = FeatureBlocks.From(Model(dimension, FilterFixtures.Uniform(random, count * dimension)));
        for (int round = 0; round < 6; round++)
        {
            GatedQueries queries = FilterFixtures.RandomQueries(random, dimension, positives, negatives);
            float threshold = new[] { 0f, 0.2f, 0.5f, -0.3f, 1f, -1f }[round];

            FilterFixtures.AssertAllWidthsEqualFloat32(features, queries, threshold);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(64)]
    public void Cosines_next_to_the_threshold_are_told_apart_as_float32_does(int dimension)
    {
        Random random = new(dimension);
        foreach (float threshold in new[] { 0.9999f, 0.95f, 0.7f, 0.1f, 0f, -0.4f, -0.99f })
        {
            GatedQueries queries = FilterFixtures.RandomQueries(random, dimension, 1, 0);
            float[] values = FilterFixtures.NearThreshold(random, queries, threshold, 3000);
            FeatureBlocks features = FeatureBlocks.From(Model(dimension, values));

            int selected = FilterFixtures.AssertAllWidthsEqualFloat32(features, queries, threshold);

            Assert.InRange(selected, 300, 2700);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(64)]
    public void Rounding_that_moves_a_cosine_as_far_as_it_can_changes_no_verdict(int dimension)
    {
        Random random = new(dimension + 1);
        foreach (float threshold in new[] { 0.999f, 0.9f, 0.5f, 0f, -0.6f })
        {
            // Gates that are alike: the bound is then the length of the error, not of its worst channels.
            var gate = new ScaleGate(new float[dimension], [.. FilterFixtures.Uniform(random, dimension).Select(b => b / 4)]);
            GatedQueries queries = GatedQueries.At(
                gate, 0.5, [FilterFixtures.Query(FilterFixtures.Uniform(random, dimension))], []);
            float[] values = FilterFixtures.PushedAcross(random, queries, threshold, 4000);

            FilterFixtures.AssertAllWidthsEqualFloat32(FeatureBlocks.From(Model(dimension, values)), queries, threshold);
        }
    }

    [Fact]
    public void Two_queries_that_are_all_but_equal_are_told_apart_as_float32_does()
    {
        Random random = new(3);
        FeatureBlocks features = FeatureBlocks.From(Model(32, FilterFixtures.Uniform(random, 32 * 5000)));
        float[] query = FilterFixtures.Uniform(random, 32);
        foreach (float difference in new[] { 0f, 1e-7f, 1e-5f, 1e-3f, 1e-1f })
        {
            float[] other = [.. query.Select(value => value + difference * (float)SyntheticScenes.Signed(random))];
            GatedQueries queries = GatedQueries.At(
                FilterFixtures.RandomGate(random, 32), 0.3, [FilterFixtures.Query(query)], [FilterFixtures.Query(other)]);

            FilterFixtures.AssertAllWidthsEqualFloat32(features, queries, -0.5f);
        }
    }

    [Fact]
    public void Features_of_any_magnitude_and_poison_are_left_to_float32()
    {
        Random random = new(4);
        float[] values = FilterFixtures.Uniform(random, 32 * 4000);
        float[] magnitudes =
            [0, 1e-45f, 1e-30f, 1e-21f, 1e-19f, 1e-13f, 3e-13f, 1e-12f, 3e-12f, 1e-11f, 1e-6f, 1, 1e6f, 1e14f, 1e16f, 1e20f, 1e38f];
        for (int i = 0; i < 4000; i++)
        {
            float magnitude = magnitudes[random.Next(magnitudes.Length)];
            foreach (ref float value in values.AsSpan(i * 32, 32))
            {
                value *= magnitude;
            }
        }

        values[1000 * 32 + 5] = float.NaN;
        values[2000 * 32 + 6] = float.PositiveInfinity;
        values[2016 * 32 + 31] = float.NegativeInfinity;
        FeatureBlocks features = FeatureBlocks.From(Model(32, values));
        foreach (float threshold in new[] { -1f, -0.1f, 0f, 1e-6f, 0.2f, 1f })
        {
            FilterFixtures.AssertAllWidthsEqualFloat32(features, FilterFixtures.RandomQueries(random, 32, 1, 0), threshold);
            FilterFixtures.AssertAllWidthsEqualFloat32(features, FilterFixtures.RandomQueries(random, 32, 1, 1), threshold);
        }
    }

    [Theory]   // a gate that is all but shut, one open channel, one shut channel, a query of nothing
    [InlineData(-60f, 0)]
    [InlineData(-20f, 0)]
    [InlineData(-8f, 1)]
    [InlineData(8f, 2)]
    [InlineData(0f, 3)]
    public void Extreme_gates_and_empty_queries_change_nothing(float bias, int kind)
    {
        Random random = new(5);
        float[] biases = [.. Enumerable.Repeat(bias, 32)];
        biases[7] = kind is 1 or 2 ? -bias : biases[7];
        float[] query = kind == 3 ? new float[32] : FilterFixtures.Uniform(random, 32);
        GatedQueries queries = GatedQueries.At(new ScaleGate(new float[32], biases), 0.5, [FilterFixtures.Query(query)], []);
        FeatureBlocks features = FeatureBlocks.From(Model(32, FilterFixtures.Uniform(random, 32 * 2500)));
        foreach (float threshold in new[] { -0.2f, 0f, 0.3f })
        {
            FilterFixtures.AssertAllWidthsEqualFloat32(features, queries, threshold);
        }
    }

    [Fact]
    public void Few_blocks_of_object_like_features_need_float32()
    {
        // Objects: 64 directions with noise, neighbours in order. Three of four blocks must be decided by 8 bits, or the
        // filter reads more than it saves.
        Random random = new(6);
        float[] values = new float[32 * 64_000];
        float[] directions = FilterFixtures.Uniform(random, 32 * 64);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = directions[i / (32 * 1000) * 32 + i % 32] + 0.3f * (float)SyntheticScenes.Signed(random);
        }

        FeatureBlocks features = FeatureBlocks.From(Model(32, values));
        GatedQueries queries = GatedQueries.At(
            FilterFixtures.RandomGate(random, 32), 0.5, [FilterFixtures.Query(values[..32])], []);
        var scorer = new BlockScorer(features, queries, 0.5f);

        int inexact = scorer.Select(0, new ushort[features.BlockCount]);

        Assert.InRange(inexact, 0, features.BlockCount / 4);
    }

    private static AffinityModel Model(int dimension, float[] features) => FilterFixtures.Model(dimension, features);
}
