using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Saga.Persistence;
using Saga.Persistence.Files;

namespace Saga.Api.Hosting;

/// <summary>/health/live: the process answers. /health/ready: it can work; if not, what fails.</summary>
internal static class Health
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static void AddSagaHealth(this IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<DatabaseCheck>("database", timeout: Patience)
            .AddCheck<StorageCheck>("storage", timeout: Patience);

    public static void MapSagaHealth(this IEndpointRouteBuilder routes)
    {
        // Open and uncounted: what watches over the service has no key, and must not be told that it asks too often.
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync })
            .AllowAnonymous().DisableRateLimiting();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync })
            .AllowAnonymous().DisableRateLimiting();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        bool healthy = report.Status == HealthStatus.Healthy;
        if (!healthy)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        return context.Response.WriteAsJsonAsync(
            new HealthResponse(
                healthy ? "ok" : "unavailable",
                report.Entries.ToDictionary(entry => entry.Key, entry => new HealthEntryResponse(
                    entry.Value.Status == HealthStatus.Healthy ? "ok" : "failed",
                    entry.Value.Description ?? entry.Value.Exception?.Message))),
            CancellationToken.None);
    }

    private sealed record HealthResponse(string Status, IReadOnlyDictionary<string, HealthEntryResponse> Checks);

    private sealed record HealthEntryResponse(string Status, string? Detail);

    private sealed class DatabaseCheck(SagaDatabase database) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            if (!database.Ready.IsCompletedSuccessfully)
            {
                return HealthCheckResult.Unhealthy("Its migrations are not done; the log says why they fail, if they do.");
            }

            try
            {
                await database.PingAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                // Entity Framework wraps what the driver says in a sentence about retrying.
                string reason = error is InvalidOperationException { InnerException: { } driver } ? driver.Message : error.Message;
                return HealthCheckResult.Unhealthy($"It does not answer: {reason}");
            }
        }
    }

    private sealed class StorageCheck(FileStore store) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                await store.CheckWritableAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return HealthCheckResult.Unhealthy($"The file store cannot be written: {error.Message}");
            }
        }
    }
}
