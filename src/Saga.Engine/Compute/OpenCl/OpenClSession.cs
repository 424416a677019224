
namespace Saga.Engine.Compute.OpenCl;

/// <summary>One caller's use of a device: commands run in the order in which they were given. Not for two threads at once.</summary>
internal sealed unsafe class OpenClSession(OpenClContext context, nint queue) : IDisposable
{
    private int _rented;
    private bool _isCounted;

    // Kernel objects hold their arguments, so each session has its own.
    private readonly Dictionary<(OpenClProgram Program, string Name), nint> _kernels = [];
    private readonly Dictionary<string, OpenClBuffer> _kept = [];

    /// <summary>The device.</summary>
    public OpenClContext Context => context;

    /// <summary>Memory that is kept for the next use and grows by doubling; its contents are undefined.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="bytes">Bytes that are needed.</param>
    public OpenClBuffer Keep(string name, long bytes)
    {
        if (_kept.TryGetValue(name, out OpenClBuffer? kept))
        {
            if (kept.Bytes >= bytes)
            {
                return kept;
            }

            _kept.Remove(name);
            kept.Dispose();
            bytes = Math.Max(bytes, Math.Min(2 * kept.Bytes, bytes + (64 << 20)));
        }

        return _kept[name] = context.Allocate(bytes);
    }

    /// <summary>Keeps memory and writes values into it.</summary>
    public OpenClBuffer Keep<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        OpenClBuffer buffer = Keep(name, (long)values.Length * sizeof(T));
        Write(buffer, values);
        return buffer;
    }

    /// <summary>Copies to the device; returns when the source may be changed.</summary>
    public void Write<T>(OpenClBuffer buffer, ReadOnlySpan<T> values, long offsetBytes = 0)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return;
        }

        fixed (T* source = values)
        {
            context.Check("clEnqueueWriteBuffer", OpenClNative.EnqueueWriteBuffer(
                queue, buffer.DangerousGetHandle(), 1, (nuint)offsetBytes, (nuint)((long)values.Length * sizeof(T)), source, 0, null, null), isWait: true);
        }
    }

    /// <summary>Copies from the device, after all commands before.</summary>
    public void Read<T>(OpenClBuffer buffer, Span<T> values, long offsetBytes = 0)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return;
        }

        fixed (T* target = values)
        {
            context.Check("clEnqueueReadBuffer", OpenClNative.EnqueueReadBuffer(
                queue, buffer.DangerousGetHandle(), 1, (nuint)offsetBytes, (nuint)((long)values.Length * sizeof(T)), target, 0, null, null), isWait: true);
        }
    }

    /// <summary>Reads one value.</summary>
    public T Read<T>(OpenClBuffer buffer, long offsetBytes = 0)
        where T : unmanaged
    {
        T value = default;
        Read(buffer, new Span<T>(ref value), offsetBytes);
        return value;
    }

    /// <summary>Sets every four bytes of the beginning of a buffer to a value.</summary>
    public void Fill(OpenClBuffer buffer, uint value, long bytes)
    {
        if (bytes > 0)
        {
            context.Check("clEnqueueFillBuffer", OpenClNative.EnqueueFillBuffer(
                queue, buffer.DangerousGetHandle(), &value, sizeof(uint), 0, (nuint)bytes, 0, null, null));
        }
    }

    /// <summary>Runs a kernel of <see cref="OpenClContext.Scene"/>.</summary>
    public void Run(string name, long items, int group, params ReadOnlySpan<KernelArgument> arguments) =>
        Run(context.Scene, name, items, group, arguments);

    /// <summary>Runs a kernel over so many work items, rounded up to whole groups.</summary>
    /// <param name="program">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="items">Work items; kernels ignore those beyond what they are for.</param>
    /// <param name="group">Work items of a group.</param>
    /// <param name="arguments">In the order of the kernel's parameters.</param>
    public void Run(OpenClProgram program, string name, long items, int group, params ReadOnlySpan<KernelArgument> arguments)
    {
        if (items == 0)
        {
            return;
        }

        nint kernel = Kernel(program, name);
        for (int i = 0; i < arguments.Length; i++)
        {
            ulong bits = arguments[i].Bits;
            context.Check($"clSetKernelArg({name}, {i})", OpenClNative.SetKernelArg(
                kernel, (uint)i, (nuint)arguments[i].Size, arguments[i].IsLocal ? null : &bits));
        }

        nuint local = (nuint)group;
        nuint global = ((nuint)items + local - 1) / local * local;
        context.Check($"clEnqueueNDRangeKernel({name})", OpenClNative.EnqueueKernel(queue, kernel, 1, null, &global, &local, 0, null, null));
    }

    /// <summary>Waits for all commands.</summary>
    public void Finish() => context.Check("clFinish", OpenClNative.Finish(queue), isWait: true);

    /// <summary>Gives the session back, once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, 0) == 1)
        {
            context.Return(this, _isCounted);
        }
    }

    /// <summary>Begins a use of it.</summary>
    internal OpenClSession Rented(bool isCounted)
    {
        _isCounted = isCounted;
        _rented = 1;
        return this;
    }

    /// <summary>Ends it for good.</summary>
    internal void Close()
    {
        foreach (nint kernel in _kernels.Values)
        {
            _ = OpenClNative.ReleaseKernel(kernel);
        }

        foreach (OpenClBuffer buffer in _kept.Values)
        {
            buffer.Dispose();
        }

        _ = OpenClNative.Finish(queue);
        _ = OpenClNative.ReleaseCommandQueue(queue);
    }

    private nint Kernel(OpenClProgram program, string name)
    {
        if (!_kernels.TryGetValue((program, name), out nint kernel))
        {
            _kernels[(program, name)] = kernel = program.CreateKernel(name, context);
        }

        return kernel;
    }
}
