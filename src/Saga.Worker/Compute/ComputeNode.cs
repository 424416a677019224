using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Engine.Compute;
using Saga.Worker.Observability;

namespace Saga.Worker.Compute;

/// <summary>The section <c>Saga:Compute</c>.</summary>
public sealed record ComputeOptions
{
    /// <summary><c>auto</c>, <c>cpu</c>, or <c>opencl:N</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Most bytes of the device's memory to hold; 0 for four fifths of it.</summary>
    public long MaxBytes { get; init; }

    /// <summary>What is wrong with it, for a person to read; null where nothing is.</summary>
    public string? Problem =>
        ComputeChoice.TryParse(Device) is null ? $"Saga:Compute:Device is «{Device}»; give auto, cpu or opencl:N, for example opencl:0."
        : MaxBytes < 0 ? $"Saga:Compute:MaxBytes is {MaxBytes}; give a positive number of bytes, or 0 for four fifths of the device's memory."
        : null;
}

/// <summary>The compute device of this process, if it has one, and what the log and the metrics say of it.</summary>
public sealed partial class ComputeNode : IDisposable
{
    private readonly ILogger<ComputeNode> _logger;
    private readonly Counter<long> _failures;
    private long _toldAt = -1;
    private int _toldLost;

    /// <summary>Opens the configured device; where that cannot be, the CPU computes and the log says why.</summary>
    public ComputeNode(ComputeOptions options, IMeterFactory meters, ILogger<ComputeNode> logger)
    {
        _logger = logger;
        (Device, Reason) = ComputeChoice.TryParse(options.Device)!.Open(options.MaxBytes);
        Meter meter = meters.Create(Telemetry.Name);
        _failures = meter.CreateCounter<long>("saga.device.failures", "{failure}", "Uses of the compute device that the CPU took over.");
        if (Device is not null)
        {
            meter.CreateObservableGauge("saga.device.memory", () => Device.Bytes, "By", "Bytes of the compute device's memory that are held.");
            meter.CreateObservableGauge("saga.device.scenes", () => Device.ResidentCount, "{scene}", "What lies in the compute device's memory for later use.");
            meter.CreateObservableCounter("saga.device.evictions", () => Device.Evictions, "{eviction}", "What left the compute device's memory for something else.");
            LogDevice(logger, Device.Info.Name, Device.Info.Platform, Device.BudgetBytes >> 20);
        }
        else if (options.Device.StartsWith("opencl", StringComparison.OrdinalIgnoreCase))
        {
            LogMissing(logger, Reason);
        }
        else
        {
            LogCpu(logger, Reason);
        }
    }

    /// <summary>The device; null where the CPU computes.</summary>
    public ComputeDevice? Device { get; }

    /// <summary>Why the CPU computes; empty where it does not.</summary>
    public string Reason { get; }

    /// <summary>Notes that the CPU took over from the device.</summary>
    public void Failed(ComputeException error)
    {
        _failures.Add(1);
        if (error is not ComputeDeviceLostException)
        {
            // A device that is too small fails often; once a minute says it.
            long now = Environment.TickCount64;
            long told = Interlocked.Read(ref _toldAt);
            if ((told < 0 || now - told > 60_000) && Interlocked.CompareExchange(ref _toldAt, now, told) == told)
            {
                LogFailure(_logger, error.Message);
            }
        }
        else if (Interlocked.Exchange(ref _toldLost, 1) == 0)
        {
            LogLost(_logger, error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Device?.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "Computing on {Device} ({Platform}), with up to {MiB} MiB of its memory")]
    private static partial void LogDevice(ILogger logger, string device, string platform, long miB);

    [LoggerMessage(Level = LogLevel.Information, Message = "Computing on the CPU: {Reason}")]
    private static partial void LogCpu(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Computing on the CPU, though Saga:Compute:Device wants a device: {Reason}")]
    private static partial void LogMissing(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The CPU took over from the compute device: {Reason}")]
    private static partial void LogFailure(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The CPU computes from now on; restart this process when the device is back. {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);
}

/// <summary>Composes the device of a host.</summary>
public static class ComputeSetup
{
    /// <summary>Adds the configured device, opened beside the start of the host.</summary>
    public static IServiceCollection AddSagaCompute(this IServiceCollection services, ComputeOptions options)
    {
        services.AddMetrics();
        services.TryAddSingleton(options);
        services.TryAddSingleton<ComputeNode>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ComputeStart>());
        return services;
    }

    /// <summary>Opens the device early: a driver may take a second to build kernels, and the log should say at once what computes.</summary>
    private sealed class ComputeStart(IServiceProvider services) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
            Task.Run(services.GetRequiredService<ComputeNode>, stoppingToken);
    }
}
