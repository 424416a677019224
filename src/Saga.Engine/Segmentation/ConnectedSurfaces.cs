using System.Buffers;
using System.Numerics;

namespace Saga.Engine.Segmentation;

/// <summary>
/// Reduces a selection to the components of the neighbour graph that hold a prompted surface: what is far from everything
/// prompted (floaters, a second object alike) drops out.
/// </summary>
/// <remarks>
/// An edge joins two selected Gaussians that are each among the K nearest of the other. One direction is not enough: a
/// floater always has K nearest, however far, but is nobody's neighbour. Components are grown by union-find with path
/// halving, in index order, so the result never depends on threads.
/// </remarks>
internal static class ConnectedSurfaces
{
    /// <summary>Keeps the components that hold a seed.</summary>
    /// <param name="selected">One bit per Gaussian, engine order, 16 to an element; reduced in place.</param>
    /// <param name="neighbors">Nearest neighbours, [count, k].</param>
    /// <param name="k">Neighbours per Gaussian.</param>
    /// <param name="seeds">Engine indices of the prompted surfaces; those not selected do not count.</param>
    public static void Keep(Span<ushort> selected, ReadOnlySpan<int> neighbors, int k, IEnumerable<int> seeds)
    {
        int count = neighbors.Length / k;
        int[] parents = ArrayPool<int>.Shared.Rent(count);
        try
        {
            for (int i = 0; i < count; i++)
            {
                parents[i] = i;
            }

            Join(selected, neighbors, k, parents);
            HashSet<int> roots = [];
            foreach (int seed in seeds)
            {
                if (Contains(selected, seed))
                {
                    roots.Add(Root(parents, seed));
                }
            }

            for (int block = 0; block < selected.Length; block++)
            {
                uint kept = selected[block];
                for (uint rest = kept; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    if (!roots.Contains(Root(parents, block * 16 + lane)))
                    {
                        kept &= ~(1u << lane);
                    }
                }

                selected[block] = (ushort)kept;
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(parents);
        }
    }

    private static void Join(ReadOnlySpan<ushort> selected, ReadOnlySpan<int> neighbors, int k, int[] parents)
    {
        for (int block = 0; block < selected.Length; block++)
        {
            for (uint rest = selected[block]; rest != 0; rest &= rest - 1)
            {
                int i = block * 16 + BitOperations.TrailingZeroCount(rest);
                foreach (int j in neighbors.Slice(i * k, k))
                {
                    // The edge is met from both ends; one is enough.
                    if (j > i && Contains(selected, j) && neighbors.Slice(j * k, k).Contains(i))
                    {
                        int a = Root(parents, i);
                        int b = Root(parents, j);
                        parents[Math.Max(a, b)] = Math.Min(a, b);
                    }
                }
            }
        }
    }

    private static bool Contains(ReadOnlySpan<ushort> selected, int i) => (selected[i >> 4] >> (i & 15) & 1) != 0;

    private static int Root(int[] parents, int i)
    {
        while (parents[i] != i)
        {
            parents[i] = parents[parents[i]];
            i = parents[i];
        }

        return i;
    }
}
