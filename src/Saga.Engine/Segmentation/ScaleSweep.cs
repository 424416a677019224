using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Saga.Engine.Segmentation;

/// <summary>How much the selections of one prompt at many scales have in common, from one pass over a sample of the Gaussians.</summary>
/// <remarks>
/// The gate differs from scale to scale, and with it the norms, so nothing can be shared but the reading: a run of blocks is
/// scored at all scales while it is in the cache, by the kernel of single prompts, so a sampled bit is the bit of the answer.
/// </remarks>
internal static class ScaleSweep
{
    /// <summary>Scales that are tried, evenly over [0, 1].</summary>
    public const int Steps = 32;

    private const int WordsPerRun = SweepSample.RunBlocks * sizeof(ushort) / sizeof(ulong);

    /// <summary>The scale of a step.</summary>
    public static double QuantileOf(int step) => step / (double)(Steps - 1);

    /// <summary>Scores the sample and compares all pairs of scales.</summary>
    /// <param name="scorers">The prompt at every scale, fine to coarse.</param>
    /// <param name="sample">Where to look.</param>
    /// <param name="inside">Null, or whether an engine index may be selected at all.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    /// <returns>IoU of any two, [scales, scales]; on the diagonal 1, or 0 where nothing is selected.</returns>
    public static double[,] Overlaps(
        BlockScorer[] scorers, SweepSample sample, Func<int, bool>? inside, int maxThreads, CancellationToken cancellationToken)
    {
        int words = sample.Runs.Length * WordsPerRun;
        ulong[] bits = ArrayPool<ulong>.Shared.Rent(Math.Max(1, scorers.Length * words));
        try
        {
            bits.AsSpan(0, scorers.Length * words).Clear();
            int next = -1;
            int workers = Math.Clamp(sample.Runs.Length / 64, 1, maxThreads);
            SelectionPass.RunWorkers(workers, _ => Score(ref next), cancellationToken);
            return Compare(bits, scorers.Length, words, sample);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(bits);
        }

        void Score(ref int taken)
        {
            for (int run; (run = Interlocked.Increment(ref taken)) < sample.Runs.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int start = sample.Runs[run] * SweepSample.RunBlocks;
                int length = Math.Min(SweepSample.RunBlocks, scorers[0].BlockCount - start);
                for (int s = 0; s < scorers.Length; s++)
                {
                    Span<ushort> selected = MemoryMarshal.Cast<ulong, ushort>(bits.AsSpan(s * words + run * WordsPerRun, WordsPerRun));
                    scorers[s].Select(start, selected[..length]);
                    Restrict(selected[..length], start, inside);
                }
            }
        }
    }

    /// <summary>Counts exactly what prompts select, in one pass over all Gaussians.</summary>
    /// <param name="scorers">The prompts.</param>
    /// <param name="inside">Null, or whether an engine index may be selected at all.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static int[] Counts(BlockScorer[] scorers, Func<int, bool>? inside, int maxThreads, CancellationToken cancellationToken)
    {
        var counts = new int[scorers.Length];
        if (scorers.Length > 0)
        {
            SelectionPass.ForChunks(scorers[0].BlockCount, maxThreads, Count, cancellationToken);
        }

        return counts;

        void Count(int start, int length)
        {
            Span<ushort> selected = stackalloc ushort[SelectionPass.BlocksPerChunk];
            selected = selected[..length];
            for (int s = 0; s < scorers.Length; s++)
            {
                scorers[s].Select(start, selected);
                Restrict(selected, start, inside);
                int count = 0;
                foreach (ushort bits in selected)
                {
                    count += BitOperations.PopCount(bits);
                }

                Interlocked.Add(ref counts[s], count);
            }
        }
    }

    private static void Restrict(Span<ushort> selected, int start, Func<int, bool>? inside)
    {
        if (inside is null)
        {
            return;
        }

        for (int block = 0; block < selected.Length; block++)
        {
            for (uint rest = selected[block]; rest != 0; rest &= rest - 1)
            {
                int lane = BitOperations.TrailingZeroCount(rest);
                if (!inside((start + block) * FeatureBlocks.BlockSize + lane))
                {
                    selected[block] &= (ushort)~(1 << lane);
                }
            }
        }
    }

    private static double[,] Compare(ulong[] bits, int scales, int words, SweepSample sample)
    {
        // Most of a scene is selected at no scale.
        var used = new List<int>();
        for (int w = 0; w < words; w++)
        {
            ulong any = 0;
            for (int s = 0; s < scales; s++)
            {
                any |= bits[s * words + w];
            }

            if (any != 0)
            {
                used.Add(w);
            }
        }

        int near = used.Count(w => w < sample.NearCount * WordsPerRun);
        ReadOnlySpan<int> all = CollectionsMarshal.AsSpan(used);
        var counts = new long[scales, scales];
        for (int s = 0; s < scales; s++)
        {
            for (int t = s; t < scales; t++)
            {
                counts[s, t] = Common(bits, s * words, t * words, all[..near])
                    + sample.FarWeight * Common(bits, s * words, t * words, all[near..]);
            }
        }

        var overlaps = new double[scales, scales];
        for (int s = 0; s < scales; s++)
        {
            for (int t = s; t < scales; t++)
            {
                long together = counts[s, s] + counts[t, t] - counts[s, t];
                overlaps[s, t] = overlaps[t, s] = together == 0 ? 0 : counts[s, t] / (double)together;
            }
        }

        return overlaps;
    }

    private static long Common(ulong[] bits, int a, int b, ReadOnlySpan<int> words)
    {
        int count = 0;
        foreach (int w in words)
        {
            count += BitOperations.PopCount(bits[a + w] & bits[b + w]);
        }

        return count;
    }
}
