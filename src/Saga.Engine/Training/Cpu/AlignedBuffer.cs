using System.Runtime.InteropServices;

namespace Saga.Engine.Training.Cpu;

/// <summary>Native memory aligned to a cache line that grows and never shrinks; reused from iteration to iteration.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private void* _memory;
    private nuint _capacity;

    ~AlignedBuffer() => Free();

    /// <summary>The memory.</summary>
    public T* Pointer => (T*)_memory;

    /// <summary>Makes room for a number of elements; the contents are undefined afterwards.</summary>
    public T* Ensure(long count)
    {
        nuint bytes = (nuint)count * (nuint)sizeof(T);
        if (bytes > _capacity)
        {
            Free();
            _memory = NativeMemory.AlignedAlloc(bytes, 64);
            _capacity = bytes;
        }

        return Pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _capacity = 0;
    }
}
