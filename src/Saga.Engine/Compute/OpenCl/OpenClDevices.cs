using System.Text;
using static Saga.Engine.Compute.OpenCl.OpenClConstants;

namespace Saga.Engine.Compute.OpenCl;

/// <summary>Finds the devices of all drivers.</summary>
internal static unsafe class OpenClDevices
{
    /// <summary>Work items of the largest group that a kernel here asks for: the pixels of a tile.</summary>
    public const int LargestGroup = 256;

    // Asked once: drivers start at the first question, and some crash when two threads ask it at once.
    private static readonly Lazy<IReadOnlyList<ComputeDeviceInfo>> Found = new(Find);

    private static bool HostFuses => System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported;

    /// <summary>All devices in the order of their drivers; none where OpenCL is not installed.</summary>
    public static IReadOnlyList<ComputeDeviceInfo> List() => Found.Value;

    private static List<ComputeDeviceInfo> Find()
    {
        try
        {
            var found = new List<ComputeDeviceInfo>();
            foreach (nint platform in Platforms())
            {
                string name = Text((size, value, needed) => OpenClNative.GetPlatformInfo(platform, PlatformName, size, value, needed));
                foreach (nint device in Devices(platform))
                {
                    found.Add(Describe(found.Count, name, device));
                }
            }

            return found;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return [];
        }
    }

    private delegate int Query(nuint size, void* value, nuint* needed);

    private static nint[] Platforms()
    {
        // An installed loader without any driver answers with an error, which means none.
        uint count = 0;
        if (OpenClNative.GetPlatformIds(0, null, &count) != Success || count == 0)
        {
            return [];
        }

        var platforms = new nint[count];
        fixed (nint* first = platforms)
        {
            return OpenClNative.GetPlatformIds(count, first, null) == Success ? platforms : [];
        }
    }

    private static nint[] Devices(nint platform)
    {
        uint count = 0;
        if (OpenClNative.GetDeviceIds(platform, AllDevices, 0, null, &count) != Success || count == 0)
        {
            return [];
        }

        var devices = new nint[count];
        fixed (nint* first = devices)
        {
            return OpenClNative.GetDeviceIds(platform, AllDevices, count, first, null) == Success ? devices : [];
        }
    }

    private static ComputeDeviceInfo Describe(int index, string platform, nint device)
    {
        string Get(uint name) => Text((size, value, needed) => OpenClNative.GetDeviceInfo(device, name, size, value, needed));
        ulong Number(uint name)
        {
            // Numbers have four or eight bytes; all devices here are little-endian or refused.
            ulong value = 0;
            return OpenClNative.GetDeviceInfo(device, name, sizeof(ulong), &value, null) == Success ? value : 0;
        }

        return new ComputeDeviceInfo(
            index, Get(DeviceName), platform, Get(DriverVersion), (Number(DeviceType) & TypeGpu) != 0, (int)(uint)Number(DeviceComputeUnits),
            (long)Number(DeviceMemory), (long)Number(DeviceMaxAllocation), Missing(Number, Get(DeviceVersion)))
        {
            Handle = device,
            SharesMemory = (uint)Number(DeviceHostUnifiedMemory) != 0,
        };
    }

    /// <summary>
    /// Selections are the CPU's bit for bit, which needs its arithmetic: rounding to the nearest in division and root, fused
    /// products, small numbers that are not flushed, and double precision where positions are projected.
    /// </summary>
    private static string? Missing(Func<uint, ulong> number, string version)
    {
        ulong single = number(DeviceSingleConfig);
        return (uint)number(DeviceAvailable) == 0 ? "it is not available"
            : (uint)number(DeviceCompilerAvailable) == 0 ? "its driver has no compiler"
            : (uint)number(DeviceLittleEndian) == 0 ? "it is big-endian"
            : !IsAtLeast12(version) ? $"it has {version}, and 1.2 is needed"
            : number(DeviceDoubleConfig) == 0 ? "it has no double precision"
            : (single & ConfigCorrectDivideSqrt) == 0 ? "it does not round division and square root correctly"
            : (single & ConfigDenormals) == 0 ? "it flushes small numbers to zero"
            : (single & ConfigFma) == 0 ? "it has no fused multiply-add"
            : !HostFuses ? "this processor has no fused multiply-add, so its own pictures and rows differ"
            : number(DeviceMaxWorkGroup) < LargestGroup ? $"it has groups of fewer than {LargestGroup} work items"
            : null;
    }

    /// <param name="version">«OpenCL 3.0 and more».</param>
    private static bool IsAtLeast12(string version)
    {
        string[] words = version.Split(' ');
        return words.Length > 1 && Version.TryParse(words[1], out Version? parsed) && parsed >= new Version(1, 2);
    }

    private static string Text(Query query)
    {
        nuint size = 0;
        if (query(0, null, &size) != Success || size == 0)
        {
            return "";
        }

        byte[] bytes = new byte[(int)size];
        fixed (byte* first = bytes)
        {
            return query(size, first, null) == Success ? Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim() : "";
        }
    }
}
