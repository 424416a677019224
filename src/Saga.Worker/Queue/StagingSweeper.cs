using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence.Files;
using Saga.Persistence.Uploads;

namespace Saga.Worker.Queue;

/// <summary>
/// Removes unfinished files and expired uploads at the start and every hour. In every process: with an object store each may have a
/// staging folder of its own; where they share one, each finds less to do.
/// </summary>
internal sealed class StagingSweeper(FileSweep sweep, UploadStore uploads, ILogger<StagingSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>Longer than any pause inside an upload that is still alive.</summary>
    private static readonly TimeSpan StagedFor = TimeSpan.FromHours(6);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(Every);
        do
        {
            try
            {
                int staged = sweep.SweepStaging(StagedFor);
                int expired = uploads.Sweep();
                if (staged + expired > 0)
                {
                    logger.LogInformation("Removed {Staged} unfinished files and {Expired} expired uploads.", staged, expired);
                }
            }
            catch (Exception error)
            {
                logger.LogWarning(error, "The staging folder could not be swept; trying again in an hour.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
