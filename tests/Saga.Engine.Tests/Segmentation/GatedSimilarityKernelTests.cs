using System.Runtime.Intrinsics;
using Saga.Engine.Affinity;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

[Trait("Category", "Kernel")]
public class GatedSimilarityKernelTests
{
    private const int Dimension = 32;

    // 32 float products, cosines in [-1, 1]: a score this close to its limit may be judged either way.
    private const double Tolerance = 1e-5;

    [Theory]   // below, at and above a block, and a tail after several parallel chunks
    [InlineData(1, 1, 0)]
    [InlineData(15, 1, 1)]
    [InlineData(16, 3, 0)]
    [InlineData(17, 2, 3)]
    [InlineData(1003, 1, 0)]
    [InlineData(1003, 5, 4)]
    [InlineData(20_011, 2, 2)]
    public void Selection_equals_the_double_precision_reference(int count, int positives, int negatives)
    {
        Random random = new(count + positives);
        AffinityModel model = RandomModel(random, count);
        FeatureRounding.Round(model.Features, Dimension);
        GatedQueries queries = RandomQueries(random, model, positives, negatives);

        ushort[] selected = Run(model, queries, 0.2f);

        int selectedCount = 0;
        for (int i = 0; i < count; i++)
        {
            (double positive, double negative) = Scores(model, queries, i);
            bool isSelected = (selected[i / 16] >> (i % 16) & 1) != 0;
            selectedCount += isSelected ? 1 : 0;
            if (Math.Abs(positive - 0.2f) > Tolerance && Math.Abs(positive - negative) > Tolerance)
            {
                bool expected = positive >= 0.2f && positive > negative;
                Assert.True(expected == isSelected, $"Gaussian {i} of {count}: {positive} and {negative}, selected: {isSelected}");
            }
        }

        Assert.True(count < 1000 || selectedCount > 50 && selectedCount < count - 50, $"{selectedCount} of {count} prove little.");
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 2)]
    public void Every_vector_width_gives_the_same_bits(int positives, int negatives)
    {
        Random random = new(8);
        AffinityModel model = RandomModel(random, 4096);
        GatedQueries queries = RandomQueries(random, model, positives, negatives);
        FeatureBlocks blocks = FeatureBlocks.From(model);
        float[] values = FeatureDecoder.All(blocks);
        ushort[] scalar = new ushort[blocks.BlockCount];
        ushort[] wide = new ushort[blocks.BlockCount];
        for (float threshold = -0.3f; threshold < 0.9f; threshold += 0.1f)
        {
            GatedSimilarityKernel.Run<float, Lanes1>(values, queries, threshold, scalar);
            GatedSimilarityKernel.Run<Vector128<float>, Lanes128>(values, queries, threshold, wide);
            Assert.Equal(scalar, wide);
            GatedSimilarityKernel.Run<Vector256<float>, Lanes256>(values, queries, threshold, wide);
            Assert.Equal(scalar, wide);
            GatedSimilarityKernel.Run<Vector512<float>, Lanes512>(values, queries, threshold, wide);
            Assert.Equal(scalar, wide);
        }
    }

    [Fact]
    public void A_gaussian_without_a_direction_scores_zero()
    {
        AffinityModel model = RandomModel(new Random(1), 20);
        model.Features.AsSpan(7 * Dimension, Dimension).Clear();
        model.Features.AsSpan(9 * Dimension, Dimension).Fill(1e-30f);
        GatedQueries queries = RandomQueries(new Random(2), model, 1, 0);

        Assert.Equal(0b1010_0000_00, Run(model, queries, 0f)[0] & 0b1010_0000_00);
        Assert.Equal(0, Run(model, queries, 1e-6f)[0] & 0b1010_0000_00);
    }

    [Fact]
    public void A_query_without_a_direction_matches_nothing_above_zero()
    {
        AffinityModel model = RandomModel(new Random(1), 33);
        var nothing = new QueryFeature(new float[Dimension], 1, 1, []);
        GatedQueries queries = GatedQueries.At(model.Gate, 0.5, [nothing], []);

        Assert.All(Run(model, queries, 0.01f), bits => Assert.Equal(0, bits));
        Assert.Equal([0xFFFF, 0xFFFF, 0x0001], Run(model, queries, 0f));
    }

    [Fact]
    public void Threshold_minus_one_selects_all_and_one_selects_the_query_itself()
    {
        AffinityModel model = RandomModel(new Random(4), 64);
        for (int i = 0; i < 64; i += 3)
        {
            // Copies at any length: the cosine with the query is 1 up to rounding.
            for (int c = 0; c < Dimension; c++)
            {
                model.Features[i * Dimension + c] = model.Features[c] * (1 + i);
            }
        }

        var query = new QueryFeature(model.Features[..Dimension], 1, 1, []);
        GatedQueries queries = GatedQueries.At(model.Gate, 0.5, [query], []);
        Assert.All(Run(model, queries, -1f), bits => Assert.Equal(0xFFFF, bits));

        // The same prompt as positive and negative: nothing is more like the one than like the other.
        Assert.All(Run(model, GatedQueries.At(model.Gate, 0.5, [query], [query]), -1f), bits => Assert.Equal(0, bits));
    }

    private static ushort[] Run(AffinityModel model, GatedQueries queries, float threshold)
    {
        FeatureBlocks blocks = FeatureBlocks.From(model);
        ushort[] selected = new ushort[blocks.BlockCount];
        GatedSimilarityKernel.Run<Vector512<float>, Lanes512>(FeatureDecoder.All(blocks), queries, threshold, selected);
        ushort[] passed = new ushort[blocks.BlockCount];
        SelectionPass.Run(new BlockScorer(blocks, queries, threshold), 2, passed, CancellationToken.None);

        // Padding is not selected in the end, however the kernel scores it.
        selected[^1] &= (ushort)((1L << (model.Count - 16 * (blocks.BlockCount - 1))) - 1);
        Assert.Equal(selected, passed);
        return selected;
    }

    private static (double Positive, double Negative) Scores(AffinityModel model, GatedQueries queries, int i)
    {
        double positive = double.NegativeInfinity;
        double negative = double.NegativeInfinity;
        for (int j = 0; j < queries.PositiveCount + queries.NegativeCount; j++)
        {
            double dot = 0;
            double normSquared = 0;
            for (int c = 0; c < Dimension; c++)
            {
                double gated = (double)model.Features[i * Dimension + c] * queries.Gate[c];
                dot += gated * queries.Values[j * Dimension + c];
                normSquared += gated * gated;
            }

            double cosine = normSquared > 0 ? dot / Math.Sqrt(normSquared) : 0;
            (positive, negative) = j < queries.PositiveCount
                ? (Math.Max(positive, cosine), negative)
                : (positive, Math.Max(negative, cosine));
        }

        return (positive, negative);
    }

    internal static AffinityModel RandomModel(Random random, int count, int dimension = Dimension) => new()
    {
        Dimension = dimension,
        Features = [.. Enumerable.Range(0, count * dimension).Select(_ => (float)SyntheticScenes.Signed(random))],
        Gate = new ScaleGate(
            [.. Enumerable.Range(0, dimension).Select(_ => 3 * (float)SyntheticScenes.Signed(random))],
            [.. Enumerable.Range(0, dimension).Select(_ => 3 * (float)SyntheticScenes.Signed(random))]),
        Quantiles = new ScaleQuantiles([0.1, 1]),
        Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", count),
    };

    private static GatedQueries RandomQueries(Random random, AffinityModel model, int positives, int negatives)
    {
        QueryFeature[] points = [.. Enumerable.Range(0, positives + negatives).Select(_ => new QueryFeature(
            [.. Enumerable.Range(0, Dimension).Select(_ => (float)SyntheticScenes.Signed(random))], 1, 1, []))];
        return GatedQueries.At(model.Gate, 0.4, points[..positives], points[positives..]);
    }
}
