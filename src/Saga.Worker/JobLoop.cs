using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Worker.Observability;
using Saga.Worker.Queue;

namespace Saga.Worker;

/// <summary>
/// Runs one claimed job from its claim to its end. Alone knows of leases, heartbeats and retries; says after each step what a
/// crash there would mean.
/// </summary>
internal sealed class JobLoop(
    JobStore jobs, FileStore files, IEnumerable<IJobKind> kinds, PulseWatch watch, SagaWorkerOptions options, JobMetrics metrics,
    ILogger<JobLoop> logger) : IDisposable
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long a worker that shuts down tries to give its job back; after that the silence of its heartbeat does it.</summary>
    private static readonly TimeSpan HandBackPatience = TimeSpan.FromSeconds(5);

    /// <summary>About an hour of a store that can be written and is full again before the job is done.</summary>
    private const int MostStorageRounds = 60;

    private readonly CancellationTokenSource _shutdown = new();

    /// <summary>Makes all running jobs save a checkpoint and go back to the queue.</summary>
    public void Stop() => _shutdown.Cancel();

    public void Dispose() => _shutdown.Dispose();

    /// <summary>Claims a job and runs it; returns at once when it is not to be had.</summary>
    public async Task RunAsync(Guid jobId)
    {
        if (_shutdown.IsCancellationRequested)
        {
            return;
        }

        // (1) Claim. Killed after it: the heartbeat goes silent and another worker claims the next attempt.
        ClaimedJob? claimed = await jobs.ClaimAsync(jobId, watch.IsLost, _shutdown.Token);
        if (claimed is null)
        {
            return;
        }

        long started = Stopwatch.GetTimestamp();
        using Activity? span = metrics.Begin(claimed.Job);
        using IDisposable? scope = logger.BeginScope(
            new Dictionary<string, object> { ["JobId"] = jobId, ["SceneId"] = claimed.Job.SceneId });
        logger.LogInformation("Job {JobId} ({Kind}): attempt {Attempt} begins.", jobId, claimed.Job.Kind, claimed.Job.Attempt);
        using var context = new JobContext(claimed, jobs, files, options, logger);
        await using CancellationTokenRegistration shutdown = _shutdown.Token.Register(() => context.Stop(StopReason.ShuttingDown));

        // (2) Work, with the lease kept beside it. Killed during it: as after (1), from the last checkpoint.
        await using (var keeper = new LeaseKeeper(context, jobs, options, logger))
        {
            keeper.Start();
            (string outcome, Func<CancellationToken, Task<bool>> end) = await WorkAsync(context);
            await context.Saved;
            metrics.End(claimed.Job, outcome, Stopwatch.GetElapsedTime(started));
            span?.SetTag("saga.job.outcome", outcome);

            // (3) Commit the end, while the heartbeat goes on: a database that is away now keeps a finished job waiting, it
            // does not lose it. Killed before the commit: as during (2). A result's file without a record is swept.
            await keeper.FlushAsync();
            await EndAsync(context, end);
        }

        // (4) Tidy. Killed before it: the checkpoint that no active job names is swept.
        if (context.Reason is not (StopReason.LeaseLost or StopReason.ShuttingDown) && context.CheckpointKey is { } checkpoint)
        {
            await DeleteAsync(checkpoint);
        }
    }

    private async Task DeleteAsync(string checkpoint)
    {
        try
        {
            await files.DeleteAsync(checkpoint, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogInformation("A checkpoint is left to the sweep, the store cannot be written: {Reason}", error.Message);
        }
    }

    /// <summary>Runs the job's kind.</summary>
    /// <returns>How it went, and the write that ends this attempt; false from it means that the lease is lost.</returns>
    private async Task<(string Outcome, Func<CancellationToken, Task<bool>> End)> WorkAsync(JobContext context)
    {
        JobLease lease = context.Lease;
        try
        {
            IJobKind kind = kinds.FirstOrDefault(k => k.Kind == context.Job.Kind) ?? throw new JobFailedException(
                new JobFailure("unknown-kind", $"This worker knows no jobs of kind «{context.Job.Kind}»; is it older than the service?"));

            // Off the queue's thread: engines compute synchronously, for minutes.
            JobResult result = await RunThroughStorageTroubleAsync(kind, context);
            metrics.Stages(context.Job, result.StageSeconds ?? new Dictionary<string, double>());
            logger.LogInformation("Job {JobId}: done.", lease.JobId);
            return ("succeeded", token => jobs.SucceedAsync(lease, result.Model, result.Asset, result.ReportJson, token));
        }
        catch (OperationCanceledException) when (context.Reason != StopReason.None)
        {
            logger.LogInformation("Job {JobId}: stopped ({Reason}).", lease.JobId, context.Reason);
            return context.Reason switch
            {
                StopReason.CancelRequested => ("canceled", token => jobs.AcknowledgeCancelAsync(lease, token)),
                StopReason.ShuttingDown => ("handed-back", token => jobs.HandBackAsync(lease, token)),
                _ => ("lost", _ => Task.FromResult(false)),
            };
        }
        catch (Exception error)
        {
            JobFailure failure = JobFailures.From(error);
            logger.LogError(error, "Job {JobId}: failed ({Code}).", lease.JobId, failure.Code);
            return ("failed", token => jobs.FailAsync(lease, failure, token));
        }
    }

    /// <summary>
    /// A disk that is full or read-only costs the job neither an attempt nor what it has done: it waits, visibly, until somebody
    /// has made room, and goes on from its last checkpoint.
    /// </summary>
    private async Task<JobResult> RunThroughStorageTroubleAsync(IJobKind kind, JobContext context)
    {
        for (int round = 0; ; round++)
        {
            try
            {
                return await Task.Run(() => kind.RunAsync(context));
            }
            catch (Exception error) when (StorageTrouble.Is(error) && context.Reason == StopReason.None && round < MostStorageRounds)
            {
                logger.LogWarning("Job {JobId}: the store cannot be written ({Reason}); the job waits for it.", context.Job.Id, error.Message);
                context.Report(new JobProgress(StorageTrouble.StageOf(error), 0));
                await context.Saved;
                await StorageTrouble.WaitAsync(files, round, context.Stopping);
            }
        }
    }

    private async Task EndAsync(JobContext context, Func<CancellationToken, Task<bool>> end)
    {
        // A shutdown that comes while the database is away must not wait for it for ever.
        using var patience = new CancellationTokenSource();
        await using CancellationTokenRegistration hurry = _shutdown.Token.Register(() => patience.CancelAfter(HandBackPatience));
        while (true)
        {
            try
            {
                if (!await end(patience.Token) && context.Reason != StopReason.LeaseLost)
                {
                    logger.LogWarning("Job {JobId}: its end was not recorded, it is no longer this worker's.", context.Job.Id);
                }

                return;
            }
            catch (Exception error) when (!patience.IsCancellationRequested)
            {
                logger.LogWarning("Job {JobId}: its end cannot be recorded yet ({Reason}).", context.Job.Id, error.Message);
                await Task.Delay(RetryEvery, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error)
            {
                logger.LogError(error, "Job {JobId}: given up; another attempt takes over from its checkpoint.", context.Job.Id);
                return;
            }
        }
    }
}
