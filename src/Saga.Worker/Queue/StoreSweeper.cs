using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence;
using Saga.Persistence.Files;

namespace Saga.Worker.Queue;

/// <summary>Removes committed files that nothing names, at the start and every hour.</summary>
internal sealed class StoreSweeper(
    SagaDatabase database, FileSweep sweep, IHostApplicationLifetime host, ILogger<StoreSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Longer than a put of any size takes.</summary>
    private static readonly TimeSpan UnfinishedFor = TimeSpan.FromDays(1);

    /// <summary>Longer than the step from a file's commit to its record's, and than any prompt that still reads a replaced model.</summary>
    private static readonly TimeSpan OrphanedFor = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.Ready.WaitAsync(stoppingToken);
        await host.StartedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                int unfinished = await sweep.SweepUnfinishedAsync(UnfinishedFor, stoppingToken);
                int orphans = await sweep.SweepOrphansAsync(OrphanedFor, stoppingToken);
                if (unfinished + orphans > 0)
                {
                    logger.LogInformation(
                        "Removed {Orphans} unused files and {Unfinished} unfinished puts from the store.", orphans, unfinished);
                }
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(error, "The store could not be swept; trying again in an hour.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
