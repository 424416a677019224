using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Saga.Persistence.Access;
using Saga.Persistence.Scenes;

namespace Saga.Persistence.Jobs;

/// <summary>
/// Every change of a job, each one transaction and each announced. A change that is no longer allowed (the epoch is not
/// current, the state moved on) touches no row and says so.
/// </summary>
/// <remarks>
/// Split by who calls: this file for the API (enqueue, cancel), <c>JobStore.Claims.cs</c> for finding and claiming work,
/// <c>JobStore.Lease.cs</c> for the worker that holds a job.
/// </remarks>
public sealed partial class JobStore(IDbContextFactory<SagaDbContext> contexts, JobEvents events)
{
    /// <summary>Queues a job, unless the scene has an active one or the key was used before.</summary>
    /// <param name="kind">A <see cref="JobKinds"/>; all but those that leave a trained scene as it is make the scene's state training.</param>
    /// <param name="optionsJson">Options as requested.</param>
    /// <param name="idempotencyKey">The caller's key, unique per scene, or null.</param>
    public async Task<EnqueueResult> EnqueueAsync(
        Guid sceneId, string kind, string optionsJson, string? idempotencyKey, CancellationToken cancellationToken) =>
        await EnqueueAsync(sceneId, kind, optionsJson, idempotencyKey, Owner.Nobody, cancellationToken);

    /// <inheritdoc cref="EnqueueAsync(Guid, string, string, string?, CancellationToken)"/>
    /// <param name="owner">Whose job it is.</param>
    /// <exception cref="QuotaExceededException">The owner has as many jobs as allowed.</exception>
    public async Task<EnqueueResult> EnqueueAsync(
        Guid sceneId, string kind, string optionsJson, string? idempotencyKey, Owner owner, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        if (await FindBlockingAsync(db, sceneId, idempotencyKey, cancellationToken) is { } known)
        {
            return known;
        }

        var job = new JobRecord
        {
            Id = Guid.CreateVersion7(),
            SceneId = sceneId,
            Kind = kind,
            State = JobState.Queued,
            Stage = "queued",
            QueuedAt = await db.NowAsync(cancellationToken),
            OptionsJson = optionsJson,
            IdempotencyKey = idempotencyKey,
            OwnerKeyId = owner.KeyId,
        };
        try
        {
            // The job before the scene, as everywhere: who waits for the other's rows must not hold any that the other needs.
            await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await db.LockAsync(owner, cancellationToken);
            db.Jobs.Add(job);
            await db.SaveChangesAsync(cancellationToken);
            await db.CheckAsync(owner, [QuotaKind.Jobs], cancellationToken);
            await db.Scenes.Where(s => s.Id == sceneId).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.State, x => kind == JobKinds.Vocabulary ? x.State : SceneState.Training)
                    .SetProperty(x => x.UpdatedAt, job.QueuedAt)
                    .SetProperty(x => x.Version, x => x.Version + 1),
                cancellationToken);
            await CommitAsync(db, transaction, new JobEvent(job.Id, sceneId), cancellationToken);
            return new EnqueueResult(EnqueueOutcome.Created, job);
        }
        catch (DbUpdateException)
        {
            // Two callers passed the check above and the unique indexes let one through, or the scene went away meanwhile.
            // If it is neither, the error is real.
            if (await FindBlockingAsync(db, sceneId, idempotencyKey, cancellationToken) is { } faster)
            {
                return faster;
            }

            if (!await db.Scenes.AnyAsync(s => s.Id == sceneId, cancellationToken))
            {
                return new EnqueueResult(EnqueueOutcome.SceneMissing, null);
            }

            throw;
        }
    }

    /// <summary>Cancels a waiting job at once; asks the worker of a running one to stop.</summary>
    /// <returns>The job after the call, or null when there is none of that id. A finished job is left as it is.</returns>
    public async Task<JobRecord?> CancelAsync(Guid jobId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        JobRecord? job = await db.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == jobId, cancellationToken);
        if (job is null || !job.State.IsActive())
        {
            return job;
        }

        await using (IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            int waiting = await EndAsync(
                db,
                db.Jobs.Where(j => j.Id == jobId && j.State == JobState.Queued),
                job.SceneId,
                JobState.Canceled,
                null,
                cancellationToken);
            if (waiting == 0)
            {
                // Queued as well: its worker may give it back between these two statements, and the next claim then cancels it.
                await db.Jobs.Where(j => j.Id == jobId && (j.State == JobState.Queued || j.State == JobState.Running)).ExecuteUpdateAsync(
                    j => j.SetProperty(x => x.CancelRequested, true), cancellationToken);
            }

            await CommitAsync(db, transaction, new JobEvent(jobId, job.SceneId), cancellationToken);
        }

        return await db.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == jobId, cancellationToken);
    }

    private static async Task<EnqueueResult?> FindBlockingAsync(
        SagaDbContext db, Guid sceneId, string? idempotencyKey, CancellationToken cancellationToken)
    {
        IQueryable<JobRecord> jobs = db.Jobs.AsNoTracking().Where(j => j.SceneId == sceneId);
        if (idempotencyKey is not null
            && await jobs.FirstOrDefaultAsync(j => j.IdempotencyKey == idempotencyKey, cancellationToken) is { } repeated)
        {
            return new EnqueueResult(EnqueueOutcome.Repeated, repeated);
        }

        return await jobs.FirstOrDefaultAsync(
            j => j.State == JobState.Queued || j.State == JobState.Running, cancellationToken) is { } active
            ? new EnqueueResult(EnqueueOutcome.Busy, active)
            : null;
    }

    /// <summary>Ends the job that <paramref name="job"/> still finds, and tells its scene.</summary>
    /// <returns>1, or 0 when the condition no longer holds.</returns>
    private static async Task<int> EndAsync(
        SagaDbContext db,
        IQueryable<JobRecord> job,
        Guid sceneId,
        JobState state,
        JobFailure? failure,
        CancellationToken cancellationToken)
    {
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        string stage = state.ToString().ToLowerInvariant();
        string? code = failure?.Code;
        string? detail = failure?.Detail;
        int ended = await job.ExecuteUpdateAsync(
            j => j.SetProperty(x => x.State, state)
                .SetProperty(x => x.Stage, stage)
                .SetProperty(x => x.FinishedAt, now)
                .SetProperty(x => x.EtaSeconds, (double?)null)
                .SetProperty(x => x.Epoch, (Guid?)null)
                .SetProperty(x => x.CheckpointKey, (string?)null)
                .SetProperty(x => x.FailureCode, code)
                .SetProperty(x => x.FailureDetail, detail),
            cancellationToken);
        if (ended > 0)
        {
            // A scene with an earlier model stays ready, whatever became of this job.
            SceneState without = state == JobState.Failed ? SceneState.Failed : SceneState.Uploaded;
            await SettleAsync(db, sceneId, without, now, cancellationToken);
        }

        return ended;
    }

    private static async Task SettleAsync(
        SagaDbContext db, Guid sceneId, SceneState withoutModel, DateTimeOffset now, CancellationToken cancellationToken)
    {
        IQueryable<SceneRecord> scene = db.Scenes.Where(s => s.Id == sceneId && s.State == SceneState.Training);
        foreach ((IQueryable<SceneRecord> match, SceneState state) in new[]
        {
            (scene.Where(s => s.ModelKey != null), SceneState.Ready),
            (scene.Where(s => s.ModelKey == null), withoutModel),
        })
        {
            await match.ExecuteUpdateAsync(
                s => s.SetProperty(x => x.State, state)
                    .SetProperty(x => x.UpdatedAt, now)
                    .SetProperty(x => x.Version, x => x.Version + 1),
                cancellationToken);
        }
    }

    private async Task CommitAsync(
        SagaDbContext db, IDbContextTransaction transaction, JobEvent change, CancellationToken cancellationToken)
    {
        await events.RecordAsync(db, change, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        events.Committed(change);
    }
}
