using System.Buffers;

namespace Saga.Engine.Segmentation;

/// <summary>Takes a prompt over all blocks, with several threads that each fetch the next chunk when they are free.</summary>
internal static class SelectionPass
{
    /// <summary>Most blocks of a chunk: 128 KB of 8-bit features at 32 channels, some 10 µs.</summary>
    public const int BlocksPerChunk = 256;

    // A second thread is not awake before one alone is done with this many.
    private const int ChunksPerThread = 4;

    /// <summary>Selects in engine order.</summary>
    /// <param name="scorer">The prompt.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="selected">Receives one bit per Gaussian, [BlockCount]; padding bits are 0.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static void Run(BlockScorer scorer, int maxThreads, ushort[] selected, CancellationToken cancellationToken) =>
        ForChunks(
            scorer.BlockCount, maxThreads, (start, length) => scorer.Select(start, selected.AsSpan(start, length)), cancellationToken);

    /// <summary>Takes any work over all blocks, chunk by chunk.</summary>
    /// <param name="blockCount">Number of blocks.</param>
    /// <param name="maxThreads">Most threads.</param>
    /// <param name="work">Gets the first block of a chunk and the number of its blocks; on several threads.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static void ForChunks(int blockCount, int maxThreads, Action<int, int> work, CancellationToken cancellationToken)
    {
        int next = 0;
        Action<int> worker = _ =>
        {
            while (TryTake(ref next, blockCount, out int start, out int length))
            {
                cancellationToken.ThrowIfCancellationRequested();
                work(start, length);
            }
        };
        RunWorkers(WorkerCount(blockCount, maxThreads), worker, cancellationToken);
    }

    /// <summary>
    /// Selects in file order, for several prompts in one pass: each thread takes all prompts over a chunk while the chunk is in
    /// its cache, and moves the bits at once.
    /// </summary>
    /// <param name="scorers">The prompts, of one scene; at least one.</param>
    /// <param name="fileIndices">File record of each Gaussian.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="bits">Receives a mask per prompt, file order; all 0 before.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    public static void RunInFileOrder(
        BlockScorer[] scorers, int[] fileIndices, int maxThreads, byte[][] bits, CancellationToken cancellationToken)
    {
        // The first thread writes the answers itself, each other one masks of its own: bytes have bits of many chunks.
        int blockCount = scorers[0].BlockCount;
        int workers = WorkerCount(blockCount, maxThreads);
        var masks = new byte[]?[workers * scorers.Length];
        int next = 0;
        try
        {
            Action<int> work = worker =>
            {
                Span<ushort> selected = stackalloc ushort[BlocksPerChunk];
                while (TryTake(ref next, blockCount, out int start, out int length))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    for (int s = 0; s < scorers.Length; s++)
                    {
                        byte[] mask = masks[worker * scorers.Length + s] ??= worker == 0 ? bits[s] : RentCleared(bits[s].Length);
                        scorers[s].Select(start, selected[..length]);
                        FileOrderScatter.Move(selected[..length], start, fileIndices, mask);
                    }
                }
            };
            RunWorkers(workers, work, cancellationToken);
            for (int i = scorers.Length; i < masks.Length; i++)
            {
                if (masks[i] is { } mask)
                {
                    FileOrderScatter.Join(mask, bits[i % scorers.Length]);
                }
            }
        }
        finally
        {
            for (int i = scorers.Length; i < masks.Length; i++)
            {
                if (masks[i] is { } mask)
                {
                    ArrayPool<byte>.Shared.Return(mask);
                }
            }
        }
    }

    private static int WorkerCount(int blockCount, int maxThreads) =>
        Math.Clamp(blockCount / (BlocksPerChunk * ChunksPerThread), 1, maxThreads);

    /// <summary>Runs work on so many threads, this one among them; each call gets its number.</summary>
    internal static void RunWorkers(int workers, Action<int> work, CancellationToken cancellationToken)
    {
        if (workers == 1)
        {
            work(0);
        }
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
            Parallel.For(0, workers, options, work);
        }
    }

    private static bool TryTake(ref int next, int count, out int start, out int length)
    {
        start = Interlocked.Add(ref next, BlocksPerChunk) - BlocksPerChunk;
        length = Math.Min(BlocksPerChunk, count - start);
        return length > 0;
    }

    private static byte[] RentCleared(int length)
    {
        byte[] mask = ArrayPool<byte>.Shared.Rent(length);
        mask.AsSpan(0, length).Clear();
        return mask;
    }
}
