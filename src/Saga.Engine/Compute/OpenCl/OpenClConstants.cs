namespace Saga.Engine.Compute.OpenCl;

/// <summary>Numbers of the OpenCL headers.</summary>
internal static class OpenClConstants
{
    public const int Success = 0;
    public const int DeviceNotAvailable = -2;
    public const int AllocationFailure = -4;
    public const int OutOfResources = -5;
    public const int OutOfHostMemory = -6;
    public const int InvalidContext = -34;
    public const int InvalidQueue = -36;

    public const ulong AllDevices = 0xFFFFFFFF;
    public const ulong TypeGpu = 1 << 2;
    public const ulong ReadWrite = 1 << 0;

    public const uint PlatformName = 0x0902;

    public const uint DeviceType = 0x1000;
    public const uint DeviceComputeUnits = 0x1002;
    public const uint DeviceMaxAllocation = 0x1010;
    public const uint DeviceSingleConfig = 0x101B;
    public const uint DeviceMemory = 0x101F;
    public const uint DeviceLittleEndian = 0x1026;
    public const uint DeviceAvailable = 0x1027;
    public const uint DeviceCompilerAvailable = 0x1028;
    public const uint DeviceName = 0x102B;
    public const uint DeviceHostUnifiedMemory = 0x1035;
    public const uint DriverVersion = 0x102D;
    public const uint DeviceVersion = 0x102F;
    public const uint DeviceDoubleConfig = 0x1032;
    public const uint DeviceMaxWorkGroup = 0x1004;

    public const ulong ConfigDenormals = 1 << 0;
    public const ulong ConfigFma = 1 << 5;
    public const ulong ConfigCorrectDivideSqrt = 1 << 7;

    public const uint BuildLog = 0x1183;
}
