using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Clustering;

/// <summary>Core distances: how far every point's k-th neighbour is, itself not counted.</summary>
internal static class CoreDistances
{
    // Rows that a thread takes at a time.
    private const int RowsPerChunk = 64;

    /// <summary>Finds them by looking at all pairs.</summary>
    /// <param name="points">The points.</param>
    /// <param name="k">Which neighbour, at least 1; the farthest where there are fewer.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <returns>Squared distances, [points.Count]; 0 for a point alone.</returns>
    public static float[] Squared(PointBlocks points, int k, int maxThreads, CancellationToken cancellationToken)
    {
        float[] cores = new float[points.Count];
        int nearest = Math.Min(k, points.Count - 1);
        if (nearest < 1)
        {
            return cores;
        }

        int chunks = (points.Count + RowsPerChunk - 1) / RowsPerChunk;
        var options = new ParallelOptions { MaxDegreeOfParallelism = maxThreads, CancellationToken = cancellationToken };
        Parallel.For(
            0,
            chunks,
            options,
            () => (Row: new float[points.PaddedCount], Point: new float[points.Dimension], Smallest: new float[nearest]),
            (chunk, _, local) =>
            {
                int end = Math.Min(points.Count, (chunk + 1) * RowsPerChunk);
                for (int i = chunk * RowsPerChunk; i < end; i++)
                {
                    points.CopyTo(i, local.Point);
                    DistanceKernel.Run(points, local.Point, local.Row);
                    local.Row[i] = float.PositiveInfinity;
                    cores[i] = Greatest(local.Row, local.Smallest);
                }

                return local;
            },
            _ => { });
        return cores;
    }

    /// <summary>The so-manieth smallest value, as many as <paramref name="smallest"/> has room for.</summary>
    /// <param name="values">A whole number of blocks of 16.</param>
    /// <param name="smallest">Receives the smallest values, ascending.</param>
    private static float Greatest(ReadOnlySpan<float> values, Span<float> smallest)
    {
        smallest.Fill(float.PositiveInfinity);
        ref float first = ref MemoryMarshal.GetReference(values);
        for (int at = 0; at < values.Length; at += Vector512<float>.Count)
        {
            // Hardly any row beats the k-th smallest so far, and never many: insertion is enough.
            Vector512<float> limit = Vector512.Create(smallest[^1]);
            for (ulong below = Vector512.LessThan(Vector512.LoadUnsafe(ref first, (nuint)at), limit).ExtractMostSignificantBits();
                below != 0;
                below &= below - 1)
            {
                Insert(values[at + System.Numerics.BitOperations.TrailingZeroCount(below)], smallest);
            }
        }

        return smallest[^1];
    }

    private static void Insert(float value, Span<float> smallest)
    {
        int slot = smallest.Length - 1;
        if (value >= smallest[slot])
        {
            return;
        }

        for (; slot > 0 && smallest[slot - 1] > value; slot--)
        {
            smallest[slot] = smallest[slot - 1];
        }

        smallest[slot] = value;
    }
}
