namespace Saga.Engine.Clustering;

/// <summary>Chooses clusters of a condensed tree, none inside another.</summary>
internal static class ClusterSelection
{
    /// <summary>
    /// Takes the clusters of the greatest total excess of mass; in place of one that parted at less than ε, its nearest ancestor that
    /// parted at more (Malzer and Baum). Cluster 0, everything, is never taken.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="epsilon">0 or more.</param>
    /// <returns>For every cluster the chosen one that it is or lies in, or -1.</returns>
    public static int[] Choose(CondensedTree tree, double epsilon)
    {
        bool[] chosen = Coarsen(tree, Outermost(tree, LargestMass(tree)), epsilon);
        int[] owners = new int[chosen.Length];
        owners[0] = -1;
        for (int c = 1; c < owners.Length; c++)
        {
            int above = owners[tree.Parents[c]];
            owners[c] = above >= 0 ? above : chosen[c] ? c : -1;
        }

        return owners;
    }

    // Bottom up: whether a cluster has at least the mass of the best choice below it.
    private static bool[] LargestMass(CondensedTree tree)
    {
        int count = tree.Parents.Count;
        bool[] preferred = new bool[count];
        double[] below = new double[count];
        for (int c = count - 1; c > 0; c--)
        {
            preferred[c] = tree.Stabilities[c] >= below[c];
            below[tree.Parents[c]] += Math.Max(tree.Stabilities[c], below[c]);
        }

        return preferred;
    }

    // Top down: what lies in a preferred cluster is not chosen.
    private static bool[] Outermost(CondensedTree tree, bool[] preferred)
    {
        bool[] chosen = new bool[preferred.Length];
        bool[] covered = new bool[preferred.Length];
        for (int c = 1; c < preferred.Length; c++)
        {
            int parent = tree.Parents[c];
            covered[c] = covered[parent] || chosen[parent];
            chosen[c] = preferred[c] && !covered[c];
        }

        return chosen;
    }

    private static bool[] Coarsen(CondensedTree tree, bool[] chosen, double epsilon)
    {
        bool[] coarse = new bool[chosen.Length];
        for (int c = 1; c < chosen.Length; c++)
        {
            if (chosen[c])
            {
                coarse[tree.BirthDistances[c] < epsilon ? Ancestor(tree, c, epsilon) : c] = true;
            }
        }

        return coarse;
    }

    private static int Ancestor(CondensedTree tree, int cluster, double epsilon)
    {
        while (tree.Parents[cluster] > 0)
        {
            cluster = tree.Parents[cluster];
            if (tree.BirthDistances[cluster] > epsilon)
            {
                break;
            }
        }

        return cluster;
    }
}
