namespace Saga.Engine.Compute.OpenCl;

/// <summary>One argument of a kernel: a buffer, no buffer, a number, or the size of memory that a group shares.</summary>
internal readonly struct KernelArgument
{
    private KernelArgument(ulong bits, int size, bool isLocal = false) => (Bits, Size, IsLocal) = (bits, size, isLocal);

    /// <summary>The value, little-endian.</summary>
    public ulong Bits { get; }

    /// <summary>Bytes of the value.</summary>
    public int Size { get; }

    /// <summary>Whether memory of <see cref="Size"/> bytes is meant instead of a value.</summary>
    public bool IsLocal { get; }

    public static implicit operator KernelArgument(OpenClBuffer? buffer) =>
        new((ulong)(buffer?.DangerousGetHandle() ?? 0), IntPtr.Size);

    public static implicit operator KernelArgument(int value) => new((uint)value, sizeof(int));

    public static implicit operator KernelArgument(ulong value) => new(value, sizeof(ulong));

    public static implicit operator KernelArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), sizeof(float));

    public static implicit operator KernelArgument(double value) => new(BitConverter.DoubleToUInt64Bits(value), sizeof(double));

    /// <summary>Memory that the work items of a group share.</summary>
    public static KernelArgument Local(int bytes) => new(0, bytes, isLocal: true);
}
