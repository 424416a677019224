using Saga.Engine.Clustering;

namespace Saga.Engine.Tests.Clustering;

/// <summary>HDBSCAN* as it is defined, in double: components of graphs over all pairs, at every distance that occurs.</summary>
internal static class HdbscanReference
{
    public static HdbscanResult Cluster(float[] points, int dimension, int minClusterSize, int minSamples, double epsilon = 0)
    {
        double[,] reach = MutualReachability(points, dimension, minSamples);
        int count = reach.GetLength(0);
        if (count == 0)
        {
            return new HdbscanResult([], []);
        }

        double[] levels = [.. Enumerable.Range(0, count).SelectMany(i => Enumerable.Range(0, i).Select(j => reach[i, j])).Distinct().OrderDescending()];
        var root = new Node(null, double.PositiveInfinity, [.. Enumerable.Range(0, count)]);
        Grow(root, [.. root.Points], levels, 0, reach, minClusterSize);
        var chosen = new List<Node>();
        foreach (Node child in root.Children)
        {
            chosen.AddRange(Best(child).Nodes);
        }

        if (epsilon > 0)
        {
            chosen = [.. chosen.Select(node => node.BirthDistance < epsilon ? Coarser(node, epsilon) : node).Distinct()];
        }

        chosen = [.. chosen.OrderBy(node => node.Points.Min())];
        int[] labels = new int[count];
        Array.Fill(labels, HdbscanResult.Noise);
        for (int c = 0; c < chosen.Count; c++)
        {
            chosen[c].Points.ForEach(i => labels[i] = c);
        }

        return new HdbscanResult(labels, [.. chosen.Select(node => node.Stability)]);
    }

    public static double[] CoreDistances(float[] points, int dimension, int minSamples)
    {
        int count = points.Length / dimension;
        return [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, count)
            .Where(j => j != i).Select(j => Distance(points, dimension, i, j)).Order().Take(minSamples).LastOrDefault())];
    }

    private static double[,] MutualReachability(float[] points, int dimension, int minSamples)
    {
        double[] cores = CoreDistances(points, dimension, minSamples);
        var reach = new double[cores.Length, cores.Length];
        for (int i = 0; i < cores.Length; i++)
        {
            for (int j = 0; j < cores.Length; j++)
            {
                reach[i, j] = Math.Max(Distance(points, dimension, i, j), Math.Max(cores[i], cores[j]));
            }
        }

        return reach;
    }

    private static double Distance(float[] points, int dimension, int i, int j) => Math.Sqrt(Enumerable.Range(0, dimension)
        .Sum(c => Math.Pow((double)points[i * dimension + c] - points[j * dimension + c], 2)));

    // Takes all edges of one length away after the other, longest first.
    private static void Grow(Node cluster, List<int> alive, double[] levels, int level, double[,] reach, int minClusterSize)
    {
        for (; level < levels.Length && alive.Count > 0; level++)
        {
            List<List<int>> parts = Components(alive, reach, levels[level]);
            List<List<int>> large = [.. parts.Where(part => part.Count >= minClusterSize)];
            double gained = 1 / levels[level] - 1 / cluster.BirthDistance;
            cluster.Stability += parts.Except(large).Sum(part => part.Count) is var lost and > 0 ? lost * gained : 0;
            if (large.Count > 1)
            {
                foreach (List<int> part in large)
                {
                    cluster.Stability += part.Count * gained;
                    var child = new Node(cluster, levels[level], [.. part]);
                    cluster.Children.Add(child);
                    Grow(child, part, levels, level + 1, reach, minClusterSize);
                }

                return;
            }

            alive = large.Count == 1 ? large[0] : [];
        }
    }

    private static List<List<int>> Components(List<int> points, double[,] reach, double below)
    {
        var left = new HashSet<int>(points);
        var parts = new List<List<int>>();
        while (left.Count > 0)
        {
            var part = new List<int> { left.First() };
            left.Remove(part[0]);
            for (int next = 0; next < part.Count; next++)
            {
                int from = part[next];
                int[] reached = [.. left.Where(to => reach[from, to] < below)];
                part.AddRange(reached);
                left.ExceptWith(reached);
            }

            parts.Add(part);
        }

        return parts;
    }

    private static (double Mass, List<Node> Nodes) Best(Node node)
    {
        var below = node.Children.Select(Best).ToList();
        double mass = below.Sum(best => best.Mass);
        return mass > node.Stability ? (mass, [.. below.SelectMany(best => best.Nodes)]) : (node.Stability, [node]);
    }

    private static Node Coarser(Node node, double epsilon)
    {
        while (node.Parent is { Parent: not null } parent)
        {
            node = parent;
            if (node.BirthDistance > epsilon)
            {
                break;
            }
        }

        return node;
    }

    private sealed record Node(Node? Parent, double BirthDistance, List<int> Points)
    {
        public List<Node> Children { get; } = [];

        public double Stability { get; set; }
    }
}
