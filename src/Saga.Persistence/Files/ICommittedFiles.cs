namespace Saga.Persistence.Files;

/// <summary>Where committed files are: a folder, or a bucket. Keys were checked by <see cref="FileStore"/>.</summary>
internal interface ICommittedFiles
{
    /// <summary>Makes a staged file visible under its key, durably and whole, or not at all.</summary>
    /// <param name="file">Key, length and hash.</param>
    /// <param name="staged">The staged bytes, written and not yet flushed to the disk.</param>
    /// <exception cref="IOException">The key is taken, or the store cannot be written.</exception>
    Task CommitAsync(StoredFile file, FileStream staged, CancellationToken cancellationToken);

    /// <summary>Undoes a commit whose key certainly no record names: the bytes are at <paramref name="stagedPath"/> again.</summary>
    /// <returns>Whether they are.</returns>
    Task<bool> WithdrawAsync(string key, string stagedPath);

    /// <summary>Disposes of the staged bytes of a file that was committed.</summary>
    void Discard(string key, string stagedPath);

    /// <inheritdoc cref="FileStore.OpenAsync"/>
    Task<LocalFile> OpenAsync(string key, CancellationToken cancellationToken);

    /// <summary>Copies a file to a path where there is none.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    Task CopyAsync(string key, string path, CancellationToken cancellationToken);

    /// <summary>Whether there is such a file.</summary>
    Task<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>The files under a folder, with those in folders below it; all for an empty name.</summary>
    IAsyncEnumerable<StoreEntry> EntriesAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Removes a file; nothing happens when it is gone already.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Removes everything under a folder.</summary>
    Task DeleteAllAsync(string folder, CancellationToken cancellationToken);

    /// <summary>Removes what commits left that were killed midway.</summary>
    /// <returns>How many there were.</returns>
    Task<int> SweepUnfinishedAsync(DateTime before, CancellationToken cancellationToken);

    /// <summary>Throws what <see cref="FileStore.CheckWritableAsync"/> does when nothing can be committed now.</summary>
    Task CheckWritableAsync(CancellationToken cancellationToken);
}

/// <summary>A committed file as a list of the store shows it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="CommittedAt">When it became visible, in UTC, by the clock of whoever keeps the files.</param>
public sealed record StoreEntry(string Key, DateTime CommittedAt);
