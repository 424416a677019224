using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Uploads;
using Saga.Persistence;
using Saga.Persistence.Access;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>
/// Takes uploads into a scene: (1) stage the bytes, (2) check them with the engine's readers, (3) commit the files, (4) name them
/// in one database update.
/// </summary>
/// <remarks>
/// A crash in (1) or (2) leaves staged bytes, one between (3) and (4) a file that no record names; both are invisible and swept.
/// Files that were replaced are left to the same sweep, because a prompt may be about to read them.
/// </remarks>
internal sealed partial class AssetUploads(
    FileStore store,
    IDbContextFactory<SagaDbContext> contexts,
    JobEvents events,
    AssetChecks checks,
    SceneCatalog catalog,
    ResidentScenes resident,
    WorkQueues queues,
    SagaOptions options,
    DiskBudget disk,
    KeyQuotas quotas,
    ILogger<AssetUploads> logger)
{
    /// <exception cref="RefusedException">404 for an unknown scene, 409 while one of its jobs is not finished.</exception>
    public async Task RequireChangeableAsync(Guid sceneId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await RequireChangeableAsync(db, sceneId, cancellationToken);
    }

    /// <summary>Streams an upload to the staging area.</summary>
    /// <exception cref="RefusedException">413 <c>too-large</c>, 403 <c>quota-bytes</c> or 507 <c>storage-full</c>.</exception>
    public async Task<StagedAsset> StageAsync(
        AssetKind kind, Stream body, string? fileName, long? announcedBytes, Owner owner, CancellationToken cancellationToken)
    {
        RequireAcceptable(kind, announcedBytes ?? 0);
        long room = await quotas.RoomAsync(owner, cancellationToken);
        if (room <= 0 || announcedBytes > room)
        {
            throw KeyQuotas.TooManyBytes(owner, room);
        }

        try
        {
            await using var budgeted = new BudgetedStream(body, disk);
            PendingFile file = await store.StageAsync(budgeted, Math.Min(room, options.Limits.MaxBytes(kind)), cancellationToken);
            return new StagedAsset(kind, file, SceneFiles.CleanName(fileName, SceneFiles.NameOf(kind)));
        }
        catch (FileTooLargeException)
        {
            throw room < options.Limits.MaxBytes(kind) ? KeyQuotas.TooManyBytes(owner, room) : TooLarge(kind);
        }
    }

    /// <summary>Refuses a file before its bytes travel.</summary>
    /// <exception cref="RefusedException">413 <c>too-large</c> or 507 <c>storage-full</c>.</exception>
    public void RequireAcceptable(AssetKind kind, long announcedBytes)
    {
        if (announcedBytes > options.Limits.MaxBytes(kind))
        {
            throw TooLarge(kind);
        }

        disk.RequireRoom(announcedBytes);
    }

    /// <summary>Creates a scene from checked uploads, all or nothing.</summary>
    public async Task<SceneRecord> CreateAsync(
        string name, IReadOnlyList<StagedAsset> staged, Owner owner, CancellationToken cancellationToken)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        var scene = new SceneRecord
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            State = SceneState.Empty,
            OwnerKeyId = owner.KeyId,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        db.Scenes.Add(scene);
        await ChangeAsync(db, scene, staged, owner, cancellationToken);
        LogCreated(logger, scene.Id, staged.Count);
        return scene;
    }

    /// <summary>Adds or replaces assets of a scene, all or nothing.</summary>
    /// <exception cref="RefusedException">409 when the scene changed meanwhile or a job was started.</exception>
    public async Task AttachAsync(Guid sceneId, IReadOnlyList<StagedAsset> staged, Owner owner, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        SceneRecord scene = await RequireChangeableAsync(db, sceneId, cancellationToken);
        await ChangeAsync(db, scene, staged, owner, cancellationToken);
        catalog.Changed(sceneId);
        resident.ForgetReplaced(SceneSnapshot.From(scene));
        await events.PublishAsync(null, sceneId, CancellationToken.None);
    }

    private async Task ChangeAsync(
        SagaDbContext db, SceneRecord scene, IReadOnlyList<StagedAsset> staged, Owner owner, CancellationToken cancellationToken)
    {
        StagedAsset? orbit = null;
        if (staged.Count > 0)
        {
            using WorkQueue.Slot slot = await queues.Uploads.EnterAsync(cancellationToken);
            orbit = await checks.ApplyAsync(scene, staged, cancellationToken);
        }

        await using StagedAsset? made = orbit;
        StagedAsset[] all = made is null ? [.. staged] : [.. staged, made];
        try
        {
            foreach (StagedAsset asset in all)
            {
                await CommitAsync(db, scene, asset, owner, cancellationToken);
            }

            await SaveAsync(db, scene, staged, owner, cancellationToken);
        }
        catch (RefusedException)
        {
            // Certainly not named by any record. After any other failure that is not known, and the sweep decides.
            foreach (StagedAsset asset in all)
            {
                await asset.File.WithdrawAsync();
            }

            throw;
        }

        foreach (StagedAsset asset in all)
        {
            LogUploaded(logger, scene.Id, asset.Kind, asset.FileName, asset.File.Length);
        }
    }

    private static async Task SaveAsync(
        SagaDbContext db, SceneRecord scene, IReadOnlyList<StagedAsset> staged, Owner owner, CancellationToken cancellationToken)
    {
        // Opened only now: writing files out can take seconds, and SQLite has one writer at a time.
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAsync(owner, cancellationToken);
        if (staged.Any(asset => asset.Kind == AssetKind.Gaussians))
        {
            await DropWhatSpokeOfOldGaussiansAsync(db, scene, cancellationToken);
        }

        bool isNew = db.Entry(scene).State == EntityState.Added;
        scene.UpdatedAt = DateTimeOffset.UtcNow;
        scene.Version++;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await db.CheckAsync(owner, isNew ? [QuotaKind.Scenes, QuotaKind.Bytes] : [QuotaKind.Bytes], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (QuotaExceededException exceeded)
        {
            throw KeyQuotas.Refusal(exceeded);
        }
        catch (DbUpdateException error) when (DatabaseErrors.IsConflict(error))
        {
            await transaction.RollbackAsync(CancellationToken.None);
            throw await db.Scenes.AnyAsync(s => s.Id == scene.Id, cancellationToken)
                ? RefusedException.Conflict(
                    ProblemCodes.SceneChanged,
                    "The scene was changed, or a job of it was started, while this upload was checked. Upload again.")
                : SceneLookup.NotFound(scene.Id);
        }
    }

    private static async Task CommitAsync(
        SagaDbContext db, SceneRecord scene, StagedAsset staged, Owner owner, CancellationToken cancellationToken)
    {
        string key = staged.IsMade
            ? GeneratedFiles.OrbitKeyOf(scene.Id, staged.Id)
            : SceneFiles.KeyOf(scene.Id, staged.Kind, staged.Id, AssetChecks.ExtensionOf(staged));
        StoredFile file = await staged.File.CommitAsync(key, cancellationToken);

        // A new row, not a changed one: the asset's id is how a finished training knows its Gaussians are still the scene's.
        if (scene.Assets.Find(asset => asset.Kind == staged.Kind) is { } replaced)
        {
            scene.Assets.Remove(replaced);
            db.Assets.Remove(replaced);
        }

        db.Assets.Add(new AssetRecord
        {
            Id = staged.Id,
            SceneId = scene.Id,
            Kind = staged.Kind,
            Key = file.Key,
            FileName = staged.FileName,
            Length = file.Length,
            Sha256 = file.Sha256,
            OwnerKeyId = owner.KeyId,
            CreatedAt = DateTimeOffset.UtcNow,
        });
    }

    /// <summary>A model and selections name Gaussians by their index in the file that is being replaced.</summary>
    private static async Task DropWhatSpokeOfOldGaussiansAsync(
        SagaDbContext db, SceneRecord scene, CancellationToken cancellationToken)
    {
        scene.State = SceneState.Uploaded;
        scene.ModelKey = null;
        scene.ModelJson = null;
        scene.ModelSha256 = null;
        if (scene.Assets.Find(asset => asset.Kind == AssetKind.Vocabulary) is { } vocabulary)
        {
            scene.Assets.Remove(vocabulary);
            db.Assets.Remove(vocabulary);
        }

        // The scene's row before its selections, as whoever changes these does: neither waits for the other in turn.
        await db.Scenes.Where(s => s.Id == scene.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.SelectionsVersion, x => x.SelectionsVersion + 1), cancellationToken);
        await db.Selections.Where(selection => selection.SceneId == scene.Id).ExecuteDeleteAsync(cancellationToken);
    }

    private static async Task<SceneRecord> RequireChangeableAsync(SagaDbContext db, Guid sceneId, CancellationToken cancellationToken)
    {
        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        JobRecord? job = await db.Jobs.AsNoTracking().FirstOrDefaultAsync(
            j => j.SceneId == sceneId && (j.State == JobState.Queued || j.State == JobState.Running), cancellationToken);
        return job is null ? scene : throw RefusedException.Conflict(
            ProblemCodes.JobRunning, $"Job {job.Id} works on this scene; wait for it or cancel it before changing the scene's files.");
    }

    private RefusedException TooLarge(AssetKind kind) => new(
        StatusCodes.Status413PayloadTooLarge,
        ProblemCodes.TooLarge,
        $"The {SceneFiles.NameOf(kind)} file is larger than the {options.Limits.MaxBytes(kind)} bytes that this service accepts "
        + $"(Saga:Limits:Max{kind}Bytes).");

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} created with {AssetCount} files")]
    private static partial void LogCreated(ILogger logger, Guid sceneId, int assetCount);

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} got {Kind} from {FileName}, {Bytes} bytes")]
    private static partial void LogUploaded(ILogger logger, Guid sceneId, AssetKind kind, string fileName, long bytes);
}
