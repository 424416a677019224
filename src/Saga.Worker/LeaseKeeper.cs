using Microsoft.Extensions.Logging;
using Saga.Persistence.Jobs;

namespace Saga.Worker;

/// <summary>Keeps a running job's lease: signs of life and progress go out, a wish to cancel or the loss of the lease comes in.</summary>
/// <remarks>
/// Two loops beside the job, so that neither a long stage nor a slow progress write silences the heartbeat. A database that is
/// away stops neither them nor the job.
/// </remarks>
internal sealed class LeaseKeeper(JobContext context, JobStore jobs, SagaWorkerOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();

    /// <summary>One write of progress at a time: one that is under way when the last is flushed would come after it.</summary>
    private readonly SemaphoreSlim _writing = new(1);
    private Task _loops = Task.CompletedTask;
    private bool _reachable = true;

    public void Start() => _loops = Task.WhenAll(
        RepeatAsync(options.HeartbeatEvery, BeatAsync), RepeatAsync(options.ProgressEvery, WriteProgressAsync));

    /// <summary>Writes the latest progress now, so that a finished row shows how far the job came.</summary>
    public Task FlushAsync() => TryAsync(WriteProgressAsync, _ending.Token);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _loops;
        _ending.Dispose();
        _writing.Dispose();
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        switch (await jobs.HeartbeatAsync(context.Lease, cancellationToken))
        {
            case LeaseState.CancelRequested:
                context.Stop(StopReason.CancelRequested);
                break;
            case LeaseState.Lost:
                logger.LogWarning("Job {JobId}: another worker has it now; this one stops.", context.Job.Id);
                context.Stop(StopReason.LeaseLost);
                await _ending.CancelAsync();
                break;
            default:
                break;
        }
    }

    private async Task WriteProgressAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (context.TakeLatest() is { } progress)
            {
                await ReportAsync(progress, cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReportAsync(JobProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            await jobs.ReportAsync(context.Lease, progress, cancellationToken);
        }
        catch
        {
            context.PutBack(progress);
            throw;
        }
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> action)
    {
        while (!_ending.IsCancellationRequested)
        {
            await TryAsync(action, _ending.Token);
            await Task.Delay(interval, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(cancellationToken);
            _reachable = true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            if (_reachable)
            {
                logger.LogWarning("Job {JobId} goes on without its database ({Reason}).", context.Job.Id, error.Message);
            }

            _reachable = false;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Broken off because the job ended.
        }
    }
}
