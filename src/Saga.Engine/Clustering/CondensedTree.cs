namespace Saga.Engine.Clustering;

/// <summary>
/// The dendrogram without what is too small to be a cluster: a cluster loses points as the distance shrinks, until it splits in two or
/// more that are large enough, or until nothing is left of it.
/// </summary>
/// <remarks>
/// λ = 1 / distance. As published (Campello, Moulavi, Sander), equal distances part at once, so a split may have any number of
/// sides; a dendrogram of pairs, which breaks ties by chance, would make clusters up in between. Cluster 0 is everything;
/// parents come before their children.
/// </remarks>
internal sealed class CondensedTree
{
    private readonly List<int> _parents = [];
    private readonly List<double> _birthDistances = [];
    private readonly List<double> _stabilities = [];

    private CondensedTree(int pointCount) => ClusterOfPoint = new int[pointCount];

    /// <summary>Parent of every cluster; -1 for cluster 0.</summary>
    public IReadOnlyList<int> Parents => _parents;

    /// <summary>Distance at which every cluster parted from its siblings; infinite for cluster 0.</summary>
    public IReadOnlyList<double> BirthDistances => _birthDistances;

    /// <summary>Excess of mass of every cluster: Σ over its points of λ when they left - λ when it began.</summary>
    public IReadOnlyList<double> Stabilities => _stabilities;

    /// <summary>The cluster that every point was last in, by the point's own number.</summary>
    public int[] ClusterOfPoint { get; }

    /// <summary>Condenses single linkage.</summary>
    /// <param name="order">Points and gaps.</param>
    /// <param name="minClusterSize">Fewer points are no cluster, at least 2.</param>
    public static CondensedTree From(ReachabilityOrder order, int minClusterSize)
    {
        var tree = new CondensedTree(order.Points.Length);
        tree.Add(parent: -1, double.PositiveInfinity);
        var gaps = GapTree.Of(order.Gaps);
        var open = new Stack<(GapTree.Run Run, int Cluster)>();
        open.Push((gaps.All, 0));
        var sides = new List<GapTree.Run>();
        while (open.TryPop(out (GapTree.Run Run, int Cluster) next))
        {
            sides.Clear();
            double distance = gaps.Split(next.Run, sides);
            int large = sides.Count(side => side.Length >= minClusterSize);
            foreach (GapTree.Run side in sides)
            {
                if (side.Length < minClusterSize)
                {
                    tree.Leave(order.Points.AsSpan(side.Start, side.Length), next.Cluster, distance);
                }
                else if (large == 1)
                {
                    open.Push((side, next.Cluster));
                }
                else
                {
                    tree.Count(side.Length, next.Cluster, distance);
                    open.Push((side, tree.Add(next.Cluster, distance)));
                }
            }
        }

        return tree;
    }

    private int Add(int parent, double birthDistance)
    {
        _parents.Add(parent);
        _birthDistances.Add(birthDistance);
        _stabilities.Add(0);
        return _parents.Count - 1;
    }

    private void Leave(ReadOnlySpan<int> points, int cluster, double distance)
    {
        foreach (int point in points)
        {
            ClusterOfPoint[point] = cluster;
        }

        Count(points.Length, cluster, distance);
    }

    // A cluster begins at a distance above 0, as what parts at 0 parts into single points: its own λ is finite.
    private void Count(int points, int cluster, double distance) =>
        _stabilities[cluster] += points * (1 / distance - 1 / _birthDistances[cluster]);
}
