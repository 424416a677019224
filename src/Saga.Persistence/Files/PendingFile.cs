namespace Saga.Persistence.Files;

/// <summary>A file being written: invisible under its key until it is committed.</summary>
public sealed class PendingFile : IAsyncDisposable
{
    private readonly ICommittedFiles _committed;

    // Open from the first byte to the end: its shared lock is what tells the sweep that the file is in use.
    private readonly FileStream _staged;
    private readonly bool _isKept;
    private string? _committedTo;

    /// <param name="isKept">Whether the staged bytes stay where they are when this is disposed uncommitted.</param>
    internal PendingFile(FileStore store, FileStream staged, string sha256, bool isKept = false)
    {
        _committed = store.Committed;
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

    /// <summary>Makes the file visible under its key, durably.</summary>
    /// <exception cref="ArgumentException">The key is not a plain relative path.</exception>
    /// <exception cref="IOException">The key is taken: committed files never change. Or the store cannot be written.</exception>
    public async Task<StoredFile> CommitAsync(string key, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_committedTo is not null, this);
        var file = new StoredFile(FileStore.Checked(key), Length, Sha256);
        await _committed.CommitAsync(file, _staged, cancellationToken);
        _committedTo = key;
        return file;
    }

    /// <summary>Undoes a commit whose key certainly no record names. The file is staged again, or gone with its folder.</summary>
    public async Task WithdrawAsync()
    {
        if (_committedTo is { } committed && await _committed.WithdrawAsync(committed, Path))
        {
            _committedTo = null;
        }
    }

    /// <summary>Removes the staged bytes unless they are an upload's.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isKept && _committedTo is { } committed)
        {
            // May copy the file into a cache on another disk.
            await Task.Run(() => _committed.Discard(committed, Path));
        }
        else if (!_isKept)
        {
            File.Delete(Path);
        }

        await _staged.DisposeAsync();
    }
}
