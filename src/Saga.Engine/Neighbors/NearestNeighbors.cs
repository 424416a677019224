using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Neighbors;

/// <summary>The K nearest neighbours of every point of a set, exact, by Euclidean distance.</summary>
/// <remarks>
/// Distances are squared and single precision. A candidate is one number: the bits of its distance over its index. Squared
/// distances are not negative, so these numbers sort by distance, then by index, and the same comparison prunes a subtree by
/// (distance to its box, smallest index in it). That keeps heaps of identical points logarithmic. The box distance is
/// computed with the operations of the point distance, each monotonic, so rounding never prunes a true neighbour.
/// </remarks>
public static class NearestNeighbors
{
    /// <summary>Most neighbours per point, self included.</summary>
    public const int MaxK = 256;

    // Leaves a thread takes at a time: some 1000 queries, long against the hand-over, short against a cancellation.
    private const int LeavesPerBatch = 64;

    private const ulong PaddingKey = ((ulong)0x7F800000 << 32) | KdTree.Padding;

    /// <summary>Finds the neighbours of every point.</summary>
    /// <param name="means">Finite points, [count, 3] interleaved x y z.</param>
    /// <param name="k">Neighbours per point, itself included, 1..<see cref="MaxK"/>.</param>
    /// <param name="maxThreads">Most threads to use, at least 1. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <returns>
    /// Indices, [count, k]; each row by ascending distance, ties by index, the point itself always first. With fewer than k
    /// points the point itself is repeated at the start of its row.
    /// </returns>
    /// <exception cref="ArgumentException">The length is not a multiple of 3 or a coordinate is not finite.</exception>
    public static int[] Find(ReadOnlySpan<float> means, int k, int maxThreads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        int[] neighbors = new int[checked(means.Length / 3 * k)];
        ForEach(means, k, maxThreads, (self, row) => row.CopyTo(neighbors.AsSpan(self * k, k)), cancellationToken);
        return neighbors;
    }

    /// <summary>Finds the neighbours of every point and hands them over row by row, from several threads and in no order.</summary>
    /// <param name="means">Finite points, [count, 3] interleaved x y z.</param>
    /// <param name="k">Neighbours per point, itself included, 1..<see cref="MaxK"/>.</param>
    /// <param name="maxThreads">Most threads to use, at least 1. The rows do not depend on it.</param>
    /// <param name="take">Receives a point and its row, as <see cref="Find"/> returns it; the row is valid during the call.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <exception cref="ArgumentException">The length is not a multiple of 3 or a coordinate is not finite.</exception>
    internal static void ForEach(
        ReadOnlySpan<float> means, int k, int maxThreads, Action<int, ReadOnlySpan<int>> take, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaxK);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxThreads, 1);
        RefuseNonFinite(means);

        int count = means.Length / 3;
        if (count == 0)
        {
            return;
        }

        KdTree tree = KdTree.Build(means, maxThreads, cancellationToken);
        int batches = (tree.LeafCount + LeavesPerBatch - 1) / LeavesPerBatch;
        var options = new ParallelOptions { MaxDegreeOfParallelism = maxThreads, CancellationToken = cancellationToken };
        Parallel.For(0, batches, options, batch =>
        {
            int end = Math.Min(tree.LeafCount, (batch + 1) * LeavesPerBatch);
            for (int leaf = batch * LeavesPerBatch; leaf < end; leaf++)
            {
                FindForLeaf(tree, leaf, count, k, take);
            }
        });
    }

    private static void RefuseNonFinite(ReadOnlySpan<float> means)
    {
        if (means.Length % 3 != 0)
        {
            throw new ArgumentException($"{means.Length} numbers are not a whole number of x y z points.", nameof(means));
        }

        for (int i = 0; i < means.Length; i++)
        {
            if (!float.IsFinite(means[i]))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"Point {i / 3} has the coordinate {means[i]}; coordinates are finite."), nameof(means));
            }
        }
    }

    private static void FindForLeaf(KdTree tree, int leaf, int count, int k, Action<int, ReadOnlySpan<int>> take)
    {
        int others = Math.Min(k, count) - 1;
        Span<ulong> best = stackalloc ulong[others];
        Span<int> row = stackalloc int[k];
        ReadOnlySpan<float> coordinates = tree.LeafCoordinates.AsSpan(leaf * 3 * KdTree.LeafSize, 3 * KdTree.LeafSize);
        for (int lane = 0; lane < KdTree.LeafSize; lane++)
        {
            int self = tree.LeafIndices[leaf * KdTree.LeafSize + lane];
            if (self == KdTree.Padding)
            {
                break;
            }

            row[..(k - others)].Fill(self);
            if (others > 0)
            {
                best.Fill(PaddingKey);
                var query = new Query(
                    coordinates[lane], coordinates[KdTree.LeafSize + lane], coordinates[2 * KdTree.LeafSize + lane], self);
                FindForPoint(tree, tree.LeafCount + leaf, query, best);
                for (int rank = 0; rank < others; rank++)
                {
                    row[k - others + rank] = (int)(uint)best[rank];
                }
            }

            take(self, row);
        }
    }

    // The point's own leaf first, then the sibling subtrees on the way up: the ball is small from the start.
    private static void FindForPoint(KdTree tree, int ownLeaf, in Query query, Span<ulong> best)
    {
        ScanLeaf(tree, ownLeaf - tree.LeafCount, query, best);
        for (int node = ownLeaf; node > 1; node >>= 1)
        {
            ulong key = BoxKey(tree, node ^ 1, query);
            if (key < best[^1])
            {
                Descend(tree, node ^ 1, query, best);
            }
        }
    }

    private static void Descend(KdTree tree, int node, in Query query, Span<ulong> best)
    {
        // Both children of a node wait at most once per level.
        Span<int> waiting = stackalloc int[32];
        Span<ulong> waitingKeys = stackalloc ulong[32];
        int top = 0;
        while (true)
        {
            while (node < tree.LeafCount)
            {
                ulong left = BoxKey(tree, 2 * node, query);
                ulong right = BoxKey(tree, 2 * node + 1, query);
                bool leftFirst = left <= right;
                waiting[top] = 2 * node + (leftFirst ? 1 : 0);
                waitingKeys[top++] = leftFirst ? right : left;
                node = 2 * node + (leftFirst ? 0 : 1);
                if (Math.Min(left, right) >= best[^1])
                {
                    // Neither child can help: the one that waits is dropped below.
                    node = 0;
                    break;
                }
            }

            if (node != 0)
            {
                ScanLeaf(tree, node - tree.LeafCount, query, best);
            }

            do
            {
                if (top == 0)
                {
                    return;
                }

                top--;
            }
            while (waitingKeys[top] >= best[^1]);

            node = waiting[top];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BoxKey(KdTree tree, int node, in Query query)
    {
        Debug.Assert(node * 6 + 5 < tree.Boxes.Length);
        ref float box = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(tree.Boxes), node * 6);
        float x = MathF.Max(MathF.Max(box - query.X, query.X - Unsafe.Add(ref box, 3)), 0f);
        float y = MathF.Max(MathF.Max(Unsafe.Add(ref box, 1) - query.Y, query.Y - Unsafe.Add(ref box, 4)), 0f);
        float z = MathF.Max(MathF.Max(Unsafe.Add(ref box, 2) - query.Z, query.Z - Unsafe.Add(ref box, 5)), 0f);
        return Key(x * x + y * y + z * z, tree.MinIndices[node]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(float distanceSquared, int index) =>
        ((ulong)BitConverter.SingleToUInt32Bits(distanceSquared) << 32) | (uint)index;

    private static void ScanLeaf(KdTree tree, int leaf, in Query query, Span<ulong> best)
    {
        ref float coordinates = ref tree.LeafCoordinates[leaf * 3 * KdTree.LeafSize];
        ref int indices = ref tree.LeafIndices[leaf * KdTree.LeafSize];
        for (int half = 0; half < KdTree.LeafSize; half += Vector256<float>.Count)
        {
            Vector256<float> x = Vector256.LoadUnsafe(ref coordinates, (nuint)half) - Vector256.Create(query.X);
            Vector256<float> y = Vector256.LoadUnsafe(ref coordinates, (nuint)(KdTree.LeafSize + half)) - Vector256.Create(query.Y);
            Vector256<float> z = Vector256.LoadUnsafe(ref coordinates, (nuint)(2 * KdTree.LeafSize + half)) - Vector256.Create(query.Z);
            Vector256<float> distanceSquared = x * x + y * y + z * z;
            float worst = BitConverter.UInt32BitsToSingle((uint)(best[^1] >> 32));
            uint near = Vector256.LessThanOrEqual(distanceSquared, Vector256.Create(worst)).ExtractMostSignificantBits();
            for (; near != 0; near &= near - 1)
            {
                int lane = BitOperations.TrailingZeroCount(near);
                int index = Unsafe.Add(ref indices, half + lane);
                ulong key = Key(distanceSquared[lane], index);
                if (key < best[^1] && index != query.Self)
                {
                    Insert(best, key);
                }
            }
        }
    }

    private static void Insert(Span<ulong> best, ulong key)
    {
        int slot = best.Length - 1;
        for (; slot > 0 && best[slot - 1] > key; slot--)
        {
            best[slot] = best[slot - 1];
        }

        best[slot] = key;
    }

    private readonly record struct Query(float X, float Y, float Z, int Self);
}
