namespace Saga.Engine.Clustering;

/// <summary>
/// HDBSCAN* (Campello, Moulavi, Zimek, Sander 2015): clusters of any shape and density, as many as there are, the rest noise.
/// </summary>
/// <remarks>
/// (1) Core distances. (2) Single linkage of mutual reachability distances, by Prim over dense rows. (3) The condensed tree.
/// (4) The clusters of most excess of mass, not finer than ε. Time grows with the square of the number of points, memory
/// with the number. The result depends neither on the number of threads nor on the order of the points.
/// </remarks>
public static class Hdbscan
{
    /// <summary>Clusters points by their Euclidean distances.</summary>
    /// <param name="points">[count, dimension], finite; may be empty.</param>
    /// <param name="dimension">Coordinates of a point, at least 1.</param>
    /// <param name="options">What a cluster is.</param>
    /// <param name="maxThreads">Most threads, 1 or more.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <exception cref="ArgumentException">Points are not whole rows of finite numbers, or an option makes no sense.</exception>
    public static HdbscanResult Cluster(
        ReadOnlySpan<float> points, int dimension, HdbscanOptions options, int maxThreads, CancellationToken cancellationToken)
    {
        options.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        Check(points, dimension);
        if (points.IsEmpty)
        {
            return new HdbscanResult([], []);
        }

        var blocks = new PointBlocks(points, dimension);
        float[] cores = CoreDistances.Squared(blocks, options.CoreNeighbors, maxThreads, cancellationToken);
        return Extract(ReachabilityOrder.Of(blocks, cores, cancellationToken), options);
    }

    /// <summary>Steps (3) and (4).</summary>
    internal static HdbscanResult Extract(ReachabilityOrder order, HdbscanOptions options)
    {
        var tree = CondensedTree.From(order, options.MinClusterSize);
        int[] owners = ClusterSelection.Choose(tree, options.SelectionEpsilon);
        int[] labels = new int[order.Points.Length];
        int[] labelOfCluster = new int[owners.Length];
        Array.Fill(labelOfCluster, HdbscanResult.Noise);
        var stabilities = new List<double>();
        for (int i = 0; i < labels.Length; i++)
        {
            int owner = owners[tree.ClusterOfPoint[i]];
            if (owner >= 0 && labelOfCluster[owner] < 0)
            {
                labelOfCluster[owner] = stabilities.Count;
                stabilities.Add(tree.Stabilities[owner]);
            }

            labels[i] = owner >= 0 ? labelOfCluster[owner] : HdbscanResult.Noise;
        }

        return new HdbscanResult(labels, [.. stabilities]);
    }

    private static void Check(ReadOnlySpan<float> points, int dimension)
    {
        if (points.Length % dimension != 0)
        {
            throw new ArgumentException($"{points.Length} numbers are no whole points of {dimension} coordinates.", nameof(points));
        }

        int bad = points.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
        if (bad >= 0)
        {
            throw new ArgumentException(
                FormattableString.Invariant($"Point {bad / dimension} has the coordinate {points[bad]}; distances need finite numbers."),
                nameof(points));
        }
    }
}
