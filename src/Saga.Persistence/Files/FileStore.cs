namespace Saga.Persistence.Files;

/// <summary>A file in the store: where, how long, and what it hashes to.</summary>
/// <param name="Key">Relative key with forward slashes, e.g. <c>scenes/{id}/gaussians-{assetId}.ply</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record StoredFile(string Key, long Length, string Sha256);

/// <summary>A file being written: invisible under its key until it is committed.</summary>
public sealed class PendingFile : IAsyncDisposable
{
    /// <summary>Local path of the staged bytes, to check them before they become visible.</summary>
    public string Path => throw new NotImplementedException();

    public long Length => throw new NotImplementedException();

    public string Sha256 => throw new NotImplementedException();

    /// <summary>Makes the file visible under its key, durably (fsync, rename).</summary>
    public Task<StoredFile> CommitAsync(string key, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Removes the staged bytes unless they were committed.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>The file store: a local or shared folder. Files are immutable once committed.</summary>
public sealed class FileStore(string root)
{
    public string Root { get; } = root;

    /// <summary>Streams bytes to a staging file, hashing on the way; refuses past <paramref name="maxBytes"/>.</summary>
    public Task<PendingFile> StageAsync(Stream content, long maxBytes, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stages what <paramref name="write"/> writes.</summary>
    public Task<PendingFile> StageAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A local path to read a committed file from (memory mapping, range requests).</summary>
    public string PathOf(string key) => throw new NotImplementedException();

    public bool Exists(string key) => throw new NotImplementedException();

    public void Delete(string key) => throw new NotImplementedException();

    /// <summary>Removes everything under a key prefix, e.g. a deleted scene's folder.</summary>
    public void DeleteAll(string prefix) => throw new NotImplementedException();
}
