using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Saga.Persistence.Jobs;

/// <summary>A job that somebody should be running.</summary>
/// <param name="Id">The job.</param>
/// <param name="Attempt">Claims so far.</param>
/// <param name="QueuedAt">For first come, first served.</param>
public sealed record DueJob(Guid Id, int Attempt, DateTimeOffset QueuedAt);

/// <summary>A claimed job and the lease that came with it.</summary>
public sealed record ClaimedJob(JobRecord Job, JobLease Lease);

public sealed partial class JobStore
{
    /// <summary>Jobs that somebody should be running, oldest first: queued ones, and running ones whose worker has gone silent.</summary>
    /// <param name="isLost">Says of a running job's last sign of life whether its worker counts as lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<DueJob>> FindDueAsync(Func<JobPulse, bool> isLost, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        List<JobRecord> active = await db.Jobs.AsNoTracking()
            .Where(j => j.State == JobState.Queued || j.State == JobState.Running)
            .OrderBy(j => j.QueuedAt).ThenBy(j => j.Id)
            .ToListAsync(cancellationToken);
        return [.. active.Where(job => IsDue(job, now, isLost)).Select(job => new DueJob(job.Id, job.Attempt, job.QueuedAt))];
    }

    /// <summary>
    /// Takes a due job: a new epoch, one more attempt. A lost job that was to be cancelled is cancelled instead, and one that
    /// used up its attempts fails.
    /// </summary>
    /// <returns>The job with its new values, or null when there is nothing to run: not due, taken by another, ended here.</returns>
    public async Task<ClaimedJob?> ClaimAsync(Guid jobId, Func<JobPulse, bool> isLost, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        JobRecord? job = await db.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == jobId, cancellationToken);
        if (job is null || !IsDue(job, now, isLost))
        {
            return null;
        }

        // Epoch and attempt are as they were read, or another worker was faster. Npgsql and SQLite both turn a null
        // comparison into IS NULL.
        IQueryable<JobRecord> unchanged = db.Jobs.Where(
            j => j.Id == jobId && j.State == job.State && j.Epoch == job.Epoch && j.Attempt == job.Attempt
                && j.HeartbeatAt == job.HeartbeatAt);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (job.CancelRequested || job.Attempt >= JobRecord.MaxAttempts)
        {
            (JobState state, JobFailure? failure) = job.CancelRequested
                ? (JobState.Canceled, null)
                : (JobState.Failed, JobFailure.AttemptsExhausted);
            if (await EndAsync(db, unchanged, job.SceneId, state, failure, cancellationToken) > 0)
            {
                await CommitAsync(db, transaction, new JobEvent(jobId, job.SceneId), cancellationToken);
            }

            return null;
        }

        Guid epoch = Guid.CreateVersion7();
        int claimed = await unchanged.ExecuteUpdateAsync(
            j => j.SetProperty(x => x.State, JobState.Running)
                .SetProperty(x => x.Stage, "starting")
                .SetProperty(x => x.Epoch, epoch)
                .SetProperty(x => x.Attempt, x => x.Attempt + 1)
                .SetProperty(x => x.HeartbeatAt, now)
                .SetProperty(x => x.StartedAt, x => x.StartedAt ?? now),
            cancellationToken);
        if (claimed == 0)
        {
            return null;
        }

        await CommitAsync(db, transaction, new JobEvent(jobId, job.SceneId), cancellationToken);
        job.State = JobState.Running;
        job.Stage = "starting";
        job.Epoch = epoch;
        job.Attempt++;
        job.HeartbeatAt = now;
        job.StartedAt ??= now;
        return new ClaimedJob(job, new JobLease(jobId, job.SceneId, epoch));
    }

    private static bool IsDue(JobRecord job, DateTimeOffset now, Func<JobPulse, bool> isLost) =>
        job.State == JobState.Queued || (job.State == JobState.Running && isLost(JobPulse.Of(job, now)));
}
