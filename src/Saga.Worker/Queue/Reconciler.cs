using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Queue;

/// <summary>Puts into the queue what the jobs table says is due: new jobs, and jobs whose worker was lost.</summary>
internal sealed class Reconciler(
    SagaDatabase database, JobStore jobs, JobEvents events, JobQueue queue, PulseWatch watch, SagaWorkerOptions options,
    IHostApplicationLifetime host, ILogger<Reconciler> logger)
    : BackgroundService
{
    /// <summary>Events come by the second while jobs run; the table is not searched more often than this.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(300);

    private bool _reachable = true;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await queue.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Neither before there is a table to search, nor while the host still needs the processor to open its doors.
        await database.Ready.WaitAsync(stoppingToken);
        await host.StartedAsync(stoppingToken);
        await RetryAsync("The queue cannot be started", queue.StartAsync, stoppingToken);
        using JobEventSubscription subscription = events.Subscribe();
        using var changed = new SemaphoreSlim(0, 1);
        Task listening = ListenAsync(subscription, changed, stoppingToken);
        try
        {
            while (true)
            {
                await TryAsync("The jobs table cannot be searched", ReconcileAsync, stoppingToken);
                await Task.Delay(ShortestPause, stoppingToken);
                await changed.WaitAsync(options.ReconcileEvery - ShortestPause, stoppingToken);
            }
        }
        finally
        {
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Many events are one reason to look.
    private static async Task ListenAsync(JobEventSubscription subscription, SemaphoreSlim changed, CancellationToken cancellationToken)
    {
        await foreach (JobEvent _ in subscription.ReadAllAsync(cancellationToken))
        {
            if (changed.CurrentCount == 0)
            {
                changed.Release();
            }
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        foreach (DueJob job in await jobs.FindDueAsync(watch.IsLost, cancellationToken))
        {
            if (await queue.WakeAsync(job, cancellationToken))
            {
                logger.LogInformation("Job {JobId} is due ({Attempts} attempts so far).", job.Id, job.Attempt);
            }
        }

        watch.Tidy();
    }

    private async Task RetryAsync(string failure, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        while (!await TryAsync(failure, action, cancellationToken))
        {
            await Task.Delay(options.ReconcileEvery, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(string failure, Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(cancellationToken);
            _reachable = true;
            return true;
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            if (_reachable)
            {
                logger.LogWarning(error, "{Failure}; trying again.", failure);
            }

            _reachable = false;
            return false;
        }
    }
}
