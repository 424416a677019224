namespace Saga.Engine.Clustering;

/// <summary>Clusters of points.</summary>
/// <param name="Labels">
/// Cluster of every point, [count]; <see cref="Noise"/> where it belongs to none. Clusters are numbered by their first point.
/// </param>
/// <param name="Stabilities">
/// Excess of mass of every cluster, [clusters]: Σ over its points of λ when they left - λ when it began, λ = 1 / distance.
/// </param>
public sealed record HdbscanResult(int[] Labels, double[] Stabilities)
{
    /// <summary>Label of a point that belongs to no cluster.</summary>
    public const int Noise = -1;

    /// <summary>Number of clusters.</summary>
    public int ClusterCount => Stabilities.Length;
}
