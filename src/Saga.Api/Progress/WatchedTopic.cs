namespace Saga.Api.Progress;

/// <summary>A job or a scene that at least one connection watches.</summary>
internal sealed class WatchedTopic(Guid id, bool isJob)
{
    private readonly Lock _lock = new();
    private bool _dirty;
    private bool _pumping;

    public Guid Id { get; } = id;

    public bool IsJob { get; } = isJob;

    /// <summary>SignalR group of the watchers.</summary>
    public string Group { get; } = GroupOf(id);

    /// <summary>Held while a state is read and sent, so that no client gets an older state after a newer one.</summary>
    public SemaphoreSlim Sending { get; } = new(1, 1);

    /// <summary>Connections that watch; guarded by <see cref="WatchList"/>.</summary>
    public int Watchers { get; set; }

    /// <summary>Last thing sent to all; guarded by <see cref="Sending"/>.</summary>
    public object? LastSent { get; set; }

    public static string GroupOf(Guid id) => id.ToString("N");

    /// <summary>Notes a change. True for the caller who must now pump until <see cref="EndPump"/> says so.</summary>
    public bool BeginPump()
    {
        lock (_lock)
        {
            _dirty = true;
            return !_pumping && (_pumping = true);
        }
    }

    /// <summary>Call before reading the state that will be sent.</summary>
    public void Clean()
    {
        lock (_lock)
        {
            _dirty = false;
        }
    }

    /// <summary>False when a change came meanwhile and must still be sent.</summary>
    public bool EndPump()
    {
        lock (_lock)
        {
            _pumping = _dirty;
            return !_pumping;
        }
    }
}
