using System.Diagnostics;
using System.Globalization;

namespace Saga.Benchmarks.Compute;

/// <summary>One piece of work on the CPU and on a device.</summary>
/// <param name="Gaussians">Size of the scene.</param>
/// <param name="Name">What it is.</param>
/// <param name="Bytes">Least bytes of memory that the device must move: the roofline. 0 where arithmetic decides.</param>
/// <param name="OnCpu">Does it on the CPU; gets the number of the round.</param>
/// <param name="OnDevice">Does it on the device.</param>
/// <param name="Compare">Says how the answers of a round compare.</param>
internal sealed record DeviceWork(
    int Gaussians, string Name, double Bytes, Action<int> OnCpu, Action<int> OnDevice, Func<string> Compare)
{
    /// <summary>A row of the table: medians, after a first round that does not count.</summary>
    public string Measure(int rounds)
    {
        OnCpu(-1);
        OnDevice(-1);
        string answers = Compare();
        var cpu = new double[rounds];
        var device = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            cpu[round] = Time(OnCpu, round);
            device[round] = Time(OnDevice, round);
        }

        double median = Median(device);
        string speed = Bytes > 0 ? (Bytes / median / 1e6).ToString("0.0", CultureInfo.InvariantCulture) : "–";
        string moved = Bytes > 0 ? (Bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture) : "–";
        return string.Create(
            CultureInfo.InvariantCulture, $"| {Gaussians} | {Name} | {Median(cpu):0.00} | {median:0.00} | {moved} | {speed} | {answers} |");
    }

    private static double Time(Action<int> work, int round)
    {
        long start = Stopwatch.GetTimestamp();
        work(round);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
