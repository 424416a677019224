using System.Buffers;
using System.Numerics;
using Saga.Engine.Neighbors;

namespace Saga.Engine.Selections;

/// <summary>Keeps pieces of a selection, its components of the neighbour graph, by their size. Engine order, in place.</summary>
internal static class SurfacePieces
{
    /// <summary>Keeps the piece with the most Gaussians; of equals the one that has the smallest record of the file.</summary>
    /// <param name="selected">One bit per Gaussian, 16 to an element.</param>
    /// <param name="rows">Rows of the graph.</param>
    /// <param name="fileIndices">File record of each Gaussian.</param>
    public static void KeepLargest(Span<ushort> selected, ReadOnlySpan<int> rows, ReadOnlySpan<int> fileIndices) =>
        Keep(selected, rows, fileIndices, int.MaxValue);

    /// <summary>Drops pieces with too few Gaussians, but never all: the largest stays whatever its size.</summary>
    /// <param name="selected">One bit per Gaussian, 16 to an element.</param>
    /// <param name="rows">Rows of the graph.</param>
    /// <param name="fileIndices">File record of each Gaussian.</param>
    /// <param name="minSize">Gaussians from which a piece stays.</param>
    public static void KeepFrom(Span<ushort> selected, ReadOnlySpan<int> rows, ReadOnlySpan<int> fileIndices, int minSize) =>
        Keep(selected, rows, fileIndices, minSize);

    private static void Keep(Span<ushort> selected, ReadOnlySpan<int> rows, ReadOnlySpan<int> fileIndices, int minSize)
    {
        int count = fileIndices.Length;
        int[] parents = ArrayPool<int>.Shared.Rent(Math.Max(1, count));
        int[] sizes = ArrayPool<int>.Shared.Rent(Math.Max(1, count));
        int[] firstRecords = ArrayPool<int>.Shared.Rent(Math.Max(1, count));
        try
        {
            NeighborComponents.Join(selected, rows, NeighborGraph.RowLength, parents);
            sizes.AsSpan(0, count).Clear();
            firstRecords.AsSpan(0, count).Fill(int.MaxValue);
            int largest = -1;
            for (int i = 0; i < count; i++)
            {
                if (NeighborComponents.Contains(selected, i))
                {
                    int root = NeighborComponents.Root(parents, i);
                    sizes[root]++;
                    firstRecords[root] = Math.Min(firstRecords[root], fileIndices[i]);
                }
            }

            for (int i = 0; i < count; i++)
            {
                if (sizes[i] > 0 && (largest < 0 || (sizes[i], -firstRecords[i]).CompareTo((sizes[largest], -firstRecords[largest])) > 0))
                {
                    largest = i;
                }
            }

            for (int block = 0; block < selected.Length; block++)
            {
                uint kept = selected[block];
                for (uint rest = kept; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    int root = NeighborComponents.Root(parents, block * 16 + lane);
                    kept &= root == largest || sizes[root] >= minSize ? ~0u : ~(1u << lane);
                }

                selected[block] = (ushort)kept;
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(parents);
            ArrayPool<int>.Shared.Return(sizes);
            ArrayPool<int>.Shared.Return(firstRecords);
        }
    }
}
