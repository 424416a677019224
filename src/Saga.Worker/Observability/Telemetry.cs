using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Resources;

namespace Saga.Worker.Observability;

/// <summary>Metrics, traces and logs of a process of the service, for whoever runs it.</summary>
/// <remarks>
/// They are collected always and leave the process only where the user says so: by OTLP when the standard variable
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a collector (<c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>…_HEADERS</c> and so on apply), and at
/// the service's <c>/metrics</c> when somebody asks.
/// </remarks>
public static class Telemetry
{
    /// <summary>Name of the meter and of the source of spans.</summary>
    public const string Name = "Saga";

    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Spans of what takes long: attempts at jobs, loading a scene.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Seconds of work that takes milliseconds.</summary>
    public static double[] ShortDurations { get; } = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    /// <summary>Seconds of work that takes minutes.</summary>
    public static double[] LongDurations { get; } = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 2400, 3600, 7200];

    /// <summary>Adds the pipeline.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Holds the standard variables.</param>
    /// <param name="process">What this process is called: <c>saga-api</c> or <c>saga-worker</c>.</param>
    public static OpenTelemetryBuilder AddSagaTelemetry(this IServiceCollection services, IConfiguration configuration, string process)
    {
        string version = typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        OpenTelemetryBuilder telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(process, serviceVersion: version))
            .WithMetrics(metrics => metrics.AddMeter(Name, "System.Runtime"));
        if (IsExported(configuration))
        {
            telemetry.WithTracing(traces => traces.AddSource(Name)).WithLogging().UseOtlpExporter();
        }

        return telemetry;
    }

    /// <summary>True where a collector is configured: spans that nobody gets are not made.</summary>
    public static bool IsExported(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[EndpointVariable]);
}
