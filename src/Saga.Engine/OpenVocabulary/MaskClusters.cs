using Saga.Engine.Clustering;

namespace Saga.Engine.OpenVocabulary;

/// <summary>Groups masks that vote for the same anchors: HDBSCAN over 1 − IoU (§9), whose distances are made row by row and never kept.</summary>
/// <remarks>Time grows with the square of the number of masks, memory with the number.</remarks>
internal static class MaskClusters
{
    /// <summary>Clusters that part at this distance or nearer are one.</summary>
    public const double SelectionEpsilon = 0.25;

    /// <summary>Most masks that a cluster must have: a thing is seen in some views, not in all.</summary>
    public const int UsualClusterSize = 30;

    private const int FewestMasks = 2;
    private const int RowsPerCheck = 16;

    /// <summary>Clusters the masks.</summary>
    /// <param name="votes">What each mask votes for.</param>
    /// <param name="viewCount">Views of the scene: with fewer than <see cref="UsualClusterSize"/>, so many masks are a cluster.</param>
    /// <param name="maxThreads">Most threads, 1 or more; the result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Cluster of every mask, or <see cref="MaskVocabulary.NoCluster"/>.</returns>
    public static int[] Of(AnchorVotes votes, int viewCount, int maxThreads, CancellationToken cancellationToken)
    {
        int size = Math.Max(FewestMasks, Math.Min(UsualClusterSize, viewCount));

        // A thing with just as many masks must be able to be a cluster: each of them has one neighbour less.
        var options = new HdbscanOptions { MinClusterSize = size, MinSamples = size - 1, SelectionEpsilon = SelectionEpsilon };
        if (votes.Count == 0)
        {
            return [];
        }

        float[] cores = CoresOf(votes, options.CoreNeighbors, maxThreads, cancellationToken);
        int[] labels = Hdbscan.Extract(OrderOf(votes, cores, cancellationToken), options).Labels;
        return Array.ConvertAll(labels, label => label == HdbscanResult.Noise ? MaskVocabulary.NoCluster : label);
    }

    /// <summary>Distance of every mask's k-th nearest, itself not counted.</summary>
    private static float[] CoresOf(AnchorVotes votes, int k, int maxThreads, CancellationToken cancellationToken)
    {
        int count = votes.Count;
        float[] cores = new float[count];
        int nearest = Math.Min(k, count - 1);
        if (nearest < 1)
        {
            return cores;
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = maxThreads, CancellationToken = cancellationToken };
        Parallel.For(0, count, parallel, () => new float[nearest], (mask, _, smallest) =>
        {
            Array.Fill(smallest, float.PositiveInfinity);
            for (int other = 0; other < count; other++)
            {
                float distance = other == mask ? float.PositiveInfinity : votes.Distance(mask, other);
                if (distance < smallest[^1])
                {
                    Insert(distance, smallest);
                }
            }

            cores[mask] = smallest[^1];
            return smallest;
        }, _ => { });
        return cores;
    }

    private static void Insert(float value, float[] ascending)
    {
        int slot = ascending.Length - 1;
        for (; slot > 0 && ascending[slot - 1] > value; slot--)
        {
            ascending[slot] = ascending[slot - 1];
        }

        ascending[slot] = value;
    }

    /// <summary>Prim over rows that are made when they are needed.</summary>
    private static ReachabilityOrder OrderOf(AnchorVotes votes, float[] cores, CancellationToken cancellationToken)
    {
        int count = votes.Count;
        var order = new int[count];
        var gaps = new double[count];
        int[] left = [.. Enumerable.Range(0, count)];
        float[] nearest = new float[count];
        Array.Fill(nearest, float.PositiveInfinity);
        int slot = 0;
        for (int step = 0; step < count; step++)
        {
            if (step % RowsPerCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            int taken = left[slot];
            order[step] = taken;
            gaps[step] = step == 0 ? 0 : nearest[slot];
            int last = count - step - 1;
            (left[slot], nearest[slot]) = (left[last], nearest[last]);
            slot = 0;
            for (int i = 0; i < last; i++)
            {
                float reach = MathF.Max(MathF.Max(cores[taken], cores[left[i]]), votes.Distance(taken, left[i]));
                nearest[i] = MathF.Min(nearest[i], reach);
                slot = nearest[i] < nearest[slot] ? i : slot;
            }
        }

        return new ReachabilityOrder(order, gaps);
    }
}
