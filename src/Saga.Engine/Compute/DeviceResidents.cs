namespace Saga.Engine.Compute;

/// <summary>What lies in a device's memory for later use: least recently used first out when it runs short, never while in use.</summary>
internal sealed class DeviceResidents
{
    private readonly Lock _lock = new();
    private readonly List<Resident> _residents = [];
    private long _clock;
    private long _evictions;

    /// <summary>How often something had to leave.</summary>
    public long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>How much is there.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _residents.Count;
            }
        }
    }

    /// <summary>Brings something into the device's memory; what is unused leaves until it fits.</summary>
    /// <param name="device">The device.</param>
    /// <param name="upload">May run several times.</param>
    /// <returns>In use until <see cref="Leave"/>.</returns>
    /// <exception cref="ComputeMemoryException">It does not fit beside what is in use.</exception>
    public Resident Admit(ComputeDevice device, Func<IDisposable> upload)
    {
        for (bool mayTrim = true; ;)
        {
            try
            {
                var resident = new Resident(upload()) { Users = 1 };
                lock (_lock)
                {
                    resident.LastUsed = ++_clock;
                    _residents.Add(resident);
                }

                return resident;
            }
            catch (ComputeMemoryException) when (TryMakeRoom(device, ref mayTrim))
            {
                // Once more.
            }
        }
    }

    /// <summary>Begins a use, unless it has left.</summary>
    public bool TryEnter(Resident resident)
    {
        lock (_lock)
        {
            if (resident.HasLeft)
            {
                return false;
            }

            resident.Users++;
            resident.LastUsed = ++_clock;
            return true;
        }
    }

    /// <summary>Ends a use.</summary>
    public void Leave(Resident resident)
    {
        lock (_lock)
        {
            resident.Users--;
            if (resident.Users > 0 || !resident.HasLeft)
            {
                return;
            }
        }

        resident.Value.Dispose();
    }

    /// <summary>Takes something out for good, at once or when its last use ends.</summary>
    public void Remove(Resident resident)
    {
        lock (_lock)
        {
            if (resident.HasLeft)
            {
                return;
            }

            resident.HasLeft = true;
            _residents.Remove(resident);
            if (resident.Users > 0)
            {
                return;
            }
        }

        resident.Value.Dispose();
    }

    /// <summary>Gives up what sessions keep for their next use; where that is nothing, what was used least recently leaves.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mayTrim">
    /// Whether the first is still to be tried, once for each purpose: what fails keeps memory again.
    /// </param>
    /// <returns>False where everything that is left is in use.</returns>
    public bool TryMakeRoom(ComputeDevice device, ref bool mayTrim)
    {
        if (mayTrim)
        {
            mayTrim = false;
            if (device.Context.Trim())
            {
                return true;
            }
        }

        Resident? oldest;
        lock (_lock)
        {
            oldest = _residents.Where(r => r.Users == 0).MinBy(r => r.LastUsed);
            if (oldest is null)
            {
                return false;
            }

            oldest.HasLeft = true;
            _residents.Remove(oldest);
            _evictions++;
        }

        oldest.Value.Dispose();
        return true;
    }

    /// <summary>One thing.</summary>
    internal sealed class Resident(IDisposable value)
    {
        public IDisposable Value { get; } = value;

        public int Users { get; set; }

        public long LastUsed { get; set; }

        public bool HasLeft { get; set; }
    }
}
