using System.Runtime.CompilerServices;

namespace Saga.Engine.Neighbors;

/// <summary>A balanced k-d tree over points, laid out for many nearest-neighbour queries.</summary>
/// <remarks>
/// A complete binary tree of 2^depth leaves in heap order: node i has the children 2i and 2i+1, node 1 is the root, leaf j is
/// node 2^depth + j. Every split halves the points by (coordinate, index) along the widest side of the node's box, so equal
/// points split too (by index) and the tree does not depend on the machine or on the number of threads. A leaf holds at most
/// <see cref="LeafSize"/> points, channel-major and padded, so that one vector load is one coordinate of many points.
/// </remarks>
internal sealed class KdTree
{
    /// <summary>Points of a leaf: two 256-bit vectors.</summary>
    public const int LeafSize = 16;

    /// <summary>Index of a padding lane; above every real index, so padding loses every comparison.</summary>
    public const int Padding = int.MaxValue;

    // Below this many points a subtree is built by the thread that split it.
    private const int MinParallelPoints = 1 << 14;

    private KdTree(int depth)
    {
        Depth = depth;
        Boxes = new float[(2 << depth) * 6];
        MinIndices = new int[2 << depth];
        LeafCoordinates = new float[(3 * LeafSize) << depth];
        LeafIndices = new int[LeafSize << depth];
    }

    /// <summary>Levels under the root.</summary>
    public int Depth { get; }

    /// <summary>Number of leaves; also the node number of the first leaf.</summary>
    public int LeafCount => 1 << Depth;

    /// <summary>Tight bounding boxes, [node, 6]: least x y z, greatest x y z.</summary>
    public float[] Boxes { get; }

    /// <summary>Smallest point index under each node, [node].</summary>
    public int[] MinIndices { get; }

    /// <summary>Coordinates, [leaf, 3, LeafSize]; padding is +∞.</summary>
    public float[] LeafCoordinates { get; }

    /// <summary>Point index of each lane, [leaf, LeafSize]; <see cref="Padding"/> where there is none.</summary>
    public int[] LeafIndices { get; }

    /// <summary>Builds a tree.</summary>
    /// <param name="points">Finite points, [count, 3], at least one.</param>
    /// <param name="maxThreads">Most threads to use, at least 1.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static KdTree Build(ReadOnlySpan<float> points, int maxThreads, CancellationToken cancellationToken)
    {
        int count = points.Length / 3;
        int depth = 0;
        while (((count - 1) >> depth) + 1 > LeafSize)
        {
            depth++;
        }

        var tree = new KdTree(depth);
        var entries = new Entry[count];
        for (int i = 0; i < count; i++)
        {
            entries[i] = new Entry(points[3 * i], points[3 * i + 1], points[3 * i + 2], i);
        }

        tree.BuildNode(entries, 1, 0, maxThreads, cancellationToken);
        return tree;
    }

    private void BuildNode(Entry[] entries, int node, int level, int threads, CancellationToken cancellationToken)
    {
        int start = Start(entries.Length, node, level);
        int end = Start(entries.Length, node + 1, level);
        int widest = MeasureBox(entries.AsSpan(start, end - start), node);
        if (level == Depth)
        {
            FillLeaf(entries.AsSpan(start, end - start), node - LeafCount);
            return;
        }

        int middle = Start(entries.Length, 2 * node + 1, level + 1);
        Select(entries, start, end - 1, middle, widest);
        if (threads > 1 && end - start > MinParallelPoints)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Parallel.Invoke(
                () => BuildNode(entries, 2 * node, level + 1, threads / 2, cancellationToken),
                () => BuildNode(entries, 2 * node + 1, level + 1, threads - threads / 2, cancellationToken));
        }
        else
        {
            BuildNode(entries, 2 * node, level + 1, 1, cancellationToken);
            BuildNode(entries, 2 * node + 1, level + 1, 1, cancellationToken);
        }
    }

    // The nodes of a level share the points evenly: node j of 2^level starts at count·j / 2^level.
    private static int Start(int count, int node, int level) => (int)(((long)count * (node - (1 << level))) >> level);

    private int MeasureBox(ReadOnlySpan<Entry> entries, int node)
    {
        Entry low = entries[0];
        Entry high = entries[0];
        int minIndex = entries[0].Index;
        foreach (ref readonly Entry entry in entries)
        {
            low = new Entry(Math.Min(low.X, entry.X), Math.Min(low.Y, entry.Y), Math.Min(low.Z, entry.Z), 0);
            high = new Entry(Math.Max(high.X, entry.X), Math.Max(high.Y, entry.Y), Math.Max(high.Z, entry.Z), 0);
            minIndex = Math.Min(minIndex, entry.Index);
        }

        Span<float> box = Boxes.AsSpan(node * 6, 6);
        (box[0], box[1], box[2]) = (low.X, low.Y, low.Z);
        (box[3], box[4], box[5]) = (high.X, high.Y, high.Z);
        MinIndices[node] = minIndex;

        float x = high.X - low.X;
        float y = high.Y - low.Y;
        float z = high.Z - low.Z;
        return x >= y && x >= z ? 0 : y >= z ? 1 : 2;
    }

    private void FillLeaf(Span<Entry> entries, int leaf)
    {
        Span<float> coordinates = LeafCoordinates.AsSpan(leaf * 3 * LeafSize, 3 * LeafSize);
        Span<int> indices = LeafIndices.AsSpan(leaf * LeafSize, LeafSize);
        coordinates.Fill(float.PositiveInfinity);
        indices.Fill(Padding);
        for (int lane = 0; lane < entries.Length; lane++)
        {
            coordinates[lane] = entries[lane].X;
            coordinates[LeafSize + lane] = entries[lane].Y;
            coordinates[2 * LeafSize + lane] = entries[lane].Z;
            indices[lane] = entries[lane].Index;
        }
    }

    // Quickselect by (coordinate, index): a total order, so runs of equal coordinates cost nothing extra. The pivot is the
    // median of three pseudo-random entries, so that no file order makes it quadratic.
    private static void Select(Entry[] entries, int left, int right, int target, int axis)
    {
        uint state = (uint)right * 2654435761u + 12345u;
        while (right > left)
        {
            Entry pivot = Median(
                Draw(entries, left, right, ref state), Draw(entries, left, right, ref state), Draw(entries, left, right, ref state), axis);
            float pivotKey = pivot[axis];
            int i = left;
            int j = right;
            while (i <= j)
            {
                while (IsBefore(entries[i], pivotKey, pivot.Index, axis))
                {
                    i++;
                }

                while (IsAfter(entries[j], pivotKey, pivot.Index, axis))
                {
                    j--;
                }

                if (i <= j)
                {
                    (entries[i], entries[j]) = (entries[j], entries[i]);
                    i++;
                    j--;
                }
            }

            if (target <= j)
            {
                right = j;
            }
            else if (target >= i)
            {
                left = i;
            }
            else
            {
                return;
            }
        }
    }

    private static Entry Draw(Entry[] entries, int left, int right, ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return entries[left + (int)(((ulong)state * (uint)(right - left + 1)) >> 32)];
    }

    private static Entry Median(Entry a, Entry b, Entry c, int axis)
    {
        if (IsAfter(a, b[axis], b.Index, axis))
        {
            (a, b) = (b, a);
        }

        if (IsAfter(b, c[axis], c.Index, axis))
        {
            b = IsAfter(a, c[axis], c.Index, axis) ? a : c;
        }

        return b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBefore(in Entry entry, float key, int index, int axis)
    {
        float own = entry[axis];
        return own < key || (own == key && entry.Index < index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsAfter(in Entry entry, float key, int index, int axis)
    {
        float own = entry[axis];
        return own > key || (own == key && entry.Index > index);
    }

    private readonly struct Entry(float x, float y, float z, int index)
    {
        public readonly float X = x;
        public readonly float Y = y;
        public readonly float Z = z;
        public readonly int Index = index;

        public float this[int axis]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => Unsafe.Add(ref Unsafe.AsRef(in X), axis);
        }
    }
}
