using System.Numerics;
using Microsoft.EntityFrameworkCore;

namespace Saga.Persistence.Selections;

public sealed partial class SelectionStore
{
    /// <summary>Most revisions of a selection; the oldest leave.</summary>
    public const int MaxRevisions = 64;

    /// <summary>Most bytes of a selection's differences, compressed; the oldest leave. Any change of 100 million records fits.</summary>
    public const int MaxHistoryBytes = 16 << 20;

    /// <summary>Gives a selection other members: a new revision, and what was undone before it can no longer be redone.</summary>
    /// <param name="expected">The versions that it may have.</param>
    /// <param name="operation">What <see cref="SelectionRevisionRecord.Operation"/> says of it.</param>
    /// <param name="revise">
    /// Makes the mask of the same length from the selection as it is. Called again when somebody else was faster and no version is
    /// expected. A mask that is the same makes no revision and no new version.
    /// </param>
    public async Task<SelectionWrite> ReviseAsync(
        Guid sceneId, Guid selectionId, ExpectedVersion expected, string operation,
        Func<SelectionRecord, CancellationToken, Task<byte[]>> revise, CancellationToken cancellationToken)
    {
        return await ChangeMembersAsync(sceneId, selectionId, expected, ReviseOnceAsync, cancellationToken);

        async Task<SelectionWrite?> ReviseOnceAsync(SelectionRecord selection)
        {
            byte[] members = await revise(selection, cancellationToken);
            if (members.AsSpan().SequenceEqual(selection.Bits))
            {
                return new SelectionWrite(SelectionOutcome.Done, selection);
            }

            var revision = new SelectionRevisionRecord
            {
                SelectionId = selectionId,
                Number = selection.LastRevision + 1,
                Operation = operation,
                SelectedCount = CountOf(members),
                Delta = MaskDelta.Between(selection.Bits, members),
                CreatedAt = DateTimeOffset.UtcNow,
            };
            SelectionRecord? changed = null;
            await WriteAsync(
                sceneId,
                async (db, token) => (changed = await AddRevisionAsync(db, selection, revision, members, token)) is null ? 0 : 1,
                cancellationToken);
            return changed is null ? null : new SelectionWrite(SelectionOutcome.Done, changed);
        }
    }

    /// <summary>Brings back the members of the revision before.</summary>
    /// <param name="expected">The versions that it may have.</param>
    public Task<SelectionWrite> UndoAsync(Guid sceneId, Guid selectionId, ExpectedVersion expected, CancellationToken cancellationToken) =>
        StepAsync(sceneId, selectionId, expected, back: true, cancellationToken);

    /// <summary>Brings back the members of the revision after, while nothing else was done since it was undone.</summary>
    /// <param name="expected">The versions that it may have.</param>
    public Task<SelectionWrite> RedoAsync(Guid sceneId, Guid selectionId, ExpectedVersion expected, CancellationToken cancellationToken) =>
        StepAsync(sceneId, selectionId, expected, back: false, cancellationToken);

    private Task<SelectionWrite> StepAsync(
        Guid sceneId, Guid selectionId, ExpectedVersion expected, bool back, CancellationToken cancellationToken)
    {
        return ChangeMembersAsync(sceneId, selectionId, expected, StepOnceAsync, cancellationToken);

        async Task<SelectionWrite?> StepOnceAsync(SelectionRecord selection)
        {
            if (selection.Revision == (back ? selection.FirstRevision : selection.LastRevision))
            {
                return new SelectionWrite(SelectionOutcome.NoRevision, selection);
            }

            // The later one of the two holds what leads there and back. They do not fit if somebody else was faster.
            List<SelectionRevisionRecord> pair = await StepPairAsync(selection, back, cancellationToken);
            if (pair.Count < 2 || MaskDelta.Apply(selection.Bits, pair[1].Delta) is not { } members)
            {
                return null;
            }

            SelectionRecord changed = selection.With(
                members, CountOf(members), pair[back ? 0 : 1].Number, selection.FirstRevision, selection.LastRevision);
            return await WriteAsync(sceneId, (db, token) => SetMembersAsync(db, changed, token), cancellationToken)
                ? new SelectionWrite(SelectionOutcome.Done, changed)
                : null;
        }
    }

    private async Task<List<SelectionRevisionRecord>> StepPairAsync(
        SelectionRecord selection, bool back, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        IQueryable<SelectionRevisionRecord> all = db.SelectionRevisions.AsNoTracking().Where(r => r.SelectionId == selection.Id);
        List<SelectionRevisionRecord> pair = back
            ? await all.Where(r => r.Number <= selection.Revision).OrderByDescending(r => r.Number).Take(2).ToListAsync(cancellationToken)
            : await all.Where(r => r.Number >= selection.Revision).OrderBy(r => r.Number).Take(2).ToListAsync(cancellationToken);
        return [.. pair.OrderBy(r => r.Number)];
    }

    /// <param name="changeOnce">One attempt; null when somebody else was faster.</param>
    private async Task<SelectionWrite> ChangeMembersAsync(
        Guid sceneId, Guid selectionId, ExpectedVersion expected, Func<SelectionRecord, Task<SelectionWrite?>> changeOnce,
        CancellationToken cancellationToken)
    {
        for (int attempted = 0; ;)
        {
            SelectionRecord? selection = await FindAsync(sceneId, selectionId, cancellationToken);
            if (selection is null || !expected.Allows(selection.Version))
            {
                return Outcome(false, selection);
            }

            // Each further round is one that somebody else's change succeeded in.
            if (selection.Version == attempted)
            {
                throw new InvalidDataException($"The history of selection {selectionId} does not fit its members.");
            }

            attempted = selection.Version;
            if (await changeOnce(selection) is { } done)
            {
                return done;
            }
        }
    }

    /// <returns>The selection afterwards; null when somebody else was faster.</returns>
    private static async Task<SelectionRecord?> AddRevisionAsync(
        SagaDbContext db, SelectionRecord from, SelectionRevisionRecord revision, byte[] members, CancellationToken cancellationToken)
    {
        IQueryable<SelectionRevisionRecord> all = db.SelectionRevisions.Where(r => r.SelectionId == from.Id);
        var kept = await all.Where(r => r.Number <= from.Revision).OrderByDescending(r => r.Number)
            .Select(r => new { r.Number, Bytes = r.Delta.Length }).ToListAsync(cancellationToken);

        // A revision is worth keeping while the differences that lead back to it are.
        int first = revision.Number;
        long bytes = revision.Delta.Length;
        for (int i = 0; i < Math.Min(kept.Count, MaxRevisions - 1) && bytes <= MaxHistoryBytes; i++)
        {
            first = kept[i].Number;
            bytes += kept[i].Bytes;
        }

        SelectionRecord changed = from.With(members, revision.SelectedCount, revision.Number, first, revision.Number);
        if (await SetMembersAsync(db, changed, cancellationToken) == 0)
        {
            return null;
        }

        await all.Where(r => r.Number > from.Revision || r.Number < first).ExecuteDeleteAsync(cancellationToken);
        if (kept.Count > 0 && kept[^1].Number < first)
        {
            await all.Where(r => r.Number == first)
                .ExecuteUpdateAsync(r => r.SetProperty(x => x.Delta, Array.Empty<byte>()), cancellationToken);
        }

        db.SelectionRevisions.Add(revision);
        await db.SaveChangesAsync(cancellationToken);
        return changed;
    }

    private static Task<int> SetMembersAsync(SagaDbContext db, SelectionRecord changed, CancellationToken cancellationToken) =>
        db.Selections.Where(s => s.Id == changed.Id && s.Version == changed.Version - 1).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Bits, changed.Bits)
                .SetProperty(x => x.SelectedCount, changed.SelectedCount)
                .SetProperty(x => x.Revision, changed.Revision)
                .SetProperty(x => x.FirstRevision, changed.FirstRevision)
                .SetProperty(x => x.LastRevision, changed.LastRevision)
                .SetProperty(x => x.Version, changed.Version),
            cancellationToken);

    private static int CountOf(byte[] bits)
    {
        int count = 0;
        foreach (byte b in bits)
        {
            count += BitOperations.PopCount(b);
        }

        return count;
    }
}
