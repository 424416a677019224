using Saga.Engine.Affinity;
using Saga.Engine.Clustering;
using Saga.Engine.OpenVocabulary;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class MaskClustersTests
{
    private const int Dimension = 8;
    private const int PerThing = 100;

    [Theory]
    [InlineData(3, 6)]
    [InlineData(5, 40)]
    public void Masks_of_one_thing_are_one_cluster(int things, int masksOfEach)
    {
        // Masks come thing by thing in turn, as views do; the last is of nothing.
        (AffinityModel model, float[] quantiles, float[] queries) = Scene(things, masksOfEach);
        AnchorVotes votes = AnchorVotes.Cast(model, quantiles, queries, 0, CancellationToken.None);
        int[] clusters = MaskClusters.Of(votes, masksOfEach, 2, CancellationToken.None);
        for (int mask = 0; mask < things * masksOfEach; mask++)
        {
            Assert.Equal(mask % things, clusters[mask]);
        }

        Assert.Equal(MaskVocabulary.NoCluster, clusters[^1]);
    }

    [Fact]
    public void Rows_made_on_the_way_give_the_clusters_of_the_whole_matrix()
    {
        Random random = new(9);
        (AffinityModel model, float[] quantiles, float[] queries) = Scene(4, 12);
        for (int i = 0; i < queries.Length; i++)
        {
            queries[i] += 0.6f * ((float)random.NextDouble() - 0.5f);
        }

        AnchorVotes votes = AnchorVotes.Cast(model, quantiles, queries, 0, CancellationToken.None);
        int[] expected = ByMatrix(votes, size: 12);
        Assert.Equal(expected, MaskClusters.Of(votes, 12, 1, CancellationToken.None));
        Assert.Equal(expected, MaskClusters.Of(votes, 12, 3, CancellationToken.None));
        Assert.InRange(expected.Distinct().Count(), 2, 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Few_masks_are_no_cluster_of_three(int masks)
    {
        (AffinityModel model, float[] quantiles, float[] queries) = Scene(2, 3);
        AnchorVotes votes = AnchorVotes.Cast(model, quantiles[..masks], queries[..(masks * Dimension)], 0, CancellationToken.None);
        Assert.All(MaskClusters.Of(votes, 3, 1, CancellationToken.None), cluster => Assert.Equal(MaskVocabulary.NoCluster, cluster));
    }

    // Single linkage by Kruskal over all pairs, then the same condensed tree: the order of equal edges must not matter.
    private static int[] ByMatrix(AnchorVotes votes, int size)
    {
        int count = votes.Count;
        double[] cores = [.. Enumerable.Range(0, count).Select(a => Enumerable.Range(0, count).Where(b => b != a).Select(b => votes.Distance(a, b)).Order().ElementAt(size - 2))];
        double Reach(int a, int b) => Math.Max(Math.Max(cores[a], cores[b]), votes.Distance(a, b));

        var order = new List<int> { 0 };
        var gaps = new List<double> { 0 };
        while (order.Count < count)
        {
            (int next, double gap) = Enumerable.Range(0, count).Except(order).Select(b => (b, order.Min(a => Reach(a, b)))).MinBy(pair => pair.Item2);
            order.Add(next);
            gaps.Add(gap);
        }

        return Hdbscan.Extract(
            new ReachabilityOrder([.. order], [.. gaps]),
            new HdbscanOptions { MinClusterSize = size, MinSamples = size - 1, SelectionEpsilon = MaskClusters.SelectionEpsilon }).Labels;
    }

    /// <summary>Each thing has a channel of its own.</summary>
    private static (AffinityModel Model, float[] Quantiles, float[] Queries) Scene(int things, int masksOfEach)
    {
        float[] features = new float[things * PerThing * Dimension];
        for (int i = 0; i < things * PerThing; i++)
        {
            features[i * Dimension + i / PerThing] = 1;
        }

        FeatureRounding.Round(features, Dimension);
        int masks = things * masksOfEach + 1;
        float[] queries = new float[masks * Dimension];
        for (int mask = 0; mask < masks - 1; mask++)
        {
            queries[mask * Dimension + mask % things] = 1;
        }

        queries[^1] = 1;
        var model = new AffinityModel
        {
            Dimension = Dimension,
            Features = features,
            Gate = new ScaleGate(new float[Dimension], [.. Enumerable.Repeat(3f, Dimension)]),
            Quantiles = new ScaleQuantiles([1, 2]),
            Info = new AffinityModelInfo(DateTimeOffset.UnixEpoch, 1, 0, 0, "{}", "", things * PerThing),
        };
        return (model, [.. Enumerable.Repeat(0.5f, masks)], queries);
    }
}
