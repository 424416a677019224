using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Selections;

/// <summary>Editing of selections as its definition says it, slowly: sets of engine indices, every pair tried, double precision.</summary>
internal sealed class SelectionReference
{
    private readonly GaussianScene _scene;
    private readonly List<int>[] _joined;
    private readonly int[] _rows;

    public SelectionReference(GaussianScene scene)
    {
        _scene = scene;
        _rows = NearestNeighbors.Find(scene.Means, NeighborGraph.RowLength, 1, CancellationToken.None);
        _joined = [.. Enumerable.Range(0, scene.Count).Select(i => Enumerable.Range(0, scene.Count)
            .Where(j => j != i && Row(i).Contains(j) && Row(j).Contains(i)).ToList())];
    }

    public IReadOnlyList<int> JoinedTo(int i) => _joined[i];

    public HashSet<int> Grow(HashSet<int> members, int steps, Func<int, int, bool> mayJoin)
    {
        HashSet<int> grown = [.. members];
        for (int step = 0; step < steps; step++)
        {
            HashSet<int> ring = [.. Enumerable.Range(0, _scene.Count)
                .Where(j => !grown.Contains(j) && _joined[j].Any(i => grown.Contains(i) && mayJoin(i, j)))];
            grown.UnionWith(ring);
        }

        return grown;
    }

    public HashSet<int> Grow(HashSet<int> members, double distance, Func<int, int, bool> mayJoin)
    {
        double[] shortest = [.. Enumerable.Range(0, _scene.Count).Select(i => members.Contains(i) ? 0 : double.PositiveInfinity)];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < _scene.Count; i++)
            {
                foreach (int j in _joined[i])
                {
                    double length = shortest[i] + Distance(i, j);
                    if (length < shortest[j] && mayJoin(i, j))
                    {
                        (shortest[j], changed) = (length, true);
                    }
                }
            }
        }

        return [.. Enumerable.Range(0, _scene.Count).Where(i => shortest[i] <= distance)];
    }

    public HashSet<int> Complement(HashSet<int> members) => [.. Enumerable.Range(0, _scene.Count).Where(i => !members.Contains(i))];

    public List<HashSet<int>> Pieces(HashSet<int> members)
    {
        var pieces = new List<HashSet<int>>();
        HashSet<int> rest = [.. members];
        while (rest.Count > 0)
        {
            HashSet<int> piece = [];
            var open = new Stack<int>([rest.First()]);
            while (open.TryPop(out int i))
            {
                if (rest.Remove(i))
                {
                    piece.Add(i);
                    _joined[i].ForEach(open.Push);
                }
            }

            pieces.Add(piece);
        }

        return [.. pieces.OrderByDescending(p => p.Count).ThenBy(p => p.Min(i => _scene.FileIndices[i]))];
    }

    public HashSet<int> WithoutHaze(HashSet<int> members)
    {
        int[] list = [.. members];
        double[] spacing = [.. list.Select(i => Math.Log(Row(i).ToArray().Where(j => j != i).Average(j => Distance(i, j))))];
        double[] size = [.. list.Select(i => (double)_scene.LogScales[(3 * i)..(3 * i + 3)].Max())];
        double isolated = Limit(spacing);
        double large = Limit(size);
        return [.. list.Where((i, m) => !(spacing[m] > isolated && (1 / (1 + Math.Exp(-_scene.OpacityLogits[i])) < 0.1 || size[m] > large)))];
    }

    public HashSet<int> Members(GaussianSelection selection) =>
        [.. Enumerable.Range(0, _scene.Count).Where(i => selection.Contains(_scene.FileIndices[i]))];

    public GaussianSelection Selection(IEnumerable<int> members) => Records(_scene, members.Select(i => _scene.FileIndices[i]));

    public static GaussianSelection Records(GaussianScene scene, IEnumerable<int> records)
    {
        byte[] bits = new byte[(scene.FileGaussianCount + 7) / 8];
        foreach (int record in records)
        {
            bits[record / 8] |= (byte)(1 << (record % 8));
        }

        return new GaussianSelection(bits, scene.FileGaussianCount);
    }

    private static double Limit(double[] values)
    {
        double median = values.Order().ElementAt(values.Length / 2);
        double deviation = 1.4826 * values.Select(v => Math.Abs(v - median)).Order().ElementAt(values.Length / 2);
        return Math.Max(median + 3 * deviation, median + Math.Log(2));
    }

    private ReadOnlySpan<int> Row(int i) => _rows.AsSpan(i * NeighborGraph.RowLength, NeighborGraph.RowLength);

    private double Distance(int i, int j) => Math.Sqrt(Enumerable.Range(0, 3).Sum(
        c => Math.Pow((double)_scene.Means[3 * i + c] - _scene.Means[3 * j + c], 2)));
}
