using System.Buffers;
using System.Numerics;
using Saga.Engine.Neighbors;

namespace Saga.Engine.Segmentation;

/// <summary>
/// Reduces a selection to the components of the neighbour graph that hold a prompted surface: what is far from everything
/// prompted (floaters, a second object alike) drops out.
/// </summary>
internal static class ConnectedSurfaces
{
    /// <summary>Keeps the components that hold a seed.</summary>
    /// <param name="selected">One bit per Gaussian, engine order, 16 to an element; reduced in place.</param>
    /// <param name="neighbors">Nearest neighbours, [count, k].</param>
    /// <param name="k">Neighbours per Gaussian.</param>
    /// <param name="seeds">Engine indices of the prompted surfaces; those not selected do not count.</param>
    public static void Keep(Span<ushort> selected, ReadOnlySpan<int> neighbors, int k, IEnumerable<int> seeds)
    {
        int[] parents = ArrayPool<int>.Shared.Rent(Math.Max(1, neighbors.Length / k));
        try
        {
            NeighborComponents.Join(selected, neighbors, k, parents);
            HashSet<int> roots = [];
            foreach (int seed in seeds)
            {
                if (NeighborComponents.Contains(selected, seed))
                {
                    roots.Add(NeighborComponents.Root(parents, seed));
                }
            }

            for (int block = 0; block < selected.Length; block++)
            {
                uint kept = selected[block];
                for (uint rest = kept; rest != 0; rest &= rest - 1)
                {
                    int lane = BitOperations.TrailingZeroCount(rest);
                    if (!roots.Contains(NeighborComponents.Root(parents, block * 16 + lane)))
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
}
