namespace Saga.Benchmarks.Fleet;

/// <summary>What a node keeps: a budget of bytes, least recently used first out, as the service's resident scenes.</summary>
internal sealed class ByteLru(long budget)
{
    private readonly Dictionary<long, LinkedListNode<(long Key, long Bytes)>> _byKey = [];
    private readonly LinkedList<(long Key, long Bytes)> _latestFirst = new();

    /// <summary>Bytes in use.</summary>
    public long Bytes { get; private set; }

    /// <summary>Most bytes that were ever in use.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Whether something is there; it counts as used now.</summary>
    public bool Touch(long key)
    {
        if (!_byKey.TryGetValue(key, out LinkedListNode<(long Key, long Bytes)>? entry))
        {
            return false;
        }

        _latestFirst.Remove(entry);
        _latestFirst.AddFirst(entry);
        return true;
    }

    /// <summary>Whether something is there, which does not count as use.</summary>
    public bool Contains(long key) => _byKey.ContainsKey(key);

    /// <summary>Takes something in that is not there. What exceeds the whole budget is not kept.</summary>
    public void Add(long key, long bytes)
    {
        if (bytes > budget)
        {
            return;
        }

        while (Bytes > budget - bytes)
        {
            (long last, long freed) = _latestFirst.Last!.Value;
            _latestFirst.RemoveLast();
            _byKey.Remove(last);
            Bytes -= freed;
        }

        _byKey.Add(key, _latestFirst.AddFirst((key, bytes)));
        Bytes += bytes;
        PeakBytes = Math.Max(PeakBytes, Bytes);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _byKey.Clear();
        _latestFirst.Clear();
        Bytes = 0;
    }
}
