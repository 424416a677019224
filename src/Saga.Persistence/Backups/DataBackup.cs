using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Files;

namespace Saga.Persistence.Backups;

/// <summary>Copies a data directory with SQLite, while the service may be at work, to a folder that is a data directory itself.</summary>
/// <remarks>
/// Committed files never change, so: the files, then the database as it is at one moment, then the files that came meanwhile. Every
/// file that this database names was there at one of the two looks at the store, unless its scene was deleted in between. Uploads that are
/// not finished, checkpoints that nobody names any more and the queue, which is made again of the jobs, stay behind.
/// </remarks>
public sealed class DataBackup(IDbContextFactory<SagaDbContext> contexts, FileStore store, SagaStorageOptions options)
{
    /// <summary>Makes the copy.</summary>
    /// <param name="folder">New, or empty.</param>
    /// <param name="cancellationToken">Stops it; the folder is then of no use.</param>
    /// <exception cref="InvalidOperationException">The records are in PostgreSQL, which has tools of its own for this.</exception>
    /// <exception cref="IOException">The folder is not empty, cannot be written, or lacks the space.</exception>
    public async Task<BackupResult> MakeAsync(string folder, CancellationToken cancellationToken)
    {
        if (options.IsPostgres)
        {
            throw new InvalidOperationException("The records are in PostgreSQL; docs/operations.md says how it is backed up.");
        }

        var target = new SagaStorageOptions { DataDirectory = Path.GetFullPath(folder) };
        if (Directory.Exists(target.DataDirectory) && Directory.EnumerateFileSystemEntries(target.DataDirectory).Any())
        {
            throw new IOException($"«{target.DataDirectory}» is not empty; give a new folder.");
        }

        string files = Path.Combine(target.DataDirectory, SagaPersistence.StoreFolder);
        await CopyNewAsync(files, cancellationToken);
        await CopyDatabaseAsync(target, cancellationToken);
        await CopyNewAsync(files, cancellationToken);
        return await CheckAsync(target, files, cancellationToken);
    }

    private async Task CopyNewAsync(string target, CancellationToken cancellationToken)
    {
        await foreach (StoreEntry entry in store.EntriesAsync(cancellationToken))
        {
            string copy = Path.Combine(target, entry.Key);
            if (File.Exists(copy))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            try
            {
                await store.Committed.CopyAsync(entry.Key, copy, cancellationToken);
            }
            catch (FileNotFoundException)
            {
                // Deleted meanwhile: whatever named it is going, too.
            }
        }
    }

    private async Task CopyDatabaseAsync(SagaStorageOptions target, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        string path = Path.Combine(target.DataDirectory, SagaPersistence.SqliteFile);
        Directory.CreateDirectory(target.DataDirectory);
        await db.Database.ExecuteSqlAsync($"VACUUM INTO {path}", cancellationToken);
    }

    /// <summary>Reads the copy, and looks for every file that it names.</summary>
    private static async Task<BackupResult> CheckAsync(SagaStorageOptions target, string files, CancellationToken cancellationToken)
    {
        var builder = new DbContextOptionsBuilder<SqliteSagaDbContext>();
        builder.UseSqlite(target.SqliteConnectionString(SagaPersistence.SqliteFile) + ";Pooling=False");
        await using var db = new SqliteSagaDbContext(builder.Options);
        List<string> named = await db.Assets.Select(a => a.Key)
            .Concat(db.Scenes.Where(s => s.ModelKey != null).Select(s => s.ModelKey!))
            .ToListAsync(cancellationToken);
        List<FileInfo> found = named.ConvertAll(key => new FileInfo(Path.Combine(files, key)));
        return new BackupResult(
            await db.Scenes.CountAsync(cancellationToken),
            found.Count(file => file.Exists),
            found.Where(file => file.Exists).Sum(file => file.Length),
            [.. named.Where((_, i) => !found[i].Exists)]);
    }
}

/// <summary>What a backup holds.</summary>
/// <param name="Scenes">Scenes.</param>
/// <param name="Files">Files that their records name.</param>
/// <param name="Bytes">Bytes of these.</param>
/// <param name="Missing">Files that records name and that were not there: scenes that were being deleted, or a damaged store.</param>
public sealed record BackupResult(int Scenes, int Files, long Bytes, IReadOnlyList<string> Missing);
