namespace Saga.Persistence.Files.S3;

/// <summary>
/// Copies of objects on this machine's disk, within a byte budget: least recently used first out, never one that is in use; a download in
/// progress is shared by all that wait for it.
/// </summary>
/// <remarks>
/// Objects never change, so a copy never grows stale. One that is larger than the whole budget is served all the same and leaves when it is
/// let go. Copies stay over a restart.
/// </remarks>
/// <param name="folder">Made when the first file is asked for: not every program that knows the store reads from it.</param>
/// <param name="maxBytes">The budget.</param>
internal sealed partial class ObjectCache(string folder, long maxBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private CacheFolder? _folder;
    private long _bytes;
    private long _clock;

    /// <summary>Bytes of all copies, also of those that are on their way.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Leases the copy of a file.</summary>
    /// <param name="key">The file.</param>
    /// <param name="download">Fetches it to a path, once for all that wait, and says how long it is before it writes.</param>
    /// <param name="cancellationToken">Stops this caller's waiting, not the download.</param>
    public async Task<LocalFile> AcquireAsync(
        string key, Func<string, Action<long>, CancellationToken, Task> download, CancellationToken cancellationToken)
    {
        Entry entry = Admit(CacheFolder.NameOf(key), download);
        try
        {
            await entry.Loading.Value.WaitAsync(cancellationToken);
            return new LocalFile(entry.Path, () => Release(entry));
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    /// <summary>Takes over a file that was just put, in place of a download; removes it where that cannot be.</summary>
    public void Adopt(string key, string path)
    {
        string name = CacheFolder.NameOf(key);
        string? part = null;
        try
        {
            long length = new FileInfo(path).Length;
            lock (_lock)
            {
                if (length <= maxBytes && !Folder().ContainsKey(name))
                {
                    MakeRoom(length);
                    part = _folder!.NewPart();
                }
            }

            if (part is not null)
            {
                // Perhaps from one disk to another: not under the lock.
                CacheFolder.Move(path, part);
                AddMoved(name, part, length);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It is in the bucket.
        }

        File.Delete(path);
        if (part is not null)
        {
            File.Delete(part);
        }
    }

    /// <summary>Drops the copy of a file that is deleted.</summary>
    public void Forget(string key)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(CacheFolder.NameOf(key), out Entry? entry))
            {
                Drop(entry);
            }
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        lock (_lock)
        {
            _folder?.Dispose();
            _folder = null;
        }
    }

    private void AddMoved(string name, string part, long length)
    {
        lock (_lock)
        {
            if (_folder is null || _entries.ContainsKey(name))
            {
                return;
            }

            MakeRoom(length);
            var entry = new Entry(_folder.PathOf(name)) { Bytes = length, LastUsed = ++_clock };
            File.Move(part, entry.Path, true);
            _entries.Add(name, entry);
            _bytes += length;
        }
    }

    private Entry Admit(string name, Func<string, Action<long>, CancellationToken, Task> download)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (Folder().TryGetValue(name, out Entry? entry) && entry.IsGone)
            {
                // Somebody tidied the disk.
                Drop(entry);
                entry = null;
            }

            if (entry is null)
            {
                entry = new Entry(_folder!.PathOf(name));
                Entry loaded = entry;
                entry.Loading = new Lazy<Task>(() => Task.Run(() => LoadAsync(loaded, download)));
                _entries.Add(name, entry);
            }

            entry.Leases++;
            entry.LastUsed = ++_clock;
            return entry;
        }
    }

    private async Task LoadAsync(Entry entry, Func<string, Action<long>, CancellationToken, Task> download)
    {
        string? part = null;
        try
        {
            lock (_lock)
            {
                part = _folder?.NewPart() ?? throw new OperationCanceledException("The service ends.");
            }

            await download(part, bytes => Reserve(entry, bytes), _closing.Token);
            lock (_lock)
            {
                if (entry.IsDropped)
                {
                    throw new FileNotFoundException("The file was deleted while it was fetched.");
                }

                File.Move(part, entry.Path, true);
            }
        }
        catch
        {
            // The next caller tries again; those who wait now learn of this failure.
            lock (_lock)
            {
                Drop(entry);
            }

            if (part is not null)
            {
                File.Delete(part);
            }

            throw;
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            entry.Leases--;
            MakeRoom(0);
        }
    }
}
