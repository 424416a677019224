using System.Numerics;
using Saga.Api.Scenes;
using Saga.Engine.Clustering;

namespace Saga.Api.Decomposition;

/// <summary>A scene taken apart.</summary>
/// <param name="GaussianCount">Records in the uploaded file, the N of the labels.</param>
/// <param name="Scale">The quantile that was used.</param>
/// <param name="SampleCount">Gaussians that the clusters were found among.</param>
/// <param name="UnassignedCount">Gaussians, of those to be labelled, that no cluster is like.</param>
/// <param name="Clusters">Largest first; the id is the label.</param>
internal sealed record DecomposeResponse(
    int GaussianCount, double Scale, int SampleCount, int UnassignedCount, int ClusterCount, IReadOnlyList<ClusterResponse> Clusters)
{
    public static DecomposeResponse Of(DecompositionOptions options, SceneDecomposition found) => new(
        found.Labels.Length, options.Scale, found.SampleCount, found.UnassignedCount, found.Clusters.Count,
        [.. found.Clusters.Select((cluster, id) => new ClusterResponse(
            id, cluster.Count, Numbers(cluster.Center), new BoundsResponse(Numbers(cluster.Min), Numbers(cluster.Max))))]);

    public static float[] Numbers(Vector3 v) => [v.X, v.Y, v.Z];
}

/// <summary>One cluster.</summary>
/// <param name="Count">Its Gaussians.</param>
/// <param name="Center">Mean of their centres, [x, y, z].</param>
/// <param name="Bounds">Box around their centres.</param>
internal sealed record ClusterResponse(int Id, int Count, float[] Center, BoundsResponse Bounds);

/// <summary>A scene taken apart at several scales.</summary>
/// <param name="GaussianCount">Records in the uploaded file.</param>
/// <param name="Levels">From the finest scale to the coarsest.</param>
internal sealed record ClusterTreeResponse(int GaussianCount, IReadOnlyList<ClusterLevelResponse> Levels)
{
    /// <param name="options">Of every level, fine to coarse.</param>
    /// <param name="found">The levels.</param>
    public static ClusterTreeResponse Of(IReadOnlyList<DecompositionOptions> options, IReadOnlyList<SceneDecomposition> found) => new(
        found[0].Labels.Length,
        [.. found.Select((level, l) => ClusterLevelResponse.Of(options[l].Scale, level, l + 1 < found.Count ? found[l + 1] : null))]);
}

/// <summary>One scale of a tree; <c>/decompose</c> with this scale has its labels.</summary>
internal sealed record ClusterLevelResponse(
    double Scale, int SampleCount, int UnassignedCount, int ClusterCount, IReadOnlyList<ClusterNodeResponse> Clusters)
{
    public static ClusterLevelResponse Of(double scale, SceneDecomposition level, SceneDecomposition? above)
    {
        ClusterContainment[] parents = above is null ? new ClusterContainment[level.Clusters.Count] : ClusterContainment.Of(level, above);
        return new ClusterLevelResponse(
            scale, level.SampleCount, level.UnassignedCount, level.Clusters.Count,
            [.. level.Clusters.Select((cluster, id) => new ClusterNodeResponse(
                id, cluster.Count, DecomposeResponse.Numbers(cluster.Center),
                new BoundsResponse(DecomposeResponse.Numbers(cluster.Min), DecomposeResponse.Numbers(cluster.Max)),
                parents[id].Parent, parents[id].Share))]);
    }
}

/// <summary>One cluster of a tree.</summary>
/// <param name="Parent">
/// Id of the cluster at the next coarser scale that has most of its Gaussians; null at the coarsest, or when none has any.
/// </param>
/// <param name="Share">Share of its Gaussians that are there, 0 to 1.</param>
internal sealed record ClusterNodeResponse(int Id, int Count, float[] Center, BoundsResponse Bounds, int? Parent, double Share);
