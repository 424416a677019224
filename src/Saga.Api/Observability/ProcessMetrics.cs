using System.Diagnostics.Metrics;
using System.Reflection;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Engine.Numerics;
using Saga.Persistence.Files;
using Saga.Worker.Observability;

namespace Saga.Api.Observability;

/// <summary>What this process holds and does now, read when somebody asks.</summary>
internal sealed class ProcessMetrics
{
    public ProcessMetrics(IMeterFactory meters, ResidentScenes scenes, WorkQueues queues, FileStore store)
    {
        Meter meter = meters.Create(Telemetry.Name);
        meter.CreateObservableGauge("saga.resident.size", () => scenes.Bytes, "By", "Memory of the scenes held between requests.");
        meter.CreateObservableGauge("saga.resident.limit", () => scenes.Budget, "By", "Memory that they may take.");
        meter.CreateObservableGauge("saga.resident.entries", () => scenes.Contents().Count, "{entry}", "Things held: a scene for prompts, one for pictures, ….");
        meter.CreateObservableCounter("saga.resident.evictions", () => scenes.Evictions, "{entry}", "Things dropped to make room for others.");
        meter.CreateObservableGauge(
            "saga.work.admitted", () => queues.All.Select(queue => Of(queue, queue.Admitted)), "{request}", "Requests in work or waiting their turn.");
        meter.CreateObservableCounter(
            "saga.work.refused", () => queues.All.Select(queue => Of(queue, queue.Refused)), "{request}", "Requests answered 503 because too many waited.");
        meter.CreateObservableGauge("saga.store.free", () => store.FreeBytes, "By", "Bytes of the store's disk that may still be filled.");
        meter.CreateObservableGauge(
            "saga.engine.info",
            () => new Measurement<int>(
                1,
                new KeyValuePair<string, object?>("version", typeof(ProcessMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion),
                new KeyValuePair<string, object?>("vectors", Simd.Description)),
            null,
            "Always 1: the version, and which vector instructions the kernels use.");
    }

    private static Measurement<long> Of(WorkQueue queue, long value) => new(value, new KeyValuePair<string, object?>("work", queue.Work));
}
