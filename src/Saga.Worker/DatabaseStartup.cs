using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence;

namespace Saga.Worker;

/// <summary>Brings the database up to date, and keeps trying where it does not answer yet.</summary>
internal sealed class DatabaseStartup(SagaDatabase database, ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await database.MigrateAsync(stoppingToken);
                logger.LogInformation("The database is ready; waiting for jobs.");
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogError("The database cannot be prepared, trying again: {Reason}", error.Message);
                await Task.Delay(RetryEvery, stoppingToken);
            }
        }
    }
}
