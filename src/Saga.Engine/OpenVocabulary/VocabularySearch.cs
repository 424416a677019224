namespace Saga.Engine.OpenVocabulary;

/// <summary>What a text found.</summary>
/// <param name="Cluster">The cluster of masks, or <see cref="MaskVocabulary.NoCluster"/> for a mask alone.</param>
/// <param name="Score">Mean relevancy of the cluster's masks (Eq. 15), in (0, 1).</param>
/// <param name="MaskCount">Masks of the cluster.</param>
/// <param name="BestMask">The most relevant mask of the cluster; its feature, at its scale, selects the Gaussians.</param>
/// <param name="BestScore">That mask's relevancy.</param>
/// <param name="Chosen">True for what answers the query.</param>
public sealed record TextMatch(int Cluster, double Score, int MaskCount, int BestMask, double BestScore, bool Chosen);

/// <summary>Finds the clusters of masks that a text means (§9).</summary>
public static class VocabularySearch
{
    /// <summary>From this score on a cluster answers a query.</summary>
    public const double MinScore = 0.45;

    /// <summary>Smallest cosine to the best mask's feature, at its scale, of a Gaussian that a text selects.</summary>
    public const float MinCosine = 0.85f;

    /// <summary>Ranks the clusters; those above <see cref="MinScore"/> are chosen, else the best one.</summary>
    /// <param name="vocabulary">The scene's masks.</param>
    /// <param name="text">Unit feature of the text, [embedding channels].</param>
    /// <param name="negatives">Unit features of the canonical negatives, [count, embedding channels].</param>
    /// <param name="view">Only clusters with a mask in this view; null for all.</param>
    /// <returns>Best first; empty only where there is no mask.</returns>
    /// <exception cref="ArgumentException">The text's feature has another number of channels than the vocabulary's.</exception>
    public static IReadOnlyList<TextMatch> Find(
        MaskVocabulary vocabulary, ReadOnlySpan<float> text, ReadOnlySpan<float> negatives, int? view = null)
    {
        if (text.Length != vocabulary.EmbeddingDimension)
        {
            throw new ArgumentException(
                $"The text has {text.Length} channels; the vocabulary has {vocabulary.EmbeddingDimension}.", nameof(text));
        }

        double[] relevancy = new double[vocabulary.Count];
        float[] image = new float[text.Length];
        for (int mask = 0; mask < relevancy.Length; mask++)
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertToSingle(vocabulary.Embeddings.AsSpan(mask * image.Length, image.Length), image);
            relevancy[mask] = Relevancy.Of(image, text, negatives);
        }

        List<TextMatch> matches = ByCluster(vocabulary, relevancy, view);
        if (matches.Count == 0 && BestAlone(vocabulary, relevancy, view) is { } alone)
        {
            matches.Add(alone);
        }

        for (int m = 0; m < matches.Count; m++)
        {
            matches[m] = matches[m] with { Chosen = m == 0 || matches[m].Score > MinScore };
        }

        return matches;
    }

    private static List<TextMatch> ByCluster(MaskVocabulary vocabulary, double[] relevancy, int? view)
    {
        int clusters = vocabulary.ClusterCount;
        double[] sums = new double[clusters];
        int[] counts = new int[clusters];
        int[] best = new int[clusters];
        bool[] seen = new bool[clusters];
        Array.Fill(best, -1);
        for (int mask = 0; mask < relevancy.Length; mask++)
        {
            int cluster = vocabulary.Clusters[mask];
            if (cluster == MaskVocabulary.NoCluster)
            {
                continue;
            }

            sums[cluster] += relevancy[mask];
            counts[cluster]++;
            seen[cluster] |= view is null || vocabulary.Views[mask] == view;
            best[cluster] = best[cluster] < 0 || relevancy[mask] > relevancy[best[cluster]] ? mask : best[cluster];
        }

        return
        [
            .. Enumerable.Range(0, clusters).Where(c => seen[c])
                .Select(c => new TextMatch(c, sums[c] / counts[c], counts[c], best[c], relevancy[best[c]], false))
                .OrderByDescending(match => match.Score).ThenBy(match => match.Cluster),
        ];
    }

    // Few masks make no cluster; one mask is then better than no answer.
    private static TextMatch? BestAlone(MaskVocabulary vocabulary, double[] relevancy, int? view)
    {
        int best = -1;
        for (int mask = 0; mask < relevancy.Length; mask++)
        {
            if ((view is null || vocabulary.Views[mask] == view) && (best < 0 || relevancy[mask] > relevancy[best]))
            {
                best = mask;
            }
        }

        return best < 0 ? null : new TextMatch(MaskVocabulary.NoCluster, relevancy[best], 1, best, relevancy[best], false);
    }
}
