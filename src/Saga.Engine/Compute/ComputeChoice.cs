using System.Globalization;

namespace Saga.Engine.Compute;

/// <summary>Which device is wanted: <c>auto</c>, <c>cpu</c>, or <c>opencl:N</c> by its number.</summary>
/// <param name="Wanted">The text.</param>
/// <param name="Index">The device's number; null for <c>auto</c> and <c>cpu</c>.</param>
public sealed record ComputeChoice(string Wanted, int? Index)
{
    private const string Auto = "auto";
    private const string Cpu = "cpu";
    private const string Prefix = "opencl:";

    /// <summary>Reads a choice; null where the text is none.</summary>
    public static ComputeChoice? TryParse(string text)
    {
        string wanted = text.Trim().ToLowerInvariant();
        return wanted is Auto or Cpu ? new ComputeChoice(wanted, null)
            : wanted.StartsWith(Prefix, StringComparison.Ordinal)
                && int.TryParse(wanted.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                ? new ComputeChoice(wanted, index)
                : null;
    }

    /// <summary>
    /// Opens it: <c>auto</c> takes the graphics processor with the most memory of its own, never the processor by way of OpenCL, which is
    /// slower than this program's own code for it.
    /// </summary>
    /// <param name="budgetBytes">Most bytes to hold; 0 for four fifths of its memory.</param>
    /// <returns>The device, or null and why the CPU computes, for a log.</returns>
    public (ComputeDevice? Device, string Reason) Open(long budgetBytes)
    {
        if (Wanted == Cpu)
        {
            return (null, "the configuration says cpu");
        }

        IReadOnlyList<ComputeDeviceInfo> all = ComputeDevice.List();
        ComputeDeviceInfo? chosen = Index is { } index
            ? all.FirstOrDefault(device => device.Index == index)
            : all.Where(device => device.IsGpu && device.Missing is null).MaxBy(device => (!device.SharesMemory, device.MemoryBytes));
        if (chosen is null)
        {
            return (null, Index is null ? Describe(all, "no graphics processor can be used") : Describe(all, $"there is no device {Wanted}"));
        }

        try
        {
            return (ComputeDevice.Open(chosen, budgetBytes), "");
        }
        catch (ComputeException error)
        {
            return (null, error.Message);
        }
    }

    private static string Describe(IReadOnlyList<ComputeDeviceInfo> all, string what) => all.Count == 0
        ? $"{what}: OpenCL finds no device"
        : $"{what}; OpenCL finds {string.Join(", ", all.Select(d => $"opencl:{d.Index} {d.Name}{(d.Missing is null ? "" : $" ({d.Missing})")}"))}";
}
