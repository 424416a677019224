using Saga.Engine.Affinity;
using Saga.Engine.OpenVocabulary;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class AnchorVotesTests
{
    private const int Dimension = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(300)]
    [InlineData(2048)]
    public void Votes_are_the_anchors_whose_gated_cosine_is_high_enough(int count)
    {
        // At most 2,048 Gaussians are all anchors, so that nothing is left to chance.
        AffinityModel model = Model(count, seed: 5);
        float[] quantiles = [0.1f, 0.5f, 0.9f, 0.5f];
        float[] queries = Normal(new Random(6), quantiles.Length * Dimension);

        AnchorVotes votes = AnchorVotes.Cast(model, quantiles, queries, 0, TestContext.Current.CancellationToken);

        HashSet<int>[] expected = [.. quantiles.Select((q, m) => Selected(model, q, queries.AsSpan(m * Dimension, Dimension)))];
        for (int a = 0; a < quantiles.Length; a++)
        {
            Assert.Equal(expected[a].Count, votes.VotesOf(a));
            for (int b = 0; b < quantiles.Length; b++)
            {
                int both = expected[a].Intersect(expected[b]).Count();
                int either = expected[a].Union(expected[b]).Count();
                Assert.Equal(both == 0 ? 1 : 1 - (double)both / either, votes.Distance(a, b), 1e-6);
            }
        }
    }

    [Fact]
    public void Large_scenes_vote_with_a_sample_that_the_seed_decides()
    {
        AffinityModel model = Model(20_000, seed: 5);
        float[] quantiles = [0.3f, 0.3f];
        float[] queries = Normal(new Random(6), 2 * Dimension);
        (int, int, float) At(long seed)
        {
            AnchorVotes votes = AnchorVotes.Cast(model, quantiles, queries, seed, CancellationToken.None);
            return (votes.VotesOf(0), votes.VotesOf(1), votes.Distance(0, 1));
        }

        Assert.Equal(At(0), At(0));
        Assert.NotEqual(At(0), At(1));
        int share = Selected(model, 0.3f, queries.AsSpan(0, Dimension)).Count;
        Assert.InRange(At(0).Item1, share * 2048 / 20_000 * 0.7, share * 2048 / 20_000 * 1.3);
    }

    [Fact]
    public void A_mask_without_votes_is_at_the_greatest_distance_from_all()
    {
        AffinityModel model = Model(100, seed: 5);
        AnchorVotes votes = AnchorVotes.Cast(model, [0.5f, 0.5f], [.. new float[Dimension], .. model.Features[..Dimension]], 0, CancellationToken.None);
        Assert.Equal(0, votes.VotesOf(0));
        Assert.Equal(1, votes.Distance(0, 1));
        Assert.Equal(1, votes.Distance(0, 0));
    }

    private static HashSet<int> Selected(AffinityModel model, float quantile, ReadOnlySpan<float> query)
    {
        float[] gate = new float[Dimension];
        model.Gate.Evaluate(quantile, gate);
        var selected = new HashSet<int>();
        for (int i = 0; i < model.Count; i++)
        {
            double dot = 0, left = 0, right = 0;
            for (int c = 0; c < Dimension; c++)
            {
                double f = (double)gate[c] * model.Features[i * Dimension + c];
                double q = (double)gate[c] * query[c];
                (dot, left, right) = (dot + f * q, left + f * f, right + q * q);
            }

            if (dot / Math.Sqrt(left * right) >= AnchorVotes.MinCosine)
            {
                selected.Add(i);
            }
        }

        return selected;
    }

    private static AffinityModel Model(int count, int seed)
    {
        Random random = new(seed);
        float[] features = Normal(random, count * Dimension);

        // What prompts score is what was rounded; the reference reads the same numbers.
        FeatureRounding.Round(features, Dimension);
        return new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = new ScaleGate(Normal(random, Dimension), Normal(random, Dimension)),
            Quantiles = new ScaleQuantiles([1, 2]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", count),
        };
    }

    private static float[] Normal(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
}
