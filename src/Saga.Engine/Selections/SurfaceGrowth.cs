using System.Buffers;
using System.Numerics;
using Saga.Engine.Neighbors;

namespace Saga.Engine.Selections;

/// <summary>Grows a selection over the neighbour graph, by rings or by distance along it. Engine order, in place.</summary>
/// <remarks>Shrinking is growing what is not selected.</remarks>
internal static class SurfaceGrowth
{
    private const int CancellationStride = 1 << 14;

    /// <summary>Adds, ring by ring, what is joined to a member.</summary>
    /// <param name="selected">One bit per Gaussian, 16 to an element.</param>
    /// <param name="rows">Rows of the graph.</param>
    /// <param name="steps">Rings.</param>
    /// <param name="mayJoin">Of a member and a Gaussian joined to it: whether it may be added from there; null for always.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static void ByRings(
        Span<ushort> selected, ReadOnlySpan<int> rows, int steps, Func<int, int, bool>? mayJoin, CancellationToken cancellationToken)
    {
        var members = new List<int>();
        ForEachMember(selected, members.Add);
        for (int ring = 0; ring < steps && members.Count > 0; ring++)
        {
            // What a ring adds is no member before the next. Earlier members tried all they are joined to.
            var added = new List<int>();
            for (int m = 0; m < members.Count; m++)
            {
                ThrowNowAndThen(m, cancellationToken);
                int member = members[m];
                foreach (int other in Row(rows, member))
                {
                    if (!NeighborComponents.Contains(selected, other)
                        && Row(rows, other).Contains(member)
                        && (mayJoin is null || mayJoin(member, other)))
                    {
                        selected[other >> 4] |= (ushort)(1 << (other & 15));
                        added.Add(other);
                    }
                }
            }

            members = added;
        }
    }

    /// <summary>Adds what a path along the graph reaches from a member, its edges' lengths summed (Dijkstra's algorithm).</summary>
    /// <param name="selected">One bit per Gaussian, 16 to an element.</param>
    /// <param name="rows">Rows of the graph.</param>
    /// <param name="means">x y z of every Gaussian, world units.</param>
    /// <param name="distance">Greatest length of a path, world units.</param>
    /// <param name="mayJoin">Of a member and a Gaussian joined to it: whether a path may take that edge; null for always.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static void ByDistance(
        Span<ushort> selected, ReadOnlySpan<int> rows, ReadOnlySpan<float> means, float distance, Func<int, int, bool>? mayJoin,
        CancellationToken cancellationToken)
    {
        int count = rows.Length / NeighborGraph.RowLength;
        float[] shortest = ArrayPool<float>.Shared.Rent(Math.Max(1, count));
        try
        {
            shortest.AsSpan(0, count).Fill(float.PositiveInfinity);
            var members = new List<int>();
            ForEachMember(selected, members.Add);
            var open = new PriorityQueue<int, float>();
            for (int m = 0; m < members.Count; m++)
            {
                ThrowNowAndThen(m, cancellationToken);
                shortest[members[m]] = 0;
                Reach(selected, rows, means, members[m], distance, mayJoin, shortest, open);
            }

            for (int taken = 0; open.TryDequeue(out int next, out float length); taken++)
            {
                ThrowNowAndThen(taken, cancellationToken);
                if (length == shortest[next])
                {
                    selected[next >> 4] |= (ushort)(1 << (next & 15));
                    Reach(selected, rows, means, next, distance, mayJoin, shortest, open);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(shortest);
        }
    }

    private static void Reach(
        ReadOnlySpan<ushort> selected, ReadOnlySpan<int> rows, ReadOnlySpan<float> means, int from, float distance,
        Func<int, int, bool>? mayJoin, float[] shortest, PriorityQueue<int, float> open)
    {
        var start = new Vector3(means.Slice(3 * from, 3));
        foreach (int to in Row(rows, from))
        {
            if (NeighborComponents.Contains(selected, to) || !Row(rows, to).Contains(from))
            {
                continue;
            }

            float length = shortest[from] + Vector3.Distance(start, new Vector3(means.Slice(3 * to, 3)));
            if (length <= distance && length < shortest[to] && (mayJoin is null || mayJoin(from, to)))
            {
                shortest[to] = length;
                open.Enqueue(to, length);
            }
        }
    }

    private static void ForEachMember(ReadOnlySpan<ushort> selected, Action<int> take)
    {
        for (int block = 0; block < selected.Length; block++)
        {
            for (uint rest = selected[block]; rest != 0; rest &= rest - 1)
            {
                take(block * 16 + BitOperations.TrailingZeroCount(rest));
            }
        }
    }

    private static ReadOnlySpan<int> Row(ReadOnlySpan<int> rows, int i) =>
        rows.Slice(i * NeighborGraph.RowLength, NeighborGraph.RowLength);

    private static void ThrowNowAndThen(int step, CancellationToken cancellationToken)
    {
        if (step % CancellationStride == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
