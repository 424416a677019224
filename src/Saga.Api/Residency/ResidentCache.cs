namespace Saga.Api.Residency;

/// <summary>
/// Loaded things within a byte budget: least recently used first out, never one that holds a lease; a load in progress is shared
/// by all that wait for it.
/// </summary>
/// <remarks>
/// A key names one immutable version, so nothing here is ever updated: a new model is a new key, and the old one leaves when its
/// last lease ends; values that are disposable are disposed then. What is larger than the whole budget is still served, alone, and dropped on release.
/// </remarks>
internal sealed class ResidentCache<TKey, TValue>(long maxBytes)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private long _bytes;
    private long _clock;
    private long _evictions;

    /// <summary>How often something was dropped to make room.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>Bytes held or about to be held.</summary>
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

    /// <summary>What is held, most recently used first; no value where it is only about to be.</summary>
    public IReadOnlyList<(TKey Key, long Bytes, TValue? Value)> Contents()
    {
        lock (_lock)
        {
            return
            [
                .. _entries.Values.OrderByDescending(entry => entry.LastUsed).Select(entry => (
                    entry.Key,
                    entry.Bytes,
                    entry.Loading.IsValueCreated && entry.Loading.Value.IsCompletedSuccessfully ? entry.Loading.Value.Result : null)),
            ];
        }
    }

    /// <summary>Leases the value, loading or computing it if it is not there.</summary>
    /// <param name="key">Names one immutable version.</param>
    /// <param name="estimatedBytes">Room to make before.</param>
    /// <param name="compute">Runs once, on another thread, whoever waits; its size replaces the estimate.</param>
    /// <param name="cancellationToken">Stops this caller's waiting, not the work.</param>
    public async ValueTask<Lease> AcquireAsync(
        TKey key, long estimatedBytes, Func<Task<(TValue Value, long Bytes)>> compute, CancellationToken cancellationToken)
    {
        Entry entry = Admit(key, estimatedBytes, compute);
        try
        {
            return new Lease(this, entry, await entry.Loading.Value.WaitAsync(cancellationToken));
        }
        catch
        {
            Release(entry);
            throw;
        }
    }

    /// <summary>Drops what matches as soon as nobody leases it; later calls load afresh.</summary>
    public void Forget(Predicate<TKey> matches)
    {
        lock (_lock)
        {
            foreach (Entry entry in _entries.Values.Where(entry => matches(entry.Key)).ToList())
            {
                Detach(entry);
            }
        }
    }

    private Entry Admit(TKey key, long estimatedBytes, Func<Task<(TValue Value, long Bytes)>> compute)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out Entry? entry))
            {
                MakeRoom(estimatedBytes);
                entry = new Entry(key, estimatedBytes);
                entry.Loading = new Lazy<Task<TValue>>(() => Task.Run(() => LoadAsync(entry, compute)));
                _entries.Add(key, entry);
                _bytes += estimatedBytes;
            }

            entry.Leases++;
            entry.LastUsed = ++_clock;
            return entry;
        }
    }

    private async Task<TValue> LoadAsync(Entry entry, Func<Task<(TValue Value, long Bytes)>> compute)
    {
        try
        {
            (TValue value, long bytes) = await compute();
            lock (_lock)
            {
                entry.Value = value;
                Resize(entry, bytes);
                if (entry.Detached && entry.Leases == 0)
                {
                    (value as IDisposable)?.Dispose();
                }
            }

            return value;
        }
        catch
        {
            // The next caller tries again; those who wait now learn of this failure.
            lock (_lock)
            {
                Detach(entry);
            }

            throw;
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            entry.Leases--;
            if (entry.Leases == 0 && entry.Detached)
            {
                Drop(entry);
            }
            else
            {
                MakeRoom(0);
            }
        }
    }

    // Under the lock. Everyone may have stopped waiting, and the entry may be gone from the count already.
    private void Resize(Entry entry, long bytes)
    {
        if (!entry.Detached || entry.Leases > 0)
        {
            _bytes += bytes - entry.Bytes;
            entry.Bytes = bytes;
            MakeRoom(0);
        }
    }

    // Under the lock. Stops as soon as the rest fits, or when all that is left is leased.
    private void MakeRoom(long bytes)
    {
        while (_bytes + bytes > maxBytes)
        {
            Entry? oldest = _entries.Values.Where(entry => entry.Leases == 0).MinBy(entry => entry.LastUsed);
            if (oldest is null)
            {
                return;
            }

            _evictions++;
            Detach(oldest);
        }
    }

    // Under the lock. A leased entry keeps counting until its last lease ends.
    private void Detach(Entry entry)
    {
        if (entry.Detached)
        {
            return;
        }

        entry.Detached = true;
        _entries.Remove(entry.Key);
        if (entry.Leases == 0)
        {
            Drop(entry);
        }
    }

    // Under the lock, once for each entry. What is still being loaded is disposed when it is there.
    private void Drop(Entry entry)
    {
        _bytes -= entry.Bytes;
        (entry.Value as IDisposable)?.Dispose();
    }

    /// <summary>Keeps a value in memory until disposed.</summary>
    internal sealed class Lease(ResidentCache<TKey, TValue> cache, Entry entry, TValue value) : IDisposable
    {
        private int _released;

        public TValue Value { get; } = value;

        /// <summary>Counts what the value takes now, which may be more than when it was loaded.</summary>
        public void Recount(long bytes)
        {
            lock (cache._lock)
            {
                if (entry.Bytes != bytes)
                {
                    cache.Resize(entry, bytes);
                }
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
            {
                cache.Release(entry);
            }
        }
    }

    internal sealed class Entry(TKey key, long bytes)
    {
        public TKey Key { get; } = key;

        public long Bytes { get; set; } = bytes;

        public int Leases { get; set; }

        public long LastUsed { get; set; }

        public bool Detached { get; set; }

        public Lazy<Task<TValue>> Loading { get; set; } = null!;

        /// <summary>Set when it is loaded.</summary>
        public TValue? Value { get; set; }
    }
}
