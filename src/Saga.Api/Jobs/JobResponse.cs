using System.Text.Json;
using Saga.Persistence.Jobs;

namespace Saga.Api.Jobs;

/// <summary>A job as the contract shows it.</summary>
/// <param name="Progress">0..1 over the whole job; never falls.</param>
/// <param name="Stage">What is being done, for people.</param>
/// <param name="Failure">Why it failed; null unless it did.</param>
/// <param name="Report">What a finished job used and dropped, and its seconds by stage; null before.</param>
internal sealed record JobResponse(
    Guid Id,
    Guid SceneId,
    string Kind,
    JobState State,
    string Stage,
    double Progress,
    int Iteration,
    int Iterations,
    double? Loss,
    double? EtaSeconds,
    DateTimeOffset QueuedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    int Attempt,
    JobFailureResponse? Failure,
    JsonElement? Report)
{
    public static JobResponse From(JobRecord job) => new(
        job.Id,
        job.SceneId,
        job.Kind,
        job.State,
        job.Stage,
        job.Progress,
        job.Iteration,
        job.Iterations,
        job.Loss is { } loss && double.IsFinite(loss) ? loss : null,
        job.EtaSeconds is { } eta && double.IsFinite(eta) ? eta : null,
        job.QueuedAt.ToUniversalTime(),
        job.StartedAt?.ToUniversalTime(),
        job.FinishedAt?.ToUniversalTime(),
        job.Attempt,
        job.FailureCode is null ? null : new JobFailureResponse(job.FailureCode, job.FailureDetail ?? ""),
        job.ReportJson is null ? null : JsonElement.Parse(job.ReportJson));
}

/// <summary>Why a job failed.</summary>
internal sealed record JobFailureResponse(string Code, string Detail);
