using System.Diagnostics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Saga.Worker.Observability;

namespace Saga.Api.Observability;

/// <summary>Metrics, traces and log scopes of the web service.</summary>
internal static class ObservabilitySetup
{
    private static readonly string[] Ids = ["sceneId", "jobId"];

    public static void AddSagaObservability(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<PromptMetrics>();
        services.AddSingleton<ProcessMetrics>();
        services.AddSingleton<StoreMetrics>();
        services.AddHostedService(provider => provider.GetRequiredService<StoreMetrics>());
        OpenTelemetry.OpenTelemetryBuilder telemetry = services.AddSagaTelemetry(builder.Configuration, "saga-api");
        telemetry.WithMetrics(metrics => metrics
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.Http.Connections")
            .AddPrometheusExporter());
        if (Telemetry.IsExported(builder.Configuration))
        {
            telemetry.WithTracing(traces => traces.AddAspNetCoreInstrumentation(
                requests => requests.Filter = context => !context.Request.Path.StartsWithSegments("/health")));
        }
    }

    /// <summary>Gives every line of the log, and the request's span, the ids of the scene and job that it is about.</summary>
    public static void UseLogScopes(this WebApplication app)
    {
        // Created now: a figure that nobody has asked for yet is still listed.
        app.Services.GetRequiredService<ProcessMetrics>();
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ObservabilitySetup).FullName!);
        app.Use(async (context, next) =>
        {
            List<KeyValuePair<string, object>>? scope = null;
            foreach (string id in Ids)
            {
                // The constraint «guid» has let it through, so it is one.
                if (context.Request.RouteValues.TryGetValue(id, out object? value) && value is string text)
                {
                    (scope ??= []).Add(new($"{char.ToUpperInvariant(id[0])}{id[1..]}", text));
                    Activity.Current?.SetTag($"saga.{id[..^2]}.id", text);
                }
            }

            using (scope is null ? null : logger.BeginScope(scope))
            {
                await next(context);
            }
        });
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics");
}
