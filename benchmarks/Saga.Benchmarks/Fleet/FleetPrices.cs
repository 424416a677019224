namespace Saga.Benchmarks.Fleet;

/// <summary>Prices that a month is reckoned with. They are assumptions of 2026-11, of no vendor: replace them by yours.</summary>
internal static class FleetPrices
{
    /// <summary>An hour of one virtual processor.</summary>
    public const double CoreHour = 0.04;

    /// <summary>An hour of one GiB of a machine's memory.</summary>
    public const double MemoryGibHour = 0.005;

    /// <summary>A month of one GiB in the shared file store.</summary>
    public const double FileGibMonth = 0.05;

    /// <summary>A GiB sent to clients outside.</summary>
    public const double SentGib = 0.05;

    /// <summary>Hours of a month.</summary>
    public const double HoursPerMonth = 730;

    private const double Gib = 1L << 30;

    /// <summary>Machines for a month.</summary>
    public static double Machines(int nodes, int cores, double memoryGib) =>
        nodes * (cores * CoreHour + memoryGib * MemoryGibHour) * HoursPerMonth;

    /// <summary>Files for a month.</summary>
    public static double Files(double bytes) => bytes / Gib * FileGibMonth;

    /// <summary>Masks sent for a month.</summary>
    public static double Masks(double promptsPerSecond, double bytes) => promptsPerSecond * bytes * 3600 * HoursPerMonth / Gib * SentGib;
}
