using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Persistence.Files;

/// <summary>Removes what killed processes and replaced versions left in the store.</summary>
public sealed class FileSweep(FileStore store, IDbContextFactory<SagaDbContext> contexts)
{
    /// <summary>Removes files of this machine's staging that nobody finished and nobody is writing any more.</summary>
    /// <param name="olderThan">Only files untouched for this long; covers writers whose locks this machine cannot see.</param>
    /// <returns>How many were removed.</returns>
    public int SweepStaging(TimeSpan olderThan)
    {
        DateTime before = DateTime.UtcNow - olderThan;
        return new DirectoryInfo(store.Staging).EnumerateFiles().Count(file => file.LastWriteTimeUtc < before && DeleteUnused(file));
    }

    /// <summary>Removes what commits to an object store left that were killed midway: parts that are paid for and seen by nobody.</summary>
    /// <param name="olderThan">Only what was begun this long ago.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many were removed.</returns>
    public Task<int> SweepUnfinishedAsync(TimeSpan olderThan, CancellationToken cancellationToken) =>
        store.Committed.SweepUnfinishedAsync(DateTime.UtcNow - olderThan, cancellationToken);

    /// <summary>
    /// Removes committed files that no record names: replaced models, old checkpoints, uploads whose record was never written.
    /// Scenes with a job are left for later.
    /// </summary>
    /// <param name="olderThan">
    /// Only files at least this old: a file is committed shortly before the record that names it, and a reader may still hold
    /// the key of a model that was replaced a moment ago.
    /// </param>
    /// <returns>How many were removed.</returns>
    public async Task<int> SweepOrphansAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        // Files first, records second: what was committed in between is not in the list, so it cannot be taken for an orphan.
        DateTime before = DateTime.UtcNow - olderThan;
        List<string> candidates = await store.EntriesAsync(cancellationToken)
            .Where(entry => entry.CommittedAt < before).Select(entry => entry.Key).ToListAsync(cancellationToken);
        if (candidates.Count == 0)
        {
            return 0;
        }

        // Jobs before names: one that ends in between has named its files by then.
        List<string> busy = await BusyFoldersAsync(cancellationToken);
        HashSet<string> named = await NamedKeysAsync(cancellationToken);
        candidates.RemoveAll(
            key => named.Contains(key) || named.Contains(FolderOf(key)) || busy.Exists(folder => key.StartsWith(folder, StringComparison.Ordinal)));
        foreach (string key in candidates)
        {
            await store.DeleteAsync(key, cancellationToken);
        }

        return candidates.Count;
    }

    private static string FolderOf(string key) => key[..Math.Max(0, key.LastIndexOf('/'))];

    /// <summary>Files that a record names, and folders whose files are kept for as long as one does.</summary>
    private async Task<HashSet<string>> NamedKeysAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        var named = new HashSet<string>(StringComparer.Ordinal);
        named.UnionWith(await db.Assets.Select(a => a.Key).ToListAsync(cancellationToken));
        named.UnionWith(await db.Scenes.Where(s => s.ModelKey != null).Select(s => s.ModelKey!).ToListAsync(cancellationToken));
        named.UnionWith(await db.Jobs
            .Where(j => j.CheckpointKey != null && (j.State == JobState.Queued || j.State == JobState.Running))
            .Select(j => j.CheckpointKey!).ToListAsync(cancellationToken));
        named.UnionWith((await db.Assets.Where(a => a.Kind == AssetKind.Gaussians)
            .Select(a => new { a.SceneId, a.Sha256 }).ToListAsync(cancellationToken))
            .Select(a => GeneratedFiles.MaskFolderOf(a.SceneId, a.Sha256)));
        return named;
    }

    /// <summary>
    /// Folders of scenes with a job: a finished training keeps its model's file for as long as the database is away, and names
    /// it when it is back.
    /// </summary>
    private async Task<List<string>> BusyFoldersAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        List<Guid> scenes = await db.Jobs
            .Where(j => j.State == JobState.Queued || j.State == JobState.Running)
            .Select(j => j.SceneId).ToListAsync(cancellationToken);
        return scenes.ConvertAll(scene => $"scenes/{scene}/");
    }

    private static bool DeleteUnused(FileInfo file)
    {
        try
        {
            // Whoever still writes or checks the file holds a shared lock on it; asking for it alone fails then.
            using var alone = new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            file.Delete();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
