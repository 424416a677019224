namespace Saga.Api.Hosting;

/// <summary>Bounds work that costs processor time or memory: so many at once, so many waiting, the rest is told to come back.</summary>
internal sealed class WorkQueue(string work, int concurrent, int queued) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(concurrent, concurrent);
    private int _admitted;
    private long _refused;

    /// <summary>What the work is called.</summary>
    public string Work => work;

    /// <summary>Pieces of work that are done now or wait their turn.</summary>
    public int Admitted => Volatile.Read(ref _admitted);

    /// <summary>Pieces of work that were told to come back.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>
    /// Threads that one piece of work should use now: all cores when it is alone, one when others could use them. Work that is
    /// split over busy cores costs more than it saves.
    /// </summary>
    public int FairThreads => Math.Max(1, Environment.ProcessorCount / Math.Max(1, Volatile.Read(ref _admitted)));

    /// <summary>Waits for a slot; the slot is free again when the result is disposed.</summary>
    /// <exception cref="RefusedException">503 <c>busy</c>: too many already wait.</exception>
    public async ValueTask<Slot> EnterAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _admitted) > concurrent + queued)
        {
            Interlocked.Decrement(ref _admitted);
            Interlocked.Increment(ref _refused);
            throw RefusedException.Unavailable(
                ProblemCodes.Busy, $"{concurrent} {work} are in work and {queued} wait; try again shortly.");
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        catch
        {
            Interlocked.Decrement(ref _admitted);
            throw;
        }

        return new Slot(this);
    }

    public void Dispose() => _slots.Dispose();

    private void Leave()
    {
        _slots.Release();
        Interlocked.Decrement(ref _admitted);
    }

    internal readonly struct Slot(WorkQueue queue) : IDisposable
    {
        public void Dispose() => queue.Leave();
    }
}

/// <summary>The queues of this process, one per kind of work.</summary>
internal sealed class WorkQueues(SagaOptions options) : IDisposable
{
    public WorkQueue Prompts { get; } = new("prompts", options.Limits.ConcurrentPrompts, options.Limits.QueuedPrompts);

    public WorkQueue Pictures { get; } = new("pictures", options.Limits.ConcurrentPictures, options.Limits.QueuedPictures);

    public WorkQueue Uploads { get; } = new("uploads", options.Limits.ConcurrentUploads, options.Limits.QueuedUploads);

    public WorkQueue Decompositions { get; } =
        new("decompositions", options.Limits.ConcurrentDecompositions, options.Limits.QueuedDecompositions);

    public IReadOnlyList<WorkQueue> All => [Prompts, Pictures, Uploads, Decompositions];

    public void Dispose()
    {
        Decompositions.Dispose();
        Prompts.Dispose();
        Pictures.Dispose();
        Uploads.Dispose();
    }
}
