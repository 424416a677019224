namespace Saga.Persistence.Files;

/// <summary>The file store. Files are immutable once committed.</summary>
/// <remarks>
/// Bytes are written to a hidden local folder, checked there by the caller, and become visible in one step: by a rename where committed
/// files lie in the same folder, by a put where they are in a bucket. A crash at any moment leaves either nothing under the key or the
/// whole file.
/// </remarks>
public sealed class FileStore : IDisposable
{
    /// <summary>Folder of files being written; keys cannot name it, because no part of a key starts with a dot.</summary>
    internal const string StagingFolder = ".staging";

    private const int CopyBufferBytes = 1 << 17;

    /// <summary>A store whose committed files are in a folder.</summary>
    /// <param name="root">Created when missing.</param>
    public FileStore(string root)
        : this(root, new FolderFiles(Path.GetFullPath(root)))
    {
    }

    /// <param name="root">Of the files being written; created when missing.</param>
    /// <param name="committed">All others.</param>
    internal FileStore(string root, ICommittedFiles committed)
    {
        Root = Path.GetFullPath(root);
        Committed = committed;
        Directory.CreateDirectory(Staging);
    }

    /// <summary>The local folder.</summary>
    public string Root { get; }

    /// <summary>Bytes of the local disk that this process may still fill; all there can be where the system does not say.</summary>
    public long FreeBytes => Root.StartsWith(@"\\", StringComparison.Ordinal) ? long.MaxValue : new DriveInfo(Root).AvailableFreeSpace;

    internal ICommittedFiles Committed { get; }

    internal string Staging => Path.Combine(Root, StagingFolder);

    /// <summary>Streams bytes to a staging file, hashing on the way; refuses past <paramref name="maxBytes"/>.</summary>
    /// <exception cref="FileTooLargeException">More than <paramref name="maxBytes"/> came; nothing is kept.</exception>
    public Task<PendingFile> StageAsync(Stream content, long maxBytes, CancellationToken cancellationToken) =>
        StageAsync((target, token) => content.CopyToAsync(target, CopyBufferBytes, token), maxBytes, cancellationToken);

    /// <summary>Stages what <paramref name="write"/> writes.</summary>
    public Task<PendingFile> StageAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        StageAsync(write, long.MaxValue, cancellationToken);

    /// <summary>Gets a committed file to where a path leads to it (memory mapping, ranges); from a bucket that takes a while.</summary>
    /// <exception cref="ArgumentException">The key is not a plain relative path.</exception>
    /// <exception cref="FileNotFoundException">There is no such file, or no longer.</exception>
    /// <exception cref="StoreUnavailableException">The object store does not answer, or refuses.</exception>
    /// <exception cref="DamagedFileException">What the object store has under the key is not what was committed.</exception>
    public Task<LocalFile> OpenAsync(string key, CancellationToken cancellationToken) =>
        Committed.OpenAsync(Checked(key), cancellationToken);

    /// <summary>Whether there is such a file.</summary>
    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        Committed.ExistsAsync(Checked(key), cancellationToken);

    /// <summary>Keys of the committed files right in a folder; empty where there is none.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        List<StoreEntry> entries = await Committed.EntriesAsync(Checked(folder), cancellationToken).ToListAsync(cancellationToken);
        return [.. entries.Select(entry => entry.Key).Where(key => key.LastIndexOf('/') == folder.Length)];
    }

    /// <summary>All committed files.</summary>
    public IAsyncEnumerable<StoreEntry> EntriesAsync(CancellationToken cancellationToken) => Committed.EntriesAsync("", cancellationToken);

    /// <summary>Removes a file; nothing happens when it is gone already.</summary>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => Committed.DeleteAsync(Checked(key), cancellationToken);

    /// <summary>Removes everything under a key prefix, e.g. a deleted scene's folder.</summary>
    /// <exception cref="IOException">The store cannot be written; some of it may be removed.</exception>
    public Task DeleteAllAsync(string folder, CancellationToken cancellationToken) =>
        Committed.DeleteAllAsync(Checked(folder), cancellationToken);

    /// <summary>Throws an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the store cannot be written.</summary>
    public Task CheckWritableAsync(CancellationToken cancellationToken)
    {
        string probe = Path.Combine(Staging, $"probe-{Guid.CreateVersion7():N}");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
        return Committed.CheckWritableAsync(cancellationToken);
    }

    /// <summary>Ends connections, and frees the folder of copies for other processes.</summary>
    public void Dispose() => (Committed as IDisposable)?.Dispose();

    /// <summary>Lets through letters, digits and <c>. _ -</c> in parts between slashes; no part is empty or starts with a dot.</summary>
    /// <exception cref="ArgumentException">It is anything else.</exception>
    internal static string Checked(string key) => IsKey(key) ? key : throw new ArgumentException(
        $"«{key}» is not a key of the file store; keys are parts of letters, digits, '.', '_' and '-' between '/'.", nameof(key));

    /// <summary>Whether something can be a key.</summary>
    internal static bool IsKey(string key)
    {
        const int longest = 512;
        return key.Length is > 0 and <= longest
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/')
            && key.Split('/').All(part => part.Length > 0 && part[0] != '.');
    }

    private async Task<PendingFile> StageAsync(
        Func<Stream, CancellationToken, Task> write, long maxBytes, CancellationToken cancellationToken)
    {
        string path = Path.Combine(Staging, Guid.CreateVersion7().ToString("N"));
        var staged = new FileStream(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, CopyBufferBytes, true);
        try
        {
            using var hashing = new HashingStream(staged, maxBytes);
            await write(hashing, cancellationToken);
            await staged.FlushAsync(cancellationToken);
            return new PendingFile(this, staged, hashing.FinishSha256());
        }
        catch
        {
            File.Delete(path);
            await staged.DisposeAsync();
            throw;
        }
    }
}
