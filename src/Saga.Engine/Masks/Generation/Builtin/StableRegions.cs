namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Chooses the regions of a merge tree that stay the same over a wide range of costs.</summary>
/// <remarks>
/// A region lives from the cost at which it came to be to that at which it is merged into another; the longer, the more it is a thing
/// of its own. In a chain of regions that are almost the same only the longest-lived is taken.
/// </remarks>
internal static class StableRegions
{
    /// <summary>Regions chosen at most.</summary>
    public const int MaxRegions = 80;

    /// <summary>Smaller regions are specks.</summary>
    public const int MinPixels = 100;

    /// <summary>
    /// Regions that live shorter are accidents of noise. Most views have <see cref="MaxRegions"/> that live longer; this is for the view of
    /// a wall.
    /// </summary>
    public const double MinLife = 0.5;

    /// <summary>Two nested regions are almost the same if the inner one has this share of the outer one.</summary>
    public const double AlmostSame = 0.9;

    /// <returns>Nodes of the tree, the longest-lived first; the roots, which live for ever, before all others.</returns>
    public static List<int> Choose(MergeTree tree)
    {
        var candidates = new List<(double Life, int Node)>();
        for (int i = 0; i < tree.Nodes.Count; i++)
        {
            MergeTree.Node node = tree.Nodes[i];
            double life = node.Parent < 0 ? double.PositiveInfinity : tree.Nodes[node.Parent].Cost - node.Cost;
            if (node.Statistics.Count >= MinPixels && life >= MinLife)
            {
                candidates.Add((life, i));
            }
        }

        // Ties by node: the order must not depend on the sort.
        candidates.Sort((a, b) => a.Life == b.Life ? a.Node.CompareTo(b.Node) : b.Life.CompareTo(a.Life));
        var chosen = new List<int>(MaxRegions);
        bool[] isChosen = new bool[tree.Nodes.Count];
        bool[] holdsAlmostSame = new bool[tree.Nodes.Count];
        foreach ((_, int node) in candidates)
        {
            if (chosen.Count == MaxRegions)
            {
                break;
            }

            if (holdsAlmostSame[node] || AlmostSameAbove(tree, node).Any(above => isChosen[above]))
            {
                continue;
            }

            chosen.Add(node);
            isChosen[node] = true;
            foreach (int above in AlmostSameAbove(tree, node))
            {
                holdsAlmostSame[above] = true;
            }
        }

        return chosen;
    }

    private static IEnumerable<int> AlmostSameAbove(MergeTree tree, int node)
    {
        double most = tree.Nodes[node].Statistics.Count / AlmostSame;
        int above = tree.Nodes[node].Parent;
        while (above >= 0 && tree.Nodes[above].Statistics.Count <= most)
        {
            yield return above;
            above = tree.Nodes[above].Parent;
        }
    }
}
