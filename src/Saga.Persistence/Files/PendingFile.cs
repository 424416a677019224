namespace Saga.Persistence.Files;

/// <summary>A file being written: invisible under its key until it is committed.</summary>
public sealed class PendingFile : IAsyncDisposable
{
    private readonly FileStore _store;

    // Open from the first byte to the end: its shared lock is what tells the sweep that the file is in use.
    private readonly FileStream _staged;
    private readonly bool _isKept;
    private string? _committedTo;

    /// <param name="isKept">Whether the staged bytes stay where they are when this is disposed uncommitted.</param>
    internal PendingFile(FileStore store, FileStream staged, string sha256, bool isKept = false)
    {
        _store = store;
        _staged = staged;
        _isKept = isKept;
        Path = staged.Name;
        Length = staged.Length;
        Sha256 = sha256;
    }

    /// <summary>Local path of the staged bytes, to check them before they become visible. Open it with FileShare.ReadWrite.</summary>
    public string Path { get; }

    public long Length { get; }

    /// <summary>Lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Makes the file visible under its key, durably (fsync, rename, fsync of the folder).</summary>
    /// <exception cref="ArgumentException">The key is not a plain relative path.</exception>
    /// <exception cref="IOException">The key is taken: committed files never change.</exception>
    public Task<StoredFile> CommitAsync(string key, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_committedTo is not null, this);
        string target = _store.PathOf(key);
        return Task.Run(
            () =>
            {
                // The sweep spares young files until a record names them; an upload's first part may have waited hours for its last.
                File.SetLastWriteTimeUtc(Path, DateTime.UtcNow);
                _staged.Flush(true);
                DurableFolder.Create(_store.Root, System.IO.Path.GetDirectoryName(target)!);
                File.Move(Path, target, false);
                _committedTo = target;
                DurableFolder.Flush(System.IO.Path.GetDirectoryName(target)!);
                return new StoredFile(key, Length, Sha256);
            },
            cancellationToken);
    }

    /// <summary>Undoes a commit whose key certainly no record names. The file is staged again, or gone with its folder.</summary>
    public void Withdraw()
    {
        if (_committedTo is not { } committed)
        {
            return;
        }

        try
        {
            File.Move(committed, Path, false);
            _committedTo = null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Its scene was deleted in the meantime.
        }
    }

    /// <summary>Removes the staged bytes unless they were committed, or are an upload's.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_committedTo is null && !_isKept)
        {
            File.Delete(Path);
        }

        await _staged.DisposeAsync();
    }
}
