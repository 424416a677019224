using Saga.Api.Residency;
using Saga.Engine.Clustering;

namespace Saga.Api.Decomposition;

/// <summary>A scene taken apart, kept for those who ask the same: its labels, its list, its pictures.</summary>
internal sealed class ClusteredScene(SceneDecomposition found) : IResident
{
    // Count, centre, box and place in the list.
    private const int ClusterBytes = 72;

    public SceneDecomposition Found { get; } = found;

    public long ByteCount => (long)Found.Labels.Length * sizeof(ushort) + (long)Found.Clusters.Count * ClusterBytes;

    public int GaussianCount => Found.Labels.Length;
}
