namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>The order in which regions merge, cheapest first, and what each merge costs.</summary>
/// <remarks>
/// Nodes 0..LeafCount-1 are the regions; every merge adds one. A merge costs at least what the merges inside cost, so cutting the tree
/// at any cost gives a partition and partitions nest. Regions that do not touch never merge: the tree may have several roots.
/// </remarks>
internal sealed class MergeTree
{
    private readonly List<Node> _nodes;

    private MergeTree(List<Node> nodes, int leafCount)
    {
        _nodes = nodes;
        LeafCount = leafCount;
    }

    /// <summary>Regions that the tree began with.</summary>
    public int LeafCount { get; }

    /// <summary>Regions and merges.</summary>
    public IReadOnlyList<Node> Nodes => _nodes;

    /// <summary>Merges until nothing touches.</summary>
    public static MergeTree Build(RegionGraph graph, CancellationToken cancellationToken)
    {
        int leaves = graph.Regions.Length;
        var nodes = new List<Node>(2 * leaves);
        var boundaries = new List<SortedDictionary<int, BoundaryStatistics>>(2 * leaves);
        foreach (RegionStatistics region in graph.Regions)
        {
            nodes.Add(new Node(region, -1, -1, 0));
            boundaries.Add([]);
        }

        var queue = new PriorityQueue<(int First, int Second), (double Cost, int First, int Second)>();
        foreach (RegionBoundary boundary in graph.Boundaries)
        {
            (int first, int second, BoundaryStatistics statistics) = boundary;
            boundaries[first][second] = statistics;
            boundaries[second][first] = statistics;
            double cost = MergeCost.Of(nodes[first].Statistics, nodes[second].Statistics, statistics);
            queue.Enqueue((first, second), (cost, first, second));
        }

        while (queue.TryDequeue(out (int First, int Second) pair, out (double Cost, int, int) priority))
        {
            if (nodes[pair.First].Parent >= 0 || nodes[pair.Second].Parent >= 0)
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Merge(nodes, boundaries, queue, pair.First, pair.Second, priority.Cost);
        }

        return new MergeTree(nodes, leaves);
    }

    private static void Merge(
        List<Node> nodes, List<SortedDictionary<int, BoundaryStatistics>> boundaries,
        PriorityQueue<(int First, int Second), (double Cost, int First, int Second)> queue, int first, int second, double cost)
    {
        int merged = nodes.Count;
        Node a = nodes[first];
        Node b = nodes[second];
        var union = RegionStatistics.Union(a.Statistics, b.Statistics);
        nodes.Add(new Node(union, first, second, Math.Max(cost, Math.Max(a.Cost, b.Cost))));
        nodes[first] = a with { Parent = merged };
        nodes[second] = b with { Parent = merged };

        // The smaller of the two lists is added to the larger.
        (int larger, int smaller) = boundaries[first].Count >= boundaries[second].Count ? (first, second) : (second, first);
        SortedDictionary<int, BoundaryStatistics> kept = boundaries[larger];
        kept.Remove(first);
        kept.Remove(second);
        foreach ((int neighbor, BoundaryStatistics statistics) in boundaries[smaller])
        {
            if (neighbor != first && neighbor != second)
            {
                BoundaryStatistics sum = kept.GetValueOrDefault(neighbor);
                sum.Add(statistics);
                kept[neighbor] = sum;
            }
        }

        boundaries[first] = [];
        boundaries[second] = [];
        boundaries.Add(kept);
        foreach ((int neighbor, BoundaryStatistics statistics) in kept)
        {
            boundaries[neighbor].Remove(first);
            boundaries[neighbor].Remove(second);
            boundaries[neighbor][merged] = statistics;
            queue.Enqueue((neighbor, merged), (MergeCost.Of(nodes[neighbor].Statistics, union, statistics), neighbor, merged));
        }
    }

    /// <summary>A region of the tree.</summary>
    /// <param name="Statistics">Sums over its pixels.</param>
    /// <param name="First">One part, or -1 for a leaf.</param>
    /// <param name="Second">The other part, or -1 for a leaf.</param>
    /// <param name="Cost">Cost at which it came to be, at least that of its parts; 0 for a leaf.</param>
    internal readonly record struct Node(RegionStatistics Statistics, int First, int Second, double Cost)
    {
        /// <summary>What it merged into, or -1.</summary>
        public int Parent { get; init; } = -1;
    }
}
