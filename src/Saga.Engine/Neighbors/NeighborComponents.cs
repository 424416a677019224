using System.Numerics;

namespace Saga.Engine.Neighbors;

/// <summary>
/// Components of the neighbour graph among selected Gaussians, by union-find with path halving, in index order: the result never
/// depends on threads, and a component's root is its smallest engine index.
/// </summary>
internal static class NeighborComponents
{
    /// <summary>Joins selected Gaussians that are each in the row of the other.</summary>
    /// <param name="selected">One bit per Gaussian, engine order, 16 to an element.</param>
    /// <param name="rows">Nearest neighbours, [count, k].</param>
    /// <param name="k">Neighbours per Gaussian.</param>
    /// <param name="parents">Receives the forest that <see cref="Root"/> reads, [count].</param>
    public static void Join(ReadOnlySpan<ushort> selected, ReadOnlySpan<int> rows, int k, Span<int> parents)
    {
        for (int i = 0; i < rows.Length / k; i++)
        {
            parents[i] = i;
        }

        for (int block = 0; block < selected.Length; block++)
        {
            for (uint rest = selected[block]; rest != 0; rest &= rest - 1)
            {
                int i = block * 16 + BitOperations.TrailingZeroCount(rest);
                foreach (int j in rows.Slice(i * k, k))
                {
                    // The edge is met from both ends; one is enough.
                    if (j > i && Contains(selected, j) && rows.Slice(j * k, k).Contains(i))
                    {
                        int a = Root(parents, i);
                        int b = Root(parents, j);
                        parents[Math.Max(a, b)] = Math.Min(a, b);
                    }
                }
            }
        }
    }

    /// <summary>The smallest index of a Gaussian's component.</summary>
    public static int Root(Span<int> parents, int i)
    {
        while (parents[i] != i)
        {
            parents[i] = parents[parents[i]];
            i = parents[i];
        }

        return i;
    }

    /// <summary>True when a Gaussian is selected.</summary>
    public static bool Contains(ReadOnlySpan<ushort> selected, int i) => (selected[i >> 4] >> (i & 15) & 1) != 0;
}
