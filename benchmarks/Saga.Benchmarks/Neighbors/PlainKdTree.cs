namespace Saga.Benchmarks.Neighbors;

/// <summary>A textbook k-d tree: median splits down to single points, one query after the other, candidates kept sorted.</summary>
internal sealed class PlainKdTree
{
    private readonly float[] _points;
    private readonly int[] _order;
    private readonly (float Distance, int Index)[] _best;

    private PlainKdTree(float[] points, int k)
    {
        _points = points;
        _order = [.. Enumerable.Range(0, points.Length / 3)];
        _best = new (float, int)[k];
        Split(0, _order.Length, 0);
    }

    /// <summary>Finds the neighbours of every point, itself first, [count, k].</summary>
    public static int[] Find(float[] points, int k)
    {
        var tree = new PlainKdTree(points, k);
        int[] neighbors = new int[points.Length / 3 * k];
        for (int i = 0; i < points.Length / 3; i++)
        {
            Array.Fill(tree._best, (float.PositiveInfinity, int.MaxValue));
            tree.Search(0, tree._order.Length, 0, i);
            for (int rank = 0; rank < k; rank++)
            {
                neighbors[i * k + rank] = tree._best[rank].Index;
            }
        }

        return neighbors;
    }

    private void Split(int start, int end, int axis)
    {
        if (end - start < 2)
        {
            return;
        }

        float[] keys = new float[end - start];
        for (int i = start; i < end; i++)
        {
            keys[i - start] = _points[3 * _order[i] + axis];
        }

        int[] sorted = _order[start..end];
        Array.Sort(keys, sorted);
        sorted.CopyTo(_order, start);
        int middle = (start + end) / 2;
        Split(start, middle, (axis + 1) % 3);
        Split(middle + 1, end, (axis + 1) % 3);
    }

    private void Search(int start, int end, int axis, int query)
    {
        if (start >= end)
        {
            return;
        }

        int middle = (start + end) / 2;
        int point = _order[middle];
        float dx = _points[3 * query] - _points[3 * point];
        float dy = _points[3 * query + 1] - _points[3 * point + 1];
        float dz = _points[3 * query + 2] - _points[3 * point + 2];
        Offer(point == query ? -1 : dx * dx + dy * dy + dz * dz, point);

        float across = _points[3 * query + axis] - _points[3 * point + axis];
        (int nearStart, int nearEnd, int farStart, int farEnd) = across < 0
            ? (start, middle, middle + 1, end)
            : (middle + 1, end, start, middle);
        Search(nearStart, nearEnd, (axis + 1) % 3, query);
        if (across * across <= _best[^1].Distance)
        {
            Search(farStart, farEnd, (axis + 1) % 3, query);
        }
    }

    // Insertion into the sorted candidates; equal distances by index, the query itself before all.
    private void Offer(float distance, int index)
    {
        int rank = _best.Length - 1;
        if ((distance, index).CompareTo(_best[rank]) >= 0)
        {
            return;
        }

        for (; rank > 0 && (distance, index).CompareTo(_best[rank - 1]) < 0; rank--)
        {
            _best[rank] = _best[rank - 1];
        }

        _best[rank] = (distance, index);
    }
}
