using Saga.Engine.OpenVocabulary;

namespace Saga.Engine.Tests.OpenVocabulary;

public sealed class VocabularySearchTests
{
    private static readonly float[] Negatives = [0, 0, 1];

    [Fact]
    public void Clusters_rank_by_the_mean_relevancy_of_their_masks_and_name_their_best()
    {
        // Masks 0 and 1 look like x (mask 1 most), 2 and 3 like y, 4 belongs to no cluster.
        MaskVocabulary vocabulary = Vocabulary([0, 0, 1, 1, -1], [0, 1, 0, 1, 2], [0.8f, 0.6f, 0], [1, 0, 0], [0, 1, 0], [0.6f, 0.8f, 0], [1, 0, 0]);
        IReadOnlyList<TextMatch> found = VocabularySearch.Find(vocabulary, [1, 0, 0], Negatives);

        Assert.Equal([0, 1], found.Select(match => match.Cluster));
        Assert.Equal([2, 2], found.Select(match => match.MaskCount));
        Assert.Equal([1, 3], found.Select(match => match.BestMask));
        Assert.Equal((Score(0.8) + Score(1)) / 2, found[0].Score, 1e-3);
        Assert.Equal((Score(0) + Score(0.6)) / 2, found[1].Score, 1e-3);
        Assert.All(found, match => Assert.True(match.Chosen));
    }

    [Fact]
    public void Below_the_smallest_score_only_the_best_cluster_answers()
    {
        MaskVocabulary vocabulary = Vocabulary([0, 1], [0, 1], [0, 0.6f, 0.8f], [0, 0, 1]);
        IReadOnlyList<TextMatch> found = VocabularySearch.Find(vocabulary, [1, 0, 0], Negatives);
        Assert.All(found, match => Assert.True(match.Score < VocabularySearch.MinScore));
        Assert.Equal([true, false], found.Select(match => match.Chosen));
        Assert.Equal(0, found[0].Cluster);
    }

    [Fact]
    public void A_view_keeps_only_clusters_that_are_seen_in_it()
    {
        MaskVocabulary vocabulary = Vocabulary([0, 0, 1], [0, 1, 2], [1, 0, 0], [1, 0, 0], [0, 1, 0]);
        Assert.Equal([1], VocabularySearch.Find(vocabulary, [1, 0, 0], Negatives, view: 2).Select(match => match.Cluster));
        Assert.Empty(VocabularySearch.Find(vocabulary, [1, 0, 0], Negatives, view: 3));
    }

    [Fact]
    public void Without_clusters_the_best_mask_alone_answers()
    {
        MaskVocabulary vocabulary = Vocabulary([-1, -1], [0, 0], [0, 1, 0], [1, 0, 0]);
        TextMatch found = Assert.Single(VocabularySearch.Find(vocabulary, [1, 0, 0], Negatives));
        Assert.Equal((MaskVocabulary.NoCluster, 1, true), (found.Cluster, found.BestMask, found.Chosen));
    }

    [Fact]
    public void Without_masks_nothing_is_found() => Assert.Empty(VocabularySearch.Find(Vocabulary([], []), [1, 0, 0], Negatives));

    [Fact]
    public void A_text_of_another_encoder_is_refused() =>
        Assert.Throws<ArgumentException>(() => VocabularySearch.Find(Vocabulary([0], [0], [1, 0, 0]), [1, 0], Negatives));

    [Fact]
    public void A_file_gives_back_what_was_written()
    {
        MaskVocabulary vocabulary = Vocabulary([0, -1, 1], [0, 1, 2], [1, 0, 0], [0, 1, 0], [0, 0, 1]);
        MaskVocabulary read = MaskVocabularyFile.Read(new MemoryStream(Bytes(vocabulary)), "v");
        Assert.Equal(vocabulary.Views, read.Views);
        Assert.Equal(vocabulary.Clusters, read.Clusters);
        Assert.Equal(vocabulary.Quantiles, read.Quantiles);
        Assert.Equal(vocabulary.Queries, read.Queries);
        Assert.Equal(vocabulary.Embeddings, read.Embeddings);
        Assert.Equal(vocabulary.Info, read.Info);
        Assert.Equal((3, 2), (read.Count, read.ClusterCount));
    }

    [Fact]
    public void A_file_cut_or_changed_anywhere_is_refused()
    {
        byte[] whole = Bytes(Vocabulary([0, 1], [0, 1], [1, 0, 0], [0, 1, 0]));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<InvalidVocabularyException>(() => MaskVocabularyFile.Read(new MemoryStream(whole[..length]), "v"));
        }

        for (int at = 0; at < whole.Length; at++)
        {
            byte[] changed = (byte[])whole.Clone();
            changed[at] ^= 0x10;
            Assert.Throws<InvalidVocabularyException>(() => MaskVocabularyFile.Read(new MemoryStream(changed), "v"));
        }
    }

    private static byte[] Bytes(MaskVocabulary vocabulary)
    {
        using var stream = new MemoryStream();
        MaskVocabularyFile.Write(stream, vocabulary);
        return stream.ToArray();
    }

    private static double Score(double cosine) => 1 / (1 + Math.Exp(-10 * cosine));

    private static MaskVocabulary Vocabulary(int[] clusters, int[] views, params float[][] embeddings) => new()
    {
        FeatureDimension = 8,
        EmbeddingDimension = 3,
        Views = views,
        Quantiles = [.. clusters.Select((_, i) => i / 10f)],
        Queries = [.. Enumerable.Range(0, 8 * clusters.Length).Select(i => (float)i)],
        Embeddings = [.. embeddings.SelectMany(e => e).Select(v => (Half)v)],
        Clusters = clusters,
        Info = new MaskVocabularyInfo(new string('a', 64), "test", 3),
    };
}
