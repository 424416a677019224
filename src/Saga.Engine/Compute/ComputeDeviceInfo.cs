namespace Saga.Engine.Compute;

/// <summary>A device that OpenCL knows.</summary>
/// <param name="Index">Its number: <c>opencl:0</c> is the first.</param>
/// <param name="Name">As its driver calls it.</param>
/// <param name="Platform">The driver's name.</param>
/// <param name="DriverVersion">The driver's version.</param>
/// <param name="IsGpu">Whether it is a graphics processor; the processor itself may be a device too.</param>
/// <param name="ComputeUnits">Units that work side by side.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="MaxAllocationBytes">The largest piece of it.</param>
/// <param name="Missing">Why it cannot be used, for a person to read; null where it can.</param>
public sealed record ComputeDeviceInfo(
    int Index,
    string Name,
    string Platform,
    string DriverVersion,
    bool IsGpu,
    int ComputeUnits,
    long MemoryBytes,
    long MaxAllocationBytes,
    string? Missing)
{
    internal nint Handle { get; init; }

    /// <summary>Whether it shares the processor's memory, as graphics processors inside of processors do.</summary>
    public bool SharesMemory { get; init; }
}
