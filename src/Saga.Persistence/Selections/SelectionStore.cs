using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Persistence.Selections;

/// <summary>Every change of a kept selection, each one transaction and each announced.</summary>
/// <remarks>
/// Each transaction takes the scene's row first: who replaces or deletes the scene's Gaussians comes before it or after it, never
/// between, and changes of the scene's selections come one after the other. What a change starts from is read before, as edits may
/// take seconds: a change whose selection was changed meanwhile touches no row and starts over from what is there now, unless the
/// caller expects a version. So no change is lost, and with an expected version none is made to what the caller has not seen.
/// Split in two: this file for the selection itself, <c>SelectionStore.History.cs</c> for its members and their revisions.
/// </remarks>
public sealed partial class SelectionStore(IDbContextFactory<SagaDbContext> contexts, JobEvents events)
{
    /// <summary>Keeps a selection while its scene still has the Gaussians whose records it names.</summary>
    /// <param name="selection">With its members; becomes revision 1.</param>
    /// <param name="gaussiansAssetId">The scene's Gaussians when the members were chosen.</param>
    /// <returns>False when the scene was deleted or has other Gaussians.</returns>
    public async Task<bool> AddAsync(SelectionRecord selection, Guid gaussiansAssetId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        IQueryable<SceneRecord> scene = db.Scenes.Where(
            s => s.Id == selection.SceneId && s.Assets.Any(asset => asset.Id == gaussiansAssetId));
        if (await CountChangeAsync(scene, cancellationToken) == 0)
        {
            return false;
        }

        db.Selections.Add(selection);
        await db.SaveChangesAsync(cancellationToken);
        db.SelectionRevisions.Add(new SelectionRevisionRecord
        {
            SelectionId = selection.Id,
            Number = selection.Revision,
            Operation = "create",
            SelectedCount = selection.SelectedCount,
            CreatedAt = selection.CreatedAt,
        });
        await db.SaveChangesAsync(cancellationToken);
        await CommitAsync(db, transaction, selection.SceneId, cancellationToken);
        return true;
    }

    /// <summary>Changes how a selection is shown; no new revision.</summary>
    /// <param name="expected">The versions that it may have.</param>
    /// <param name="name">Null: stays.</param>
    /// <param name="color">Null: stays.</param>
    /// <param name="hidden">Null: stays.</param>
    public async Task<SelectionWrite> ChangeLookAsync(
        Guid sceneId, Guid selectionId, ExpectedVersion expected, string? name, string? color, bool? hidden,
        CancellationToken cancellationToken)
    {
        SelectionRecord? changed = null;
        await WriteAsync(sceneId, ChangeAsync, cancellationToken);
        return changed is null
            ? Outcome(false, await FindAsync(sceneId, selectionId, cancellationToken))
            : new SelectionWrite(SelectionOutcome.Done, changed);

        // One statement: two people may change different things at once.
        async Task<int> ChangeAsync(SagaDbContext db, CancellationToken token)
        {
            int rows = await Expected(db, sceneId, selectionId, expected).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Name, x => name ?? x.Name)
                    .SetProperty(x => x.Color, x => color ?? x.Color)
                    .SetProperty(x => x.Hidden, x => hidden ?? x.Hidden)
                    .SetProperty(x => x.Version, x => x.Version + 1),
                token);
            changed = rows > 0 ? await db.Selections.AsNoTracking().SingleAsync(s => s.Id == selectionId, token) : null;
            return rows;
        }
    }

    /// <summary>Forgets a selection with all its revisions.</summary>
    /// <param name="expected">The versions that it may have.</param>
    public async Task<SelectionWrite> DeleteAsync(
        Guid sceneId, Guid selectionId, ExpectedVersion expected, CancellationToken cancellationToken)
    {
        bool deleted = await WriteAsync(
            sceneId, (db, token) => Expected(db, sceneId, selectionId, expected).ExecuteDeleteAsync(token), cancellationToken);
        return deleted
            ? new SelectionWrite(SelectionOutcome.Done, null)
            : Outcome(false, await FindAsync(sceneId, selectionId, cancellationToken));
    }

    private static SelectionWrite Outcome(bool changed, SelectionRecord? now) => new(
        now is null ? SelectionOutcome.Missing : changed ? SelectionOutcome.Done : SelectionOutcome.VersionMismatch, now);

    private static IQueryable<SelectionRecord> Expected(SagaDbContext db, Guid sceneId, Guid selectionId, ExpectedVersion expected)
    {
        IQueryable<SelectionRecord> selection = db.Selections.Where(s => s.Id == selectionId && s.SceneId == sceneId);
        return expected.Versions is { } versions ? selection.Where(s => versions.Contains(s.Version)) : selection;
    }

    private static Task<int> CountChangeAsync(IQueryable<SceneRecord> scene, CancellationToken cancellationToken) =>
        scene.ExecuteUpdateAsync(s => s.SetProperty(x => x.SelectionsVersion, x => x.SelectionsVersion + 1), cancellationToken);

    private async Task<SelectionRecord?> FindAsync(Guid sceneId, Guid selectionId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Selections.AsNoTracking().SingleOrDefaultAsync(s => s.Id == selectionId && s.SceneId == sceneId, cancellationToken);
    }

    /// <summary>One change in one transaction; kept and announced if it touched a row.</summary>
    private async Task<bool> WriteAsync(
        Guid sceneId, Func<SagaDbContext, CancellationToken, Task<int>> write, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await CountChangeAsync(db.Scenes.Where(s => s.Id == sceneId), cancellationToken) == 0
            || await write(db, cancellationToken) == 0)
        {
            return false;
        }

        await CommitAsync(db, transaction, sceneId, cancellationToken);
        return true;
    }

    private async Task CommitAsync(
        SagaDbContext db, IDbContextTransaction transaction, Guid sceneId, CancellationToken cancellationToken)
    {
        var change = new JobEvent(null, sceneId);
        await events.RecordAsync(db, change, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        events.Committed(change);
    }
}
