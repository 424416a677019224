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

    /// <summary>Every so many scales are tried first; between two that select almost the same none is.</summary>
    private const int CoarseSteps = 4;

    /// <summary>Selections from this IoU on are almost the same: less than what a candidate may vary within its range.</summary>
    private const double AlmostSame = 0.98;

    private const int WordsPerRun = SweepSample.RunBlocks * sizeof(ushort) / sizeof(ulong);

    /// <summary>The scale of a step.</summary>
    public static double QuantileOf(int step) => step / (double)(Steps - 1);

    /// <summary>Scores the sample, coarsely first, and compares all pairs of scales.</summary>
    /// <param name="scorers">The prompt at every scale, fine to coarse.</param>
    /// <param name="sample">Where to look.</param>
    /// <param name="inside">Null, or whether an engine index may be selected at all.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="cancellationToken">Stops between runs.</param>
    public static ScaleOverlaps Overlaps(
        BlockScorer[] scorers, SweepSample sample, Func<int, bool>? inside, int maxThreads, CancellationToken cancellationToken)
    {
        int words = sample.Runs.Length * WordsPerRun;
        ulong[] bits = ArrayPool<ulong>.Shared.Rent(Math.Max(1, scorers.Length * words));
        try
        {
            bits.AsSpan(0, scorers.Length * words).Clear();
            int[] coarse = [.. Enumerable.Range(0, scorers.Length).Where(step => step % CoarseSteps == 0 || step == scorers.Length - 1)];
            Score(coarse);
            var between = new List<int>();
            foreach ((int finer, int coarser) in coarse.Zip(coarse.Skip(1)))
            {
                if (Overlap(bits, words, finer, coarser, sample) < AlmostSame)
                {
                    between.AddRange(Enumerable.Range(finer + 1, coarser - finer - 1));
                    continue;
                }

                for (int step = finer + 1; step < coarser; step++)
                {
                    int nearer = step - finer <= coarser - step ? finer : coarser;
                    bits.AsSpan(nearer * words, words).CopyTo(bits.AsSpan(step * words));
                }
            }

            Score([.. between]);
            return Compare(bits, scorers.Length, words, sample);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(bits);
        }

        void Score(int[] steps)
        {
            int next = -1;
            int workers = Math.Clamp(steps.Length * sample.Runs.Length / 2048, 1, maxThreads);
            SelectionPass.RunWorkers(workers, _ => ScoreRuns(steps, ref next), cancellationToken);
        }

        void ScoreRuns(int[] steps, ref int taken)
        {
            for (int run; (run = Interlocked.Increment(ref taken)) < sample.Runs.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int start = sample.Runs[run] * SweepSample.RunBlocks;
                int length = Math.Min(SweepSample.RunBlocks, scorers[0].BlockCount - start);
                foreach (int step in steps)
                {
                    Span<ushort> selected = MemoryMarshal.Cast<ulong, ushort>(bits.AsSpan(step * words + run * WordsPerRun, WordsPerRun));
                    scorers[step].Select(start, selected[..length]);
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

    private static ScaleOverlaps Compare(ulong[] bits, int scales, int words, SweepSample sample)
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
                overlaps[s, t] = overlaps[t, s] = Iou(counts[s, t], counts[s, s], counts[t, t]);
            }
        }

        double total = (double)FeatureBlocks.BlockSize * SweepSample.RunBlocks
            * (sample.NearCount + (long)(sample.Runs.Length - sample.NearCount) * sample.FarWeight);
        return new ScaleOverlaps(overlaps, [.. Enumerable.Range(0, scales).Select(s => counts[s, s] / total)]);
    }

    /// <summary>IoU of two scales, 0 where nothing is selected at either.</summary>
    private static double Overlap(ulong[] bits, int words, int s, int t, SweepSample sample)
    {
        int near = sample.NearCount * WordsPerRun;
        return Iou(Count(s, t), Count(s, s), Count(t, t));

        long Count(int a, int b)
        {
            long count = 0;
            for (int w = 0; w < words; w++)
            {
                count += (w < near ? 1 : sample.FarWeight) * (long)BitOperations.PopCount(bits[a * words + w] & bits[b * words + w]);
            }

            return count;
        }
    }

    private static double Iou(long common, long first, long second)
    {
        long together = first + second - common;
        return together == 0 ? 0 : common / (double)together;
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

/// <summary>What a sweep found.</summary>
/// <param name="Iou">IoU of any two scales, [scales, scales]; on the diagonal 1, or 0 where nothing is selected.</param>
/// <param name="Shares">About which share of the scene each scale selects, [scales].</param>
internal readonly record struct ScaleOverlaps(double[,] Iou, double[] Shares);
