using System.Diagnostics;
using System.Diagnostics.Metrics;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Observability;

/// <summary>Where the time of jobs goes.</summary>
public sealed class JobMetrics
{
    private readonly Histogram<double> _queued;
    private readonly Histogram<double> _attempt;
    private readonly Histogram<double> _stage;

    /// <param name="meters">Makes the meter.</param>
    public JobMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(Telemetry.Name);
        var buckets = new InstrumentAdvice<double> { HistogramBucketBoundaries = Telemetry.LongDurations };
        _queued = meter.CreateHistogram("saga.job.queue.duration", "s", "From a job's request to its first attempt.", null, buckets);
        _attempt = meter.CreateHistogram("saga.job.attempt.duration", "s", "An attempt at a job, by how it ended.", null, buckets);
        _stage = meter.CreateHistogram("saga.job.stage.duration", "s", "A stage of a job that succeeded.", null, buckets);
    }

    /// <summary>Begins an attempt: counts the wait of a first one and starts its span.</summary>
    /// <returns>The span, which ends when disposed; null where nobody collects spans.</returns>
    public Activity? Begin(JobRecord job)
    {
        if (job.Attempt == 1)
        {
            _queued.Record(Math.Max(0, (DateTimeOffset.UtcNow - job.QueuedAt).TotalSeconds), Kind(job));
        }

        // A job is nobody's child: the request that queued it was answered long ago, perhaps by another machine.
        Activity? span = Telemetry.Source.StartActivity($"job {job.Kind}", ActivityKind.Consumer, parentContext: default);
        return span?.SetTag("saga.job.id", job.Id).SetTag("saga.scene.id", job.SceneId).SetTag("saga.job.attempt", job.Attempt);
    }

    /// <summary>Counts an attempt that ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="outcome">How, in one word.</param>
    /// <param name="duration">How long it took.</param>
    public void End(JobRecord job, string outcome, TimeSpan duration) =>
        _attempt.Record(duration.TotalSeconds, Kind(job), new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Counts the stages of a job that succeeded.</summary>
    public void Stages(JobRecord job, IReadOnlyDictionary<string, double> seconds)
    {
        foreach ((string stage, double taken) in seconds)
        {
            _stage.Record(taken, Kind(job), new KeyValuePair<string, object?>("stage", stage));
        }
    }

    private static KeyValuePair<string, object?> Kind(JobRecord job) => new("kind", job.Kind);
}
