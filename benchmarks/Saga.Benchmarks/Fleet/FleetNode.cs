namespace Saga.Benchmarks.Fleet;

/// <summary>A simulated machine: cores behind one queue, a line in and one out, and scenes in memory.</summary>
/// <remarks>
/// Work is done first come, first served; a piece takes one core. When the machine dies, nothing that was under way on it ends, and
/// whoever had entered hears of it.
/// </remarks>
internal sealed class FleetNode(EventLoop loop, FleetOptions options)
{
    private readonly Queue<(double Seconds, Action Done)> _waiting = new();
    private readonly Dictionary<long, List<Action>> _loading = [];
    private readonly SortedDictionary<long, Action> _visits = [];
    private long _nextVisit;
    private int _busy;
    private int _lives;
    private double _outFreeAt;
    private double _inFreeAt;

    /// <summary>Scenes, or shards of them, in memory.</summary>
    public ByteLru Memory { get; } = new(options.MemoryBytes);

    /// <summary>False while the machine is dead.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Core-seconds of all work begun.</summary>
    public double CoreSeconds { get; private set; }

    /// <summary>Loads begun.</summary>
    public int Loads { get; private set; }

    /// <summary>Somebody depends on this machine until <see cref="Leave"/>.</summary>
    /// <param name="lost">What to do when it dies before.</param>
    public long Enter(Action lost)
    {
        _visits.Add(_nextVisit, lost);
        return _nextVisit++;
    }

    /// <summary>Ends a visit.</summary>
    public void Leave(long visit) => _visits.Remove(visit);

    /// <summary>Goes on when a scene is in memory: at once, after its load, or after the load that somebody else began.</summary>
    /// <param name="key">The scene or shard.</param>
    /// <param name="ready">What then.</param>
    /// <returns>True where it was in memory.</returns>
    public bool WhenResident(long key, Action ready)
    {
        if (Memory.Touch(key))
        {
            ready();
            return true;
        }

        if (_loading.TryGetValue(key, out List<Action>? others))
        {
            others.Add(ready);
            return false;
        }

        _loading.Add(key, [ready]);
        Loads++;
        Receive(options.LoadBytes / options.Shards, () => Compute(options.LoadSeconds / options.Shards, () => Loaded(key)));
        return false;
    }

    /// <summary>Takes a core for some seconds, when one is free.</summary>
    public void Compute(double seconds, Action done)
    {
        if (_busy < options.Cores)
        {
            Start(seconds, done);
        }
        else
        {
            _waiting.Enqueue((seconds, done));
        }
    }

    /// <summary>Sends bytes, after those before them.</summary>
    public void Send(double bytes, Action done) => Transfer(ref _outFreeAt, bytes, done);

    /// <summary>The machine dies with all that is in memory.</summary>
    public void Fail()
    {
        IsUp = false;
        _lives++;
        Memory.Clear();
        _waiting.Clear();
        _loading.Clear();
        (_busy, _outFreeAt, _inFreeAt) = (0, 0, 0);
        Action[] lost = [.. _visits.Values];
        _visits.Clear();
        foreach (Action visitor in lost)
        {
            visitor();
        }
    }

    /// <summary>It is back, with nothing in memory.</summary>
    public void Return() => IsUp = true;

    private void Loaded(long key)
    {
        Memory.Add(key, options.SceneBytes / options.Shards);
        _loading.Remove(key, out List<Action>? waiting);
        foreach (Action ready in waiting!)
        {
            ready();
        }
    }

    private void Start(double seconds, Action done)
    {
        _busy++;
        CoreSeconds += seconds;
        WhileAlive(loop.Now + seconds, () =>
        {
            _busy--;
            if (_waiting.TryDequeue(out (double Seconds, Action Done) next))
            {
                Start(next.Seconds, next.Done);
            }

            done();
        });
    }

    private void Receive(double bytes, Action done) => Transfer(ref _inFreeAt, bytes, done);

    private void Transfer(ref double freeAt, double bytes, Action done)
    {
        freeAt = Math.Max(freeAt, loop.Now) + bytes / options.LinkBytesPerSecond;
        WhileAlive(freeAt, done);
    }

    private void WhileAlive(double time, Action action)
    {
        int life = _lives;
        loop.At(time, () =>
        {
            if (life == _lives)
            {
                action();
            }
        });
    }
}
