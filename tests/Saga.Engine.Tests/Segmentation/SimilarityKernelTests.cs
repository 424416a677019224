using System.Runtime.Intrinsics;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

[Trait("Category", "Kernel")]
public class SimilarityKernelTests
{
    [Theory]   // below, at and above a block, several blocks, a long tail; channels with and without padding
    [InlineData(1, 8, 1, 0)]
    [InlineData(15, 8, 1, 1)]
    [InlineData(16, 32, 2, 0)]
    [InlineData(17, 32, 1, 2)]
    [InlineData(1003, 32, 3, 3)]
    [InlineData(517, 10, 2, 1)]
    [InlineData(100, 64, 1, 1)]
    public void Every_width_matches_the_double_precision_reference(int count, int dimension, int positives, int negatives)
    {
        Random random = new(count);
        float[] values = FilterFixtures.Uniform(random, count * dimension);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(dimension, values));
        GatedQueries queries = FilterFixtures.RandomQueries(random, dimension, positives, negatives);
        int fileCount = count + count / 3 + 1;
        int[] records = [.. Enumerable.Range(0, fileCount)];
        random.Shuffle(records);
        int[] fileIndices = records[..count];

        byte[] bytes = AllWidths(features, queries, fileIndices, fileCount);

        float[] decoded = FeatureDecoder.All(features);
        for (int i = 0; i < count; i++)
        {
            (double positive, double negative) = Reference(decoded, queries, dimension, i);

            // Half a step of the byte, and 64 float32 terms of a cosine times 255.
            const double tolerance = 0.5 + 0.005;
            int value = bytes[fileIndices[i]];
            bool isBeaten = negatives > 0 && negative > positive + 1e-5;
            bool isTie = negatives > 0 && Math.Abs(negative - positive) <= 1e-5;
            double expected = isBeaten ? 0 : 255 * Math.Max(0, positive);
            Assert.True(
                Math.Abs(value - expected) <= tolerance || (isTie && value == 0), $"Gaussian {i} of {count}: {value} instead of {expected}");
        }

        Assert.All(records[count..], record => Assert.Equal(0, bytes[record]));
    }

    [Fact]
    public void A_byte_from_the_threshold_on_is_what_a_prompt_selects()
    {
        const int count = 4000;
        Random random = new(5);
        GatedQueries queries = FilterFixtures.RandomQueries(random, 32, 1, 2);
        FeatureBlocks features = FeatureBlocks.From(
            FilterFixtures.Model(32, FilterFixtures.NearThreshold(random, queries, 0.4f, count)));
        int[] fileIndices = [.. Enumerable.Range(0, count)];
        byte[] bytes = AllWidths(features, queries, fileIndices, count);

        // What is selected at threshold 0 and not 0 itself has a byte, up to the rounding of half a step.
        ushort[] selected = new ushort[features.BlockCount];
        foreach (float threshold in new[] { 0.1f, 0.4f, 0.6f })
        {
            SelectionPass.Run(new BlockScorer(features, queries, threshold), 1, selected, CancellationToken.None);
            for (int i = 0; i < count; i++)
            {
                bool isSelected = (selected[i / 16] >> (i % 16) & 1) != 0;
                Assert.True(isSelected ? bytes[i] >= 255 * threshold - 0.51 : bytes[i] <= 255 * threshold + 0.51);
            }
        }
    }

    [Fact]
    public void A_negative_point_at_the_same_place_leaves_nothing()
    {
        float[] values = FilterFixtures.Uniform(new Random(3), 50 * 8);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(8, values));
        QueryFeature point = FilterFixtures.Query(values[..8]);
        GatedQueries queries = GatedQueries.At(FilterFixtures.RandomGate(new Random(4), 8), 0.5, [point], [point]);

        Assert.All(AllWidths(features, queries, [.. Enumerable.Range(0, 50)], 50), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Features_that_are_no_numbers_have_no_direction_or_overflow_are_0()
    {
        float[] values = FilterFixtures.Uniform(new Random(7), 40 * 8);
        values.AsSpan(8, 8).Clear();
        values[2 * 8 + 3] = float.NaN;
        values[3 * 8] = float.PositiveInfinity;
        values.AsSpan(4 * 8, 8).Fill(9e37f);
        values.AsSpan(5 * 8, 8).Fill(1e-19f);
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(8, values));
        GatedQueries queries = FilterFixtures.RandomQueries(new Random(8), 8, 1, 0);

        byte[] bytes = AllWidths(features, queries, [.. Enumerable.Range(0, 40)], 40);

        Assert.Equal(new byte[5], bytes[1..6]);
    }

    [Fact]
    public void A_query_without_direction_is_similar_to_nothing()
    {
        FeatureBlocks features = FeatureBlocks.From(FilterFixtures.Model(8, FilterFixtures.Uniform(new Random(7), 40 * 8)));
        GatedQueries queries = GatedQueries.At(
            FilterFixtures.RandomGate(new Random(4), 8), 0.5, [FilterFixtures.Query(new float[8])], []);

        Assert.All(AllWidths(features, queries, [.. Enumerable.Range(0, 40)], 40), value => Assert.Equal(0, value));
    }

    // Scores with every width this machine has, from two starts, and holds them against each other.
    private static byte[] AllWidths(FeatureBlocks features, GatedQueries queries, int[] fileIndices, int fileCount)
    {
        byte[] bytes = new byte[fileCount];
        int half = features.BlockCount / 2;
        SimilarityKernel.Run<int, float, FilterLanes1, Lanes1>(features, queries, fileIndices, 0, half, bytes);
        SimilarityKernel.Run<int, float, FilterLanes1, Lanes1>(
            features, queries, fileIndices, half, features.BlockCount - half, bytes);
        byte[] other = new byte[fileCount];
        if (FilterLanes128.IsSupported)
        {
            SimilarityKernel.Run<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(
                features, queries, fileIndices, 0, features.BlockCount, other);
            Assert.Equal(bytes, other);
            Array.Fill(other, (byte)0);
        }

        if (FilterLanes256.IsSupported)
        {
            SimilarityKernel.Run<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(
                features, queries, fileIndices, 0, features.BlockCount, other);
            Assert.Equal(bytes, other);
            Array.Fill(other, (byte)0);
        }

        if (FilterLanes512.IsSupported)
        {
            SimilarityKernel.Run<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(
                features, queries, fileIndices, 0, features.BlockCount, other);
            Assert.Equal(bytes, other);
            Array.Fill(other, (byte)0);
        }

        SimilarityKernel.RunBlocks(features, queries, fileIndices, 0, features.BlockCount, other);
        Assert.Equal(bytes, other);
        return bytes;
    }

    private static (double Positive, double Negative) Reference(float[] decoded, GatedQueries queries, int dimension, int i)
    {
        double norm = 0;
        double[] gated = new double[dimension];
        for (int c = 0; c < dimension; c++)
        {
            gated[c] = (double)decoded[(i / 16 * dimension + c) * 16 + i % 16] * queries.Gate[c];
            norm += gated[c] * gated[c];
        }

        double[] cosines = [.. Enumerable.Range(0, queries.PositiveCount + queries.NegativeCount)
            .Select(j => gated.Select((value, c) => value * queries.Values[j * dimension + c]).Sum() / Math.Sqrt(norm))];
        return (cosines[..queries.PositiveCount].Max(), cosines[queries.PositiveCount..].DefaultIfEmpty(-2).Max());
    }
}
