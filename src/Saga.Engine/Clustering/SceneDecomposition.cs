using System.Numerics;

namespace Saga.Engine.Clustering;

/// <summary>A scene taken apart: a cluster for every Gaussian.</summary>
/// <param name="Labels">Cluster of every record of the uploaded file, [records]; <see cref="None"/> where it belongs to none.</param>
/// <param name="Clusters">The clusters, largest first; the index is the label.</param>
/// <param name="GaussianCount">Gaussians that were to be labelled: the usable ones, or those of them in the selection.</param>
/// <param name="SampleCount">Gaussians that the clusters were found among.</param>
public sealed record SceneDecomposition(ushort[] Labels, IReadOnlyList<SceneCluster> Clusters, int GaussianCount, int SampleCount)
{
    /// <summary>Label of a record that belongs to no cluster.</summary>
    public const ushort None = ushort.MaxValue;

    /// <summary>Gaussians that no cluster is like.</summary>
    public int UnassignedCount => GaussianCount - Clusters.Sum(cluster => cluster.Count);
}

/// <summary>One cluster.</summary>
/// <param name="Count">Its Gaussians, at least 1.</param>
/// <param name="Center">Mean of their means, world units.</param>
/// <param name="Min">Smallest coordinates of their means.</param>
/// <param name="Max">Largest coordinates of their means.</param>
public sealed record SceneCluster(int Count, Vector3 Center, Vector3 Min, Vector3 Max);
