using Saga.Persistence.Jobs;

namespace Saga.Worker;

/// <summary>What a kind of job does. It may be killed at any moment and run again.</summary>
public interface IJobKind
{
    /// <summary>As in <see cref="JobRecord.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>
    /// Runs the job to its end. Leases, heartbeats and retries are not its business; when
    /// <see cref="JobContext.Stopping"/> is cancelled it ends within a second or two.
    /// </summary>
    Task<JobResult> RunAsync(JobContext context);
}

/// <summary>What a finished job leaves.</summary>
/// <param name="Model">The scene's new model, or null.</param>
/// <param name="ReportJson">For <see cref="JobRecord.ReportJson"/>.</param>
/// <param name="Asset">A file made of the scene's model, or null.</param>
/// <param name="StageSeconds">Where the time went, by stages of fixed names, or null.</param>
public sealed record JobResult(
    TrainedModel? Model, string ReportJson, MadeAsset? Asset = null, IReadOnlyDictionary<string, double>? StageSeconds = null);
