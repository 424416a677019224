using System.Diagnostics.Metrics;
using Saga.Api.Segmentation;
using Saga.Worker.Observability;

namespace Saga.Api.Observability;

/// <summary>Where the time of prompts goes. What they answer with, errors included, is in ASP.NET Core's <c>http.server.request.duration</c>.</summary>
internal sealed class PromptMetrics
{
    private readonly Histogram<double> _duration;

    public PromptMetrics(IMeterFactory meters) => _duration = meters.Create(Telemetry.Name).CreateHistogram(
        "saga.prompt.duration",
        "s",
        "Prompts that were answered, by kind and stage: load (waiting for the scene), feature, match, total.",
        null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = Telemetry.ShortDurations });

    public void Record(string kind, SegmentTimings timings)
    {
        Record(kind, "load", timings.LoadMs);
        Record(kind, "feature", timings.FeatureMs);
        Record(kind, "match", timings.MatchMs);
        Record(kind, "total", timings.TotalMs);
    }

    private void Record(string kind, string stage, double milliseconds) => _duration.Record(
        milliseconds / 1000, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("stage", stage));
}
