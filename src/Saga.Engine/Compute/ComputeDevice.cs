using Saga.Engine.Compute.OpenCl;

namespace Saga.Engine.Compute;

/// <summary>An opened compute device: what scenes, prompts, pictures and training may use instead of the CPU.</summary>
/// <remarks>Safe to share between threads. Dispose it after everything that was made with it.</remarks>
public sealed class ComputeDevice : IDisposable
{
    // The driver and other programs need some, and pieces do not fill a memory without gaps.
    private const double UsualShare = 0.8;

    private ComputeDevice(ComputeDeviceInfo info, OpenClContext context)
    {
        Info = info;
        Context = context;
    }

    /// <summary>What the device is.</summary>
    public ComputeDeviceInfo Info { get; }

    /// <summary>Most bytes of its memory that may be held.</summary>
    public long BudgetBytes => Context.Budget;

    /// <summary>Bytes of its memory that are held now.</summary>
    public long Bytes => Context.Bytes;

    /// <summary>True from the moment when it did not answer any more.</summary>
    public bool IsLost => Context.IsLost;

    /// <summary>How often something had to leave its memory for something else.</summary>
    public long Evictions => Residents.Evictions;

    /// <summary>Scenes in its memory.</summary>
    public int ResidentCount => Residents.Count;

    internal OpenClContext Context { get; }

    internal DeviceResidents Residents { get; } = new();

    /// <summary>All devices, usable or not; none where OpenCL is not installed.</summary>
    public static IReadOnlyList<ComputeDeviceInfo> List() => OpenClDevices.List();

    /// <summary>Opens a device.</summary>
    /// <param name="info">One of <see cref="List"/>.</param>
    /// <param name="budgetBytes">Most bytes to hold; 0 for four fifths of its memory.</param>
    /// <exception cref="ComputeException">It cannot be used; the message says why.</exception>
    public static ComputeDevice Open(ComputeDeviceInfo info, long budgetBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentOutOfRangeException.ThrowIfNegative(budgetBytes);
        if (info.Missing is { } missing)
        {
            throw new ComputeException($"The device opencl:{info.Index} ({info.Name}) cannot be used: {missing}.");
        }

        long budget = budgetBytes > 0 ? budgetBytes : (long)(UsualShare * info.MemoryBytes);
        OpenClContext context = OpenClContext.Create(info, budget);
        if (ArithmeticProbe.Difference(context) is { } difference)
        {
            context.Dispose();
            throw new ComputeException(
                $"The device opencl:{info.Index} ({info.Name}) cannot be used: it does not compute as this processor does; {difference}.");
        }

        context.Trim();
        return new ComputeDevice(info, context);
    }

    /// <inheritdoc/>
    public void Dispose() => Context.Dispose();
}
