using Saga.Persistence;

namespace Saga.Api.Hosting;

/// <summary>Brings the database up to date before the first request, and keeps trying where it does not answer yet.</summary>
internal sealed partial class DatabaseStartup(SagaDatabase database, ILogger<DatabaseStartup> logger) : BackgroundService
{
    /// <summary>How long the start waits for a database that neither answers nor refuses; then /health/ready says what is missing.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nobody is let in before the first attempt is over, so that a client who finds the port open finds the service ready.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_firstAttempt.Task, Task.Delay(StartPatience, cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await database.MigrateAsync(stoppingToken);
                _firstAttempt.TrySetResult();
                return;
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogRetry(logger, error.Message);
                _firstAttempt.TrySetResult();
                await Task.Delay(RetryDelay, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The database cannot be prepared, trying again: {Reason}")]
    private static partial void LogRetry(ILogger logger, string reason);
}

internal static class DatabaseStartupMiddleware
{
    /// <summary>Answers 503 for everything that needs the database until it is ready.</summary>
    public static IApplicationBuilder UseDatabaseGate(this IApplicationBuilder app)
    {
        SagaDatabase database = app.ApplicationServices.GetRequiredService<SagaDatabase>();
        return app.Use((context, next) => database.Ready.IsCompletedSuccessfully || !context.Request.Path.StartsWithSegments("/api")
            ? next(context)
            : throw RefusedException.Unavailable(
                ProblemCodes.DatabaseUnavailable, "The service is starting: its database is not ready. /health/ready says what is missing."));
    }
}
