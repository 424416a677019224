using System.Runtime.InteropServices;

namespace Saga.Engine.Clustering;

/// <summary>What a cluster at a fine scale is part of at a coarser one.</summary>
/// <param name="Parent">The coarse cluster that has most of its Gaussians, the first of equals; null when none has any.</param>
/// <param name="Share">Share of its Gaussians that are there, in [0, 1].</param>
public readonly record struct ClusterContainment(int? Parent, double Share)
{
    /// <summary>Compares two decompositions of one scene.</summary>
    /// <param name="fine">The finer.</param>
    /// <param name="coarse">The coarser.</param>
    /// <returns>One for every cluster of the finer.</returns>
    /// <exception cref="ArgumentException">They are of different scenes.</exception>
    public static ClusterContainment[] Of(SceneDecomposition fine, SceneDecomposition coarse)
    {
        if (fine.Labels.Length != coarse.Labels.Length)
        {
            throw new ArgumentException(
                $"The one decomposition has {fine.Labels.Length} records, the other {coarse.Labels.Length}.", nameof(coarse));
        }

        // Most clusters have Gaussians in few others: a table of all pairs would be mostly empty.
        var shared = new Dictionary<(ushort Fine, ushort Coarse), int>();
        for (int i = 0; i < fine.Labels.Length; i++)
        {
            if (fine.Labels[i] != SceneDecomposition.None && coarse.Labels[i] != SceneDecomposition.None)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(shared, (fine.Labels[i], coarse.Labels[i]), out _)++;
            }
        }

        var containments = new ClusterContainment[fine.Clusters.Count];
        foreach (((ushort k, ushort parent), int count) in shared.OrderBy(pair => pair.Key.Coarse))
        {
            double share = count / (double)fine.Clusters[k].Count;
            if (share > containments[k].Share)
            {
                containments[k] = new ClusterContainment(parent, share);
            }
        }

        return containments;
    }
}
