using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;

namespace Saga.Worker;

/// <summary>Why a running job has to stop.</summary>
public enum StopReason
{
    /// <summary>It need not.</summary>
    None,

    /// <summary>A user asked for it.</summary>
    CancelRequested,

    /// <summary>Another worker has the job: write nothing more.</summary>
    LeaseLost,

    /// <summary>This worker shuts down: save a checkpoint, somebody will go on from it.</summary>
    ShuttingDown,
}

/// <summary>One attempt at a job, as the job itself sees it.</summary>
public sealed class JobContext : IDisposable
{
    private readonly JobStore _jobs;
    private readonly FileStore _files;
    private readonly SagaWorkerOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _stopLock = new();
    private string? _checkpointKey;
    private long _checkpointAt = Stopwatch.GetTimestamp();
    private Task _saving = Task.CompletedTask;
    private JobProgress? _latest;

    internal JobContext(ClaimedJob claimed, JobStore jobs, FileStore files, SagaWorkerOptions options, ILogger logger)
    {
        (Job, Lease) = claimed;
        _checkpointKey = Job.CheckpointKey;
        _jobs = jobs;
        _files = files;
        _options = options;
        _logger = logger;
    }

    /// <summary>The job as it was when it was claimed.</summary>
    public JobRecord Job { get; }

    /// <summary>Cancelled when the job has to stop; <see cref="Reason"/> says why.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>The first reason to stop that came up.</summary>
    public StopReason Reason { get; private set; }

    /// <summary>True when enough work was done since the last checkpoint, and that one is finished.</summary>
    public bool IsCheckpointDue => _saving.IsCompleted && Stopwatch.GetElapsedTime(_checkpointAt) >= _options.CheckpointEvery;

    internal JobLease Lease { get; }

    internal string? CheckpointKey => _checkpointKey;

    /// <summary>Completes when no checkpoint is being saved.</summary>
    internal Task Saved => _saving;

    /// <summary>Notes how far the job is. Cheap and never waits: the row is written some times a second with the latest.</summary>
    public void Report(JobProgress progress) => Interlocked.Exchange(ref _latest, progress);

    /// <summary>Opens what an earlier attempt saved, or null when there is nothing to go on from.</summary>
    /// <exception cref="StoreUnavailableException">The object store does not answer: what is there is not given up for that.</exception>
    public async Task<Stream?> OpenCheckpointAsync()
    {
        if (_checkpointKey is null)
        {
            return null;
        }

        try
        {
            // An open file stays readable when its copy on this machine makes room for others.
            using LocalFile file = await _files.OpenAsync(_checkpointKey, Stopping);
            return File.OpenRead(file.Path);
        }
        catch (IOException error) when (error is not StoreUnavailableException)
        {
            _logger.LogWarning(error, "Job {JobId}: its checkpoint cannot be read; it starts over.", Job.Id);
            return null;
        }
    }

    /// <summary>
    /// Keeps the job's state for a later attempt. A failure costs nothing but the work since the last one, so it is logged and
    /// not thrown.
    /// </summary>
    /// <param name="write">
    /// Writes the state. When <see cref="IsCheckpointDue"/> was true it has run when this method returns, so a computation may
    /// go on while the file is made durable and the database hears of it.
    /// </param>
    public Task SaveCheckpointAsync(Action<Stream> write)
    {
        _checkpointAt = Stopwatch.GetTimestamp();
        return _saving = SaveAsync(_saving, write);
    }

    public void Dispose() => _stop.Dispose();

    internal JobProgress? TakeLatest() => Interlocked.Exchange(ref _latest, null);

    /// <summary>For a write that failed; whatever was reported since then is newer and stays.</summary>
    internal void PutBack(JobProgress progress) => Interlocked.CompareExchange(ref _latest, progress, null);

    internal void Stop(StopReason reason)
    {
        lock (_stopLock)
        {
            if (Reason != StopReason.None)
            {
                return;
            }

            Reason = reason;
        }

        _stop.Cancel();
    }

    private async Task SaveAsync(Task earlier, Action<Stream> write)
    {
        await earlier;
        try
        {
            string key = $"scenes/{Job.SceneId}/checkpoint-{Job.Id}-{Guid.CreateVersion7():N}";
            await using PendingFile pending = await _files.StageAsync(
                (stream, _) =>
                {
                    write(stream);
                    return Task.CompletedTask;
                },
                CancellationToken.None);
            await pending.CommitAsync(key, CancellationToken.None);

            // Killed here: the job still names the older file, and the new one is swept.
            if (!await _jobs.SetCheckpointAsync(Lease, key, CancellationToken.None))
            {
                Stop(StopReason.LeaseLost);
                return;
            }

            // Killed here: the older file is swept.
            string? old = _checkpointKey;
            _checkpointKey = key;
            if (old is not null)
            {
                await _files.DeleteAsync(old, CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            _logger.LogWarning(error, "Job {JobId}: a checkpoint could not be saved; the next is tried later.", Job.Id);
        }
    }
}
