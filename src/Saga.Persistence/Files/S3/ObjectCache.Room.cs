namespace Saga.Persistence.Files.S3;

/// <summary>What is in the cache, and what leaves it.</summary>
internal sealed partial class ObjectCache
{
    private void Reserve(Entry entry, long bytes)
    {
        lock (_lock)
        {
            MakeRoom(bytes - entry.Bytes);
            while (!_folder!.HasRoom(bytes) && DropOldest())
            {
                // Others write to this disk, too.
            }

            if (!entry.IsDropped)
            {
                _bytes += bytes - entry.Bytes;
                entry.Bytes = bytes;
            }
        }
    }

    // Under the lock. Opens the folder, with what earlier processes left in it.
    private Dictionary<string, Entry> Folder()
    {
        if (_folder is null)
        {
            _folder = CacheFolder.Take(folder);
            foreach (FileInfo file in _folder.Files())
            {
                _entries.Add(file.Name, new Entry(file.FullName) { Bytes = file.Length, LastUsed = ++_clock });
                _bytes += file.Length;
            }

            MakeRoom(0);
        }

        return _entries;
    }

    // Under the lock. Stops as soon as the rest fits, or when all that is left is in use.
    private void MakeRoom(long bytes)
    {
        while (_bytes + bytes > maxBytes && DropOldest())
        {
        }
    }

    // Under the lock.
    private bool DropOldest()
    {
        Entry? oldest = _entries.Values.Where(entry => entry.Leases == 0).MinBy(entry => entry.LastUsed);
        if (oldest is not null)
        {
            Drop(oldest);
        }

        return oldest is not null;
    }

    // Under the lock. Who has a deleted file open reads on.
    private void Drop(Entry entry)
    {
        if (entry.IsDropped)
        {
            return;
        }

        entry.IsDropped = true;
        _entries.Remove(Path.GetFileName(entry.Path));
        _bytes -= entry.Bytes;
        try
        {
            File.Delete(entry.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Open, on Windows: found again at the next start.
        }
    }

    private sealed class Entry(string path)
    {
        public string Path { get; } = path;

        public long Bytes { get; set; }

        public int Leases { get; set; }

        public long LastUsed { get; set; }

        public bool IsDropped { get; set; }

        public Lazy<Task> Loading { get; set; } = new(Task.CompletedTask);

        /// <summary>True when the copy was made and is not there.</summary>
        public bool IsGone => Loading.Value.IsCompletedSuccessfully && !File.Exists(Path);
    }
}
