using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Fleet;

/// <summary>Consistent hashing as nginx's <c>hash … consistent</c> does it: 160 points a node; a key is the next point's node's.</summary>
internal sealed class HashRing
{
    /// <summary>Points of a node of weight 1 in nginx.</summary>
    private const int PointsPerNode = 160;

    private readonly (ulong Position, int Node)[] _points;

    public HashRing(int nodes) => _points =
    [
        .. Enumerable.Range(0, nodes * PointsPerNode)
            .Select(point => (CounterRandom.Mix(0x5A6A_0001_0000_0000UL + (ulong)point), point / PointsPerNode))
            .Order(),
    ];

    /// <summary>The node of a key: the first one on the ring that is up.</summary>
    /// <param name="key">A scene.</param>
    /// <param name="isUp">Whether a node answers; one does at least.</param>
    public int NodeOf(long key, Func<int, bool> isUp)
    {
        ulong position = CounterRandom.Mix((ulong)key + 0x9E37_79B9_7F4A_7C15UL);
        int low = 0;
        for (int high = _points.Length; low < high;)
        {
            int middle = (low + high) / 2;
            (low, high) = _points[middle].Position < position ? (middle + 1, high) : (low, middle);
        }

        for (int step = 0; step < _points.Length; step++)
        {
            int node = _points[(low + step) % _points.Length].Node;
            if (isUp(node))
            {
                return node;
            }
        }

        throw new InvalidOperationException("No node is up.");
    }
}
