namespace Saga.Engine.Compute;

/// <summary>
/// One scene's share of a device: there while the device has room, and used then; else the caller does the same on the CPU.
/// </summary>
/// <remarks>
/// Out of memory: what is least recently used leaves; where that is not enough the CPU answers, and every
/// <see cref="UsesBeforeReturn"/> uses it is tried again, so that scenes that are asked much come back. A lost device is not asked
/// again. Nothing that a device does makes a use fail.
/// </remarks>
/// <typeparam name="T">What lies on the device.</typeparam>
/// <param name="device">The device.</param>
/// <param name="bytes">Bytes that it takes there; what can never fit makes nothing leave.</param>
/// <param name="upload">Brings it there; may run several times.</param>
/// <param name="failed">Told when the CPU has to take over.</param>
internal sealed class DeviceShare<T>(ComputeDevice device, long bytes, Func<T> upload, Action<ComputeException>? failed)
    where T : class, IDisposable
{
    /// <summary>A scene that left is brought back when it was used so often without it: an upload costs some uses.</summary>
    public const int UsesBeforeReturn = 8;

    private readonly Lock _lock = new();
    private DeviceResidents.Resident? _resident;
    private int _usesWithout = UsesBeforeReturn;
    private bool _released;

    /// <summary>Whether it is on the device now.</summary>
    public bool IsResident => _resident is { HasLeft: false };

    /// <summary>Brings it to the device now instead of at its first use.</summary>
    public void Prepare() => TryUse(_ => { });

    /// <summary>Uses it on the device.</summary>
    /// <param name="use">May run several times; the last one counts.</param>
    /// <returns>False where that was not possible: the caller does it on the CPU.</returns>
    public bool TryUse(Action<T> use)
    {
        if (device.IsLost)
        {
            return false;
        }

        DeviceResidents.Resident? resident = null;
        try
        {
            resident = Enter();
            if (resident is null)
            {
                return false;
            }

            Use(use, (T)resident.Value);
            return true;
        }
        catch (ComputeException error)
        {
            failed?.Invoke(error);
            return false;
        }
        finally
        {
            if (resident is not null)
            {
                device.Residents.Leave(resident);
            }
        }
    }

    /// <summary>Gives the device's memory back for good.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _released = true;
            if (_resident is not null)
            {
                device.Residents.Remove(_resident);
            }
        }
    }

    // What a use needs for itself may not fit beside the scenes.
    private void Use(Action<T> use, T value)
    {
        for (bool mayTrim = true; ;)
        {
            try
            {
                use(value);
                return;
            }
            catch (ComputeMemoryException) when (device.Residents.TryMakeRoom(device, ref mayTrim))
            {
                // Once more.
            }
        }
    }

    private DeviceResidents.Resident? Enter()
    {
        lock (_lock)
        {
            if (_released)
            {
                return null;
            }

            if (_resident is not null && device.Residents.TryEnter(_resident))
            {
                return _resident;
            }

            if (_usesWithout < UsesBeforeReturn)
            {
                _usesWithout++;
                return null;
            }

            _usesWithout = 0;
            if (bytes > device.BudgetBytes)
            {
                throw new ComputeMemoryException(
                    $"A scene needs {bytes} bytes of the device's memory, more than the {device.BudgetBytes} that may be held there.");
            }

            return _resident = device.Residents.Admit(device, upload);
        }
    }
}
