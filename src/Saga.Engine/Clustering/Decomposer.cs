using System.Numerics;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Clustering;

/// <summary>Takes a scene apart at one scale (§8).</summary>
/// <remarks>
/// (1) Gate and normalise the features of a sample. (2) HDBSCAN. (3) Centres. (4) Every Gaussian to the centre it is most like, or to none.
/// (5) Clusters in the order of their size. Where nothing parts, the whole is the one cluster: a selection that has no parts is
/// still something.
/// </remarks>
internal static class Decomposer
{
    /// <summary>Decomposes; the result depends on neither threads nor anything else but the arguments.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="features">Its features.</param>
    /// <param name="scaleGate">The model's gate.</param>
    /// <param name="options">Checked.</param>
    /// <param name="within">Only inside this selection; null for everywhere.</param>
    /// <param name="maxThreads">Most threads.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    public static SceneDecomposition Run(
        GaussianScene scene, FeatureBlocks features, ScaleGate scaleGate, DecompositionOptions options, GaussianSelection? within,
        int maxThreads, CancellationToken cancellationToken)
    {
        float[] gate = new float[features.Dimension];
        scaleGate.Evaluate(options.Scale, gate);
        Func<int, bool>? inside = within is null ? null : i => within.Contains(scene.FileIndices[i]);
        int count = inside is null ? scene.Count : Enumerable.Range(0, scene.Count).Count(inside);
        FeatureSample sample = FeatureSample.Draw(features, gate, inside, count, options.SampleCount(count), options.Seed);
        ClusterCenters centers = Centers(sample, options, maxThreads, cancellationToken);

        ushort[] labels = new ushort[scene.Count];
        Array.Fill(labels, SceneDecomposition.None);
        if (centers.Count > 0)
        {
            SelectionPass.ForChunks(
                features.BlockCount,
                maxThreads,
                (start, length) => NearestCenterKernel.RunBlocks(features, gate, centers, start, length, labels),
                cancellationToken);
        }

        for (int i = 0; inside is not null && i < labels.Length; i++)
        {
            labels[i] = inside(i) ? labels[i] : SceneDecomposition.None;
        }

        SceneCluster[] clusters = Measure(scene, labels, centers.Count);
        return InOrderOfSize(scene, labels, clusters, count, sample.Count);
    }

    private static ClusterCenters Centers(
        FeatureSample sample, DecompositionOptions options, int maxThreads, CancellationToken cancellationToken)
    {
        var clustering = new HdbscanOptions
        {
            MinClusterSize = options.MinClusterSize,
            SelectionEpsilon = DecompositionOptions.SelectionEpsilon,
        };
        HdbscanResult found = Hdbscan.Cluster(sample.Values, sample.Dimension, clustering, maxThreads, cancellationToken);
        return found.ClusterCount == 0 && sample.Count >= options.MinClusterSize
            ? ClusterCenters.Of(sample, new int[sample.Count], 1)
            : ClusterCenters.Of(sample, found.Labels, found.ClusterCount);
    }

    private static SceneCluster[] Measure(GaussianScene scene, ushort[] labels, int clusterCount)
    {
        int[] counts = new int[clusterCount];
        double[] sums = new double[3 * clusterCount];
        var min = new Vector3[clusterCount];
        var max = new Vector3[clusterCount];
        Array.Fill(min, new Vector3(float.PositiveInfinity));
        Array.Fill(max, new Vector3(float.NegativeInfinity));
        for (int i = 0; i < labels.Length; i++)
        {
            int k = labels[i];
            if (k == SceneDecomposition.None)
            {
                continue;
            }

            var mean = new Vector3(scene.Means.AsSpan(3 * i, 3));
            counts[k]++;
            (min[k], max[k]) = (Vector3.Min(min[k], mean), Vector3.Max(max[k], mean));
            for (int axis = 0; axis < 3; axis++)
            {
                sums[3 * k + axis] += mean[axis];
            }
        }

        return [.. Enumerable.Range(0, clusterCount).Select(k => new SceneCluster(
            counts[k],
            new Vector3((float)(sums[3 * k] / counts[k]), (float)(sums[3 * k + 1] / counts[k]), (float)(sums[3 * k + 2] / counts[k])),
            min[k],
            max[k]))];
    }

    // Also turns the labels into file order; a cluster that no Gaussian is most like is dropped.
    private static SceneDecomposition InOrderOfSize(
        GaussianScene scene, ushort[] labels, SceneCluster[] clusters, int gaussianCount, int sampleCount)
    {
        int[] order = [.. Enumerable.Range(0, clusters.Length).Where(k => clusters[k].Count > 0).OrderByDescending(k => clusters[k].Count)];
        ushort[] ranks = new ushort[clusters.Length];
        for (int rank = 0; rank < order.Length; rank++)
        {
            ranks[order[rank]] = (ushort)rank;
        }

        ushort[] ofRecords = new ushort[scene.FileGaussianCount];
        Array.Fill(ofRecords, SceneDecomposition.None);
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] != SceneDecomposition.None)
            {
                ofRecords[scene.FileIndices[i]] = ranks[labels[i]];
            }
        }

        return new SceneDecomposition(ofRecords, [.. order.Select(k => clusters[k])], gaussianCount, sampleCount);
    }
}
