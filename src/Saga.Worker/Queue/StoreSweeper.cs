using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Uploads;

namespace Saga.Worker.Queue;

/// <summary>Removes left-over files of the store at the start and every hour.</summary>
internal sealed class StoreSweeper(
    SagaDatabase database, FileSweep sweep, UploadStore uploads, IHostApplicationLifetime host, ILogger<StoreSweeper> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Longer than any pause inside an upload that is still alive.</summary>
    private static readonly TimeSpan StagedFor = TimeSpan.FromHours(6);

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
                int staged = sweep.SweepStaging(StagedFor);
                int expired = uploads.Sweep();
                int orphans = await sweep.SweepOrphansAsync(OrphanedFor, stoppingToken);
                if (staged + expired + orphans > 0)
                {
                    logger.LogInformation(
                        "Removed {Staged} unfinished and {Orphans} unused files and {Expired} expired uploads from the store.",
                        staged,
                        orphans,
                        expired);
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
