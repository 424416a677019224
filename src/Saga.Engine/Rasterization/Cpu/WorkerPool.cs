namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Runs independent pieces of work on a bounded number of threads. Which thread runs a piece never shows in results.</summary>
internal sealed class WorkerPool(int maxThreads)
{
    /// <summary>Threads used at most, at least 1.</summary>
    public int MaxThreads { get; } = maxThreads;

    public void For(int count, Action<int> body, CancellationToken cancellationToken) =>
        For(count, static () => 0, (i, _) => body(i), cancellationToken);

    /// <param name="count">Pieces.</param>
    /// <param name="createScratch">Makes what one thread keeps between pieces.</param>
    /// <param name="body">Runs one piece.</param>
    /// <param name="cancellationToken">Checked before every piece.</param>
    /// <exception cref="OperationCanceledException">Some pieces have not run.</exception>
    public void For<TScratch>(
        int count, Func<TScratch> createScratch, Action<int, TScratch> body, CancellationToken cancellationToken)
    {
        if (MaxThreads == 1 || count == 1)
        {
            TScratch scratch = createScratch();
            for (int i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                body(i, scratch);
            }

            return;
        }

        ParallelOptions options = new() { MaxDegreeOfParallelism = MaxThreads, CancellationToken = cancellationToken };
        Parallel.For(
            0,
            count,
            options,
            createScratch,
            (i, _, scratch) =>
            {
                body(i, scratch);
                return scratch;
            },
            static _ => { });
    }
}
