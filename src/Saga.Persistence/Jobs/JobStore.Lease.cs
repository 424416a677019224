using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Saga.Persistence.Scenes;

namespace Saga.Persistence.Jobs;

public sealed partial class JobStore
{
    /// <summary>A sign of life, and the worker's chance to hear that it should stop.</summary>
    public async Task<LeaseState> HeartbeatAsync(JobLease lease, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        int held = await Held(db, lease).ExecuteUpdateAsync(
            j => j.SetProperty(x => x.HeartbeatAt, now), cancellationToken);
        if (held == 0)
        {
            return LeaseState.Lost;
        }

        return await Held(db, lease).AnyAsync(j => j.CancelRequested, cancellationToken)
            ? LeaseState.CancelRequested
            : LeaseState.Held;
    }

    /// <summary>Writes progress; it never falls, not even when a later attempt starts from an older checkpoint.</summary>
    /// <returns>False when the lease is lost.</returns>
    public Task<bool> ReportAsync(JobLease lease, JobProgress progress, CancellationToken cancellationToken)
    {
        double fraction = double.IsFinite(progress.Progress) ? Math.Clamp(progress.Progress, 0, 1) : 0;
        double? loss = Finite(progress.Loss);
        double? eta = Finite(progress.EtaSeconds);
        return ChangeAsync(
            lease,
            db => Held(db, lease).ExecuteUpdateAsync(
                j => j.SetProperty(x => x.Stage, progress.Stage)
                    .SetProperty(x => x.Progress, x => x.Progress > fraction ? x.Progress : fraction)
                    .SetProperty(x => x.Iteration, progress.Iteration)
                    .SetProperty(x => x.Iterations, progress.Iterations)
                    .SetProperty(x => x.Loss, loss)
                    .SetProperty(x => x.EtaSeconds, eta),
                cancellationToken),
            cancellationToken);
    }

    /// <summary>Names the newest checkpoint. The older file may be deleted after this returned true.</summary>
    /// <returns>False when the lease is lost; the new file belongs to nobody then.</returns>
    public Task<bool> SetCheckpointAsync(JobLease lease, string key, CancellationToken cancellationToken) =>
        ChangeAsync(
            lease,
            db => Held(db, lease).ExecuteUpdateAsync(j => j.SetProperty(x => x.CheckpointKey, key), cancellationToken),
            cancellationToken);

    /// <summary>Gives the job back to the queue, as if this attempt had not been made: the worker stops, the job is fine.</summary>
    /// <returns>False when the lease is lost.</returns>
    public Task<bool> HandBackAsync(JobLease lease, CancellationToken cancellationToken) =>
        ChangeAsync(
            lease,
            db => Held(db, lease).ExecuteUpdateAsync(
                j => j.SetProperty(x => x.State, JobState.Queued)
                    .SetProperty(x => x.Stage, "queued")
                    .SetProperty(x => x.Epoch, (Guid?)null)
                    .SetProperty(x => x.HeartbeatAt, (DateTimeOffset?)null)
                    .SetProperty(x => x.EtaSeconds, (double?)null)
                    .SetProperty(x => x.Attempt, x => x.Attempt - 1),
                cancellationToken),
            cancellationToken);

    /// <summary>Ends the job without a result.</summary>
    /// <returns>False when the lease is lost.</returns>
    public Task<bool> FailAsync(JobLease lease, JobFailure failure, CancellationToken cancellationToken) =>
        ChangeAsync(
            lease,
            db => EndAsync(db, Held(db, lease), lease.SceneId, JobState.Failed, failure, cancellationToken),
            cancellationToken);

    /// <summary>Ends the job because it was asked to.</summary>
    /// <returns>False when the lease is lost.</returns>
    public Task<bool> AcknowledgeCancelAsync(JobLease lease, CancellationToken cancellationToken) =>
        ChangeAsync(
            lease,
            db => EndAsync(db, Held(db, lease), lease.SceneId, JobState.Canceled, null, cancellationToken),
            cancellationToken);

    /// <summary>
    /// Ends the job with a result: the scene points to the new model and the job has succeeded, both or neither. If the scene's
    /// Gaussians are no longer those the model was trained on, the job fails instead and the scene keeps what it has.
    /// </summary>
    /// <param name="model">Already durable in the file store; null for a job that leaves no model.</param>
    /// <param name="asset">Likewise, for what is made of a model.</param>
    /// <param name="reportJson">The job's report.</param>
    /// <returns>False when the lease is lost; the file belongs to nobody then.</returns>
    public Task<bool> SucceedAsync(
        JobLease lease, TrainedModel? model, MadeAsset? asset, string reportJson, CancellationToken cancellationToken) =>
        ChangeAsync(lease, db => SucceedAsync(db, lease, model, asset, reportJson, cancellationToken), cancellationToken);

    private static async Task<int> SucceedAsync(
        SagaDbContext db, JobLease lease, TrainedModel? model, MadeAsset? asset, string reportJson, CancellationToken cancellationToken)
    {
        // The job first: its row lock makes everyone else who wants to end this job wait.
        IQueryable<JobRecord> held = Held(db, lease);
        int ended = await held.ExecuteUpdateAsync(
            j => j.SetProperty(x => x.ReportJson, reportJson), cancellationToken);
        if (ended == 0)
        {
            return 0;
        }

        if (model is not null)
        {
            DateTimeOffset now = await db.NowAsync(cancellationToken);
            int swapped = await db.Scenes
                .Where(s => s.Id == lease.SceneId
                    && db.Assets.Any(
                        a => a.SceneId == s.Id && a.Kind == AssetKind.Gaussians && a.Sha256 == model.GaussiansSha256))
                .ExecuteUpdateAsync(
                    s => s.SetProperty(x => x.ModelKey, model.Key)
                        .SetProperty(x => x.ModelSha256, model.Sha256)
                        .SetProperty(x => x.ModelJson, model.ModelJson)
                        .SetProperty(x => x.UpdatedAt, now)
                        .SetProperty(x => x.Version, x => x.Version + 1),
                    cancellationToken);
            if (swapped == 0)
            {
                return await EndAsync(db, held, lease.SceneId, JobState.Failed, JobFailure.SceneChanged, cancellationToken);
            }
        }

        if (asset is not null && !await AttachAsync(db, lease.SceneId, asset, cancellationToken))
        {
            return await EndAsync(db, held, lease.SceneId, JobState.Failed, JobFailure.ModelChanged, cancellationToken);
        }

        await held.ExecuteUpdateAsync(j => j.SetProperty(x => x.Progress, 1.0), cancellationToken);
        return await EndAsync(db, held, lease.SceneId, JobState.Succeeded, null, cancellationToken);
    }

    private static async Task<bool> AttachAsync(SagaDbContext db, Guid sceneId, MadeAsset asset, CancellationToken cancellationToken)
    {
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        int fits = await db.Scenes.Where(s => s.Id == sceneId && s.ModelSha256 == asset.ModelSha256).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.UpdatedAt, now).SetProperty(x => x.Version, x => x.Version + 1), cancellationToken);
        if (fits == 0)
        {
            return false;
        }

        await db.Assets.Where(a => a.SceneId == sceneId && a.Kind == asset.Kind).ExecuteDeleteAsync(cancellationToken);
        db.Assets.Add(new AssetRecord
        {
            Id = Guid.CreateVersion7(),
            SceneId = sceneId,
            Kind = asset.Kind,
            Key = asset.File.Key,
            FileName = Path.GetFileName(asset.File.Key),
            Length = asset.File.Length,
            Sha256 = asset.File.Sha256,
            CreatedAt = now,
        });
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    /// <summary>JSON knows no NaN.</summary>
    private static double? Finite(double? value) => value is double number && double.IsFinite(number) ? number : null;

    private static IQueryable<JobRecord> Held(SagaDbContext db, JobLease lease) =>
        db.Jobs.Where(j => j.Id == lease.JobId && j.Epoch == lease.Epoch && j.State == JobState.Running);

    /// <summary>One guarded change in one transaction, announced when it touched the row.</summary>
    private async Task<bool> ChangeAsync(JobLease lease, Func<SagaDbContext, Task<int>> change, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await change(db) == 0)
        {
            return false;
        }

        await CommitAsync(db, transaction, new JobEvent(lease.JobId, lease.SceneId), cancellationToken);
        return true;
    }
}
