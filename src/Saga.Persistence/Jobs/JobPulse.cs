namespace Saga.Persistence.Jobs;

/// <summary>The last sign of life of a running job's worker.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Epoch">The claim that it belongs to.</param>
/// <param name="At">When it was written, by the database's clock.</param>
/// <param name="Age">How long ago that is by the same clock, which may have been set meanwhile.</param>
public readonly record struct JobPulse(Guid JobId, Guid? Epoch, DateTimeOffset? At, TimeSpan Age)
{
    internal static JobPulse Of(JobRecord job, DateTimeOffset now) => new(job.Id, job.Epoch, job.HeartbeatAt, now - (job.HeartbeatAt ?? now));
}
