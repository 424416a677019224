namespace Saga.Persistence.Files;

/// <summary>The file store: a local or shared folder. Files are immutable once committed.</summary>
/// <remarks>
/// Bytes are written to a hidden folder on the same volume, checked there by the caller, and become visible by a rename. A
/// crash at any moment leaves either nothing under the key or the whole file.
/// </remarks>
public sealed class FileStore
{
    /// <summary>Folder of files being written; keys cannot name it, because no part of a key starts with a dot.</summary>
    internal const string StagingFolder = ".staging";

    private const int CopyBufferBytes = 1 << 17;

    /// <param name="root">Created when missing.</param>
    public FileStore(string root)
    {
        Root = Path.GetFullPath(root);
        Directory.CreateDirectory(Staging);
    }

    public string Root { get; }

    /// <summary>Bytes of the store's disk that this process may still fill; all there can be where the system does not say.</summary>
    public long FreeBytes => Root.StartsWith(@"\\", StringComparison.Ordinal) ? long.MaxValue : new DriveInfo(Root).AvailableFreeSpace;

    internal string Staging => Path.Combine(Root, StagingFolder);

    /// <summary>Streams bytes to a staging file, hashing on the way; refuses past <paramref name="maxBytes"/>.</summary>
    /// <exception cref="FileTooLargeException">More than <paramref name="maxBytes"/> came; nothing is kept.</exception>
    public Task<PendingFile> StageAsync(Stream content, long maxBytes, CancellationToken cancellationToken) =>
        StageAsync((target, token) => content.CopyToAsync(target, CopyBufferBytes, token), maxBytes, cancellationToken);

    /// <summary>Stages what <paramref name="write"/> writes.</summary>
    public Task<PendingFile> StageAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        StageAsync(write, long.MaxValue, cancellationToken);

    /// <summary>A local path to read a committed file from (memory mapping, range requests).</summary>
    /// <exception cref="ArgumentException">The key is not a plain relative path.</exception>
    public string PathOf(string key)
    {
        CheckKey(key);
        return Path.Combine(Root, key);
    }

    public bool Exists(string key) => File.Exists(PathOf(key));

    /// <summary>Keys of the committed files right in a folder; empty where there is none.</summary>
    public IReadOnlyList<string> List(string folder)
    {
        string path = PathOf(folder);
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Select(file => $"{folder}/{Path.GetFileName(file)}")] : [];
    }

    /// <summary>Keys of all committed files.</summary>
    public IEnumerable<string> Keys() =>
        from path in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        let key = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !key.StartsWith(StagingFolder + '/', StringComparison.Ordinal)
        select key;

    /// <summary>Removes a file; nothing happens when it is gone already.</summary>
    public void Delete(string key)
    {
        try
        {
            File.Delete(PathOf(key));
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
        }
    }

    /// <summary>Removes everything under a key prefix, e.g. a deleted scene's folder.</summary>
    public void DeleteAll(string prefix)
    {
        try
        {
            Directory.Delete(PathOf(prefix), true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
    }

    /// <summary>Throws an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the store cannot be written.</summary>
    public void CheckWritable()
    {
        string probe = Path.Combine(Staging, $"probe-{Guid.CreateVersion7():N}");
        File.WriteAllBytes(probe, [1]);
        File.Delete(probe);
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

    /// <summary>Lets through letters, digits and <c>. _ -</c> in parts between slashes; no part is empty or starts with a dot.</summary>
    private static void CheckKey(string key)
    {
        const int longest = 512;
        bool plain = key.Length is > 0 and <= longest
            && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/')
            && key.Split('/').All(part => part.Length > 0 && part[0] != '.');
        if (!plain)
        {
            throw new ArgumentException(
                $"«{key}» is not a key of the file store; keys are parts of letters, digits, '.', '_' and '-' between '/'.", nameof(key));
        }
    }
}
