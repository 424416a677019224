namespace Saga.Engine.Clustering;

/// <summary>What <see cref="Hdbscan"/> may be asked for.</summary>
public sealed record HdbscanOptions
{
    /// <summary>Fewer points than this are no cluster, at least 2. 10, as in §8.</summary>
    public int MinClusterSize { get; init; } = 10;

    /// <summary>
    /// A point's core distance is that of its so-manieth neighbour, itself not counted; at least 1. Null: as
    /// <see cref="MinClusterSize"/>. A scene of fewer points takes its farthest neighbour.
    /// </summary>
    public int? MinSamples { get; init; }

    /// <summary>Clusters that part at this distance or nearer are one (Malzer and Baum's ε̂); 0 or more. 0: no such limit.</summary>
    public double SelectionEpsilon { get; init; }

    /// <summary>Neighbours that a core distance reaches.</summary>
    internal int CoreNeighbors => MinSamples ?? MinClusterSize;

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, what was found and what was expected.</exception>
    internal void Check()
    {
        if (MinClusterSize < 2)
        {
            throw new ArgumentOutOfRangeException(nameof(MinClusterSize), MinClusterSize, "A cluster has at least 2 points.");
        }

        if (CoreNeighbors < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(MinSamples), MinSamples, "A core distance reaches at least 1 neighbour.");
        }

        // Comparisons with NaN are false, so NaN is refused too.
        if (!(SelectionEpsilon >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(SelectionEpsilon), SelectionEpsilon, "A distance is 0 or more.");
        }
    }
}
