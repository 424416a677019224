namespace Saga.Persistence.Files;

/// <summary>Committed files in a local or shared folder, a path for each key.</summary>
/// <param name="root">The folder, absolute; staged files lie in it too, so that a rename commits them.</param>
internal sealed class FolderFiles(string root) : ICommittedFiles
{
    public Task CommitAsync(StoredFile file, FileStream staged, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            string target = PathOf(file.Key);
            string folder = Path.GetDirectoryName(target)!;

            // The sweep spares young files until a record names them; an upload's first part may have waited hours for its last.
            File.SetLastWriteTimeUtc(staged.Name, DateTime.UtcNow);
            staged.Flush(true);
            DurableFolder.Create(root, folder);
            File.Move(staged.Name, target, false);
            DurableFolder.Flush(folder);
        },
        cancellationToken);

    public Task<bool> WithdrawAsync(string key, string stagedPath)
    {
        try
        {
            File.Move(PathOf(key), stagedPath, false);
            return Task.FromResult(true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Never committed, or its scene was deleted in the meantime.
            return Task.FromResult(false);
        }
    }

    /// <summary>The rename took them.</summary>
    public void Discard(string key, string stagedPath)
    {
    }

    public Task<LocalFile> OpenAsync(string key, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        return File.Exists(path)
            ? Task.FromResult(new LocalFile(path))
            : Task.FromException<LocalFile>(new FileNotFoundException($"«{key}» is not in the file store."));
    }

    public Task CopyAsync(string key, string path, CancellationToken cancellationToken)
    {
        try
        {
            File.Copy(PathOf(key), path);
            return Task.CompletedTask;
        }
        catch (DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"«{key}» is not in the file store.");
        }
    }

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => Task.FromResult(File.Exists(PathOf(key)));

    public IAsyncEnumerable<StoreEntry> EntriesAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new DirectoryInfo(PathOf(folder));
        return start.Exists ? Entries(start).ToAsyncEnumerable() : AsyncEnumerable.Empty<StoreEntry>();
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
        }

        return Task.CompletedTask;
    }

    public Task DeleteAllAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            Directory.Delete(PathOf(folder), true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }

        return Task.CompletedTask;
    }

    /// <summary>A rename leaves nothing.</summary>
    public Task<int> SweepUnfinishedAsync(DateTime before, CancellationToken cancellationToken) => Task.FromResult(0);

    /// <summary>Staging is on the same volume, and was tried.</summary>
    public Task CheckWritableAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<StoreEntry> Entries(DirectoryInfo start) =>
        from file in start.EnumerateFiles("*", SearchOption.AllDirectories)
        let key = Path.GetRelativePath(root, file.FullName).Replace('\\', '/')
        where !key.StartsWith(FileStore.StagingFolder + '/', StringComparison.Ordinal)
        select new StoreEntry(key, file.LastWriteTimeUtc);

    private string PathOf(string key) => Path.Combine(root, key);
}
