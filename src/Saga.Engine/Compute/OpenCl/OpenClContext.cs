using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using static Saga.Engine.Compute.OpenCl.OpenClConstants;

namespace Saga.Engine.Compute.OpenCl;

/// <summary>A device's context and program, the count of its memory, and the sessions in which callers use it.</summary>
internal sealed unsafe class OpenClContext : IDisposable
{
    // FP_CONTRACT is switched off in the source. Without this option divisions may be off by 2.5 units in the last place.
    private const string BuildOptions = "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt";

    private const int MostSessions = 4;

    private static readonly Lock Starting = new();

    private readonly ConcurrentBag<OpenClSession> _idle = [];
    private readonly nint _device;
    private readonly nint _context;
    private readonly long _maxAllocation;
    private readonly Lock _buildLock = new();
    private readonly SemaphoreSlim _places = new(MostSessions);
    private readonly Dictionary<int, OpenClProgram> _training = [];
    private long _bytes;
    private volatile bool _lost;

    private OpenClContext(ComputeDeviceInfo info, nint context, OpenClProgram scene, long budget)
    {
        (_device, _context, _maxAllocation) = (info.Handle, context, info.MaxAllocationBytes);
        Scene = scene;
        Budget = budget;
    }

    /// <summary>The kernels of pictures, rows and prompts.</summary>
    public OpenClProgram Scene { get; }

    /// <summary>Most bytes of buffers.</summary>
    public long Budget { get; }

    /// <summary>Bytes of buffers now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Whether the device did not answer once.</summary>
    public bool IsLost => _lost;

    public static OpenClContext Create(ComputeDeviceInfo info, long budget)
    {
        // Compilers of drivers are started one at a time, whichever device they are for.
        lock (Starting)
        {
            return CreateAlone(info, budget);
        }
    }

    private static OpenClContext CreateAlone(ComputeDeviceInfo info, long budget)
    {
        nint device = info.Handle;
        int error;
        nint context = OpenClNative.CreateContext(null, 1, &device, 0, 0, &error);
        if (error != Success)
        {
            throw new ComputeException(Failure("clCreateContext", error));
        }

        try
        {
            return new OpenClContext(info, context, Build(context, device, KernelSources.Scene()), budget);
        }
        catch
        {
            _ = OpenClNative.ReleaseContext(context);
            throw;
        }
    }

    /// <summary>
    /// Rents a session: a queue, its kernels and what it keeps between uses. Dispose it to give it back. Waits where many have one: a
    /// device gains nothing by more, and each keeps memory of its own.
    /// </summary>
    /// <exception cref="ComputeDeviceLostException">The device is lost.</exception>
    public OpenClSession Rent()
    {
        RequirePresence();
        _places.Wait();
        try
        {
            return Take(isCounted: true);
        }
        catch
        {
            _places.Release();
            throw;
        }
    }

    /// <summary>Rents a session beside those: for a training, which has it for long, and for copies while another is held.</summary>
    public OpenClSession RentBeside()
    {
        RequirePresence();
        return Take(isCounted: false);
    }

    /// <summary>Takes a piece of the device's memory; its contents are undefined.</summary>
    /// <param name="bytes">At least 1 is taken.</param>
    /// <exception cref="ComputeMemoryException">It is not to be had now.</exception>
    /// <exception cref="ComputeException">The device gives no piece so large.</exception>
    public OpenClBuffer Allocate(long bytes)
    {
        RequirePresence();
        bytes = Math.Max(bytes, 4);
        if (bytes > _maxAllocation)
        {
            throw new ComputeException(string.Create(
                CultureInfo.InvariantCulture, $"{bytes} bytes in one piece were asked for; the device gives at most {_maxAllocation}."));
        }

        if (Interlocked.Add(ref _bytes, bytes) > Budget)
        {
            Interlocked.Add(ref _bytes, -bytes);
            throw new ComputeMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"{bytes} bytes of the device's memory were asked for; {Bytes} of {Budget} are taken."));
        }

        int error;
        nint handle = OpenClNative.CreateBuffer(_context, ReadWrite, (nuint)bytes, 0, &error);
        if (error != Success)
        {
            Interlocked.Add(ref _bytes, -bytes);
            Check("clCreateBuffer", error == OutOfResources ? AllocationFailure : error);
        }

        return new OpenClBuffer(this, handle, bytes);
    }

    /// <summary>Takes memory and fills it.</summary>
    public OpenClBuffer Upload<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        OpenClBuffer buffer = Allocate((long)values.Length * sizeof(T));
        try
        {
            using OpenClSession session = RentBeside();
            session.Write(buffer, values);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>The kernels of training at a feature dimension; built once.</summary>
    public OpenClProgram Training(int channels)
    {
        lock (_buildLock)
        {
            if (!_training.TryGetValue(channels, out OpenClProgram? program))
            {
                using Lock.Scope alone = Starting.EnterScope();
                _training[channels] = program = Build(_context, _device, KernelSources.Training(channels));
            }

            return program;
        }
    }

    /// <summary>For tests: the device behaves as one that was taken away.</summary>
    public void Lose() => _lost = true;

    /// <summary>Turns an error code into what callers act on.</summary>
    /// <param name="call">The call.</param>
    /// <param name="error">What it answered.</param>
    /// <param name="isWait">Whether the call waits for what was started before.</param>
    public void Check(string call, int error, bool isWait = false)
    {
        switch (error)
        {
            case Success when !_lost:
                return;
            case AllocationFailure or OutOfHostMemory:
                throw new ComputeMemoryException(Failure(call, error));

            // Drivers say so of a kernel that died, when its results are waited for.
            case OutOfResources when isWait:
            case Success or DeviceNotAvailable or InvalidContext or InvalidQueue or < -1000:
                _lost = true;
                throw new ComputeDeviceLostException($"The device is lost: {Failure(call, error)}");
            default:
                throw new ComputeException(Failure(call, error));
        }
    }

    /// <summary>Gives up what sessions keep between uses, when memory is short.</summary>
    /// <returns>Whether that was anything.</returns>
    public bool Trim()
    {
        long before = Bytes;
        while (_idle.TryTake(out OpenClSession? session))
        {
            session.Close();
        }

        return Bytes < before;
    }

    public void Dispose()
    {
        // Who comes now finds it lost instead of handles that are gone.
        _lost = true;
        Trim();
        foreach (OpenClProgram program in _training.Values.Append(Scene))
        {
            _ = OpenClNative.ReleaseProgram(program.Handle);
        }

        _ = OpenClNative.ReleaseContext(_context);
    }

    internal void Return(OpenClSession session, bool isCounted)
    {
        if (isCounted)
        {
            _places.Release();
        }

        if (_lost)
        {
            session.Close();
        }
        else
        {
            _idle.Add(session);
        }
    }

    internal void Forget(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    private OpenClSession Take(bool isCounted)
    {
        if (_idle.TryTake(out OpenClSession? idle))
        {
            return idle.Rented(isCounted);
        }

        int error;
        nint queue = OpenClNative.CreateCommandQueue(_context, _device, 0, &error);
        Check("clCreateCommandQueue", error);
        return new OpenClSession(this, queue).Rented(isCounted);
    }

    private void RequirePresence()
    {
        if (_lost)
        {
            throw new ComputeDeviceLostException("The device is lost; a new process finds it again when it is back.");
        }
    }

    private static OpenClProgram Build(nint context, nint device, string text)
    {
        byte[] source = Encoding.ASCII.GetBytes(text);
        int error;
        nint program;
        fixed (byte* start = source)
        {
            byte* first = start;
            nuint length = (nuint)source.Length;
            program = OpenClNative.CreateProgram(context, 1, &first, &length, &error);
        }

        if (error == Success)
        {
            error = OpenClNative.BuildProgram(program, 1, &device, BuildOptions, 0, 0);
        }

        if (error != Success)
        {
            throw new ComputeException($"{Failure("clBuildProgram", error)} {Log(program, device)}");
        }

        return new OpenClProgram(program);
    }

    private static string Log(nint program, nint device)
    {
        nuint size = 0;
        if (OpenClNative.GetProgramBuildInfo(program, device, BuildLog, 0, null, &size) != Success || size == 0)
        {
            return "";
        }

        byte[] log = new byte[(int)size];
        fixed (byte* first = log)
        {
            _ = OpenClNative.GetProgramBuildInfo(program, device, BuildLog, size, first, null);
        }

        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    private static string Failure(string call, int error) => $"{call} answered {error.ToString(CultureInfo.InvariantCulture)}.";
}
