using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Clustering;

/// <summary>
/// Points in the order in which Prim's algorithm takes them along the shortest mutual reachability distances: single linkage, as a line.
/// </summary>
/// <remarks>
/// Mutual reachability of a and b is max(core(a), core(b), |a - b|). Prim leaves a component of all edges ≤ t only when nothing of it is
/// left, so at every t the components are the runs of points whose gaps are ≤ t: the gaps alone are the dendrogram, and who
/// is whose neighbour in the tree need not be kept. Which of equal edges is taken does not change the runs.
/// </remarks>
/// <param name="Points">The points, [count].</param>
/// <param name="Gaps">Mutual reachability at which the point joined those before it, [count]; 0 for the first.</param>
internal sealed record ReachabilityOrder(int[] Points, double[] Gaps)
{
    // Rows between two looks at the token: a row takes some 10 µs.
    private const int RowsPerCheck = 64;

    /// <summary>Orders points by dense rows: n²/2 distances, memory for n.</summary>
    /// <param name="points">The points; used up.</param>
    /// <param name="coresSquared">Their squared core distances.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    public static ReachabilityOrder Of(PointBlocks points, ReadOnlySpan<float> coresSquared, CancellationToken cancellationToken)
    {
        int count = points.Count;
        var order = new int[count];
        var gaps = new double[count];
        if (count == 0)
        {
            return new ReachabilityOrder(order, gaps);
        }

        // Those that are not yet taken lie together; all four arrays follow the moves of the blocks.
        int[] left = [.. Enumerable.Range(0, count)];
        float[] cores = new float[points.PaddedCount];
        float[] nearest = new float[points.PaddedCount];
        float[] row = new float[points.PaddedCount];
        coresSquared.CopyTo(cores);
        Array.Fill(nearest, float.PositiveInfinity);
        float[] taken = new float[points.Dimension];
        int slot = 0;
        for (int step = 0; ; step++)
        {
            if (step % RowsPerCheck == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            order[step] = left[slot];
            gaps[step] = step == 0 ? 0 : Math.Sqrt(nearest[slot]);
            float core = cores[slot];
            points.CopyTo(slot, taken);
            int last = points.Count - 1;
            points.Remove(slot);
            (left[slot], cores[slot], nearest[slot]) = (left[last], cores[last], nearest[last]);
            nearest[last] = float.PositiveInfinity;
            if (last == 0)
            {
                return new ReachabilityOrder(order, gaps);
            }

            DistanceKernel.Run(points, taken, row);
            float smallest = Shorten(row, cores, core, nearest.AsSpan(0, points.PaddedCount));
            slot = nearest.AsSpan(0, points.Count).IndexOf(smallest);
        }
    }

    /// <summary>nearest = min(nearest, max(row, cores, core)), everywhere.</summary>
    /// <returns>The smallest of nearest.</returns>
    private static float Shorten(ReadOnlySpan<float> row, ReadOnlySpan<float> cores, float core, Span<float> nearest) => Simd.Level switch
    {
        SimdLevel.Vector512 => Shorten<FloatX16>(row, cores, core, nearest),
        SimdLevel.Vector256 => Shorten<FloatX8>(row, cores, core, nearest),
        SimdLevel.Vector128 => Shorten<FloatX4>(row, cores, core, nearest),
        _ => Shorten<FloatX1>(row, cores, core, nearest),
    };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Shorten<T>(ReadOnlySpan<float> row, ReadOnlySpan<float> cores, float core, Span<float> nearest)
        where T : unmanaged, IFloatLanes<T>
    {
        ref float distances = ref MemoryMarshal.GetReference(row);
        ref float reaches = ref MemoryMarshal.GetReference(cores);
        ref float best = ref MemoryMarshal.GetReference(nearest);
        T own = T.Broadcast(core);
        T smallest = T.Broadcast(float.PositiveInfinity);
        for (int at = 0; at < nearest.Length; at += T.Width)
        {
            T reach = T.Max(T.Max(T.Load(in distances, at), T.Load(in reaches, at)), own);
            reach = T.Min(T.Load(in best, at), reach);
            reach.Store(ref best, at);
            smallest = T.Min(smallest, reach);
        }

        Span<float> lanes = stackalloc float[T.Width];
        smallest.Store(ref lanes[0], 0);
        float least = lanes[0];
        foreach (float lane in lanes[1..])
        {
            least = MathF.Min(least, lane);
        }

        return least;
    }
}
