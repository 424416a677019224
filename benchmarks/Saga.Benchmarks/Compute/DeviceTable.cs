using System.Globalization;
using Saga.Cli.CommandLine;
using Saga.Engine.Compute;

namespace Saga.Benchmarks.Compute;

/// <summary><c>bench --device</c>: the table that the owner of a graphics processor fills, with what the roofline says beside it.</summary>
internal static class DeviceTable
{
    private static readonly int[] DefaultSizes = [100_000, 300_000, 1_000_000];

    /// <exception cref="UsageException">An option is wrong.</exception>
    public static void Run(string[] arguments, CancellationToken cancellationToken)
    {
        Arguments parsed = Arguments.Parse(arguments, [], ["gaussians", "rounds", "index"], []);
        int[] sizes = parsed.Text("gaussians")?.Split(',').Select(SizeOf).ToArray() ?? DefaultSizes;
        int rounds = (int)(parsed.Whole("rounds", 3, 10_000) ?? 30);
        IReadOnlyList<ComputeDeviceInfo> devices = ComputeDevice.List();
        if (parsed.Whole("index", 0, 1000) is { } index)
        {
            devices = [.. devices.Where(device => device.Index == index)];
        }

        Console.WriteLine(MachineDescription.ToMarkdown());
        if (devices.Count == 0)
        {
            Console.WriteLine("OpenCL finds no such device here.");
            return;
        }

        foreach (ComputeDeviceInfo info in devices)
        {
            Console.WriteLine(FormattableString.Invariant(
                $"opencl:{info.Index} {info.Name} ({info.Platform}, driver {info.DriverVersion}): {(info.IsGpu ? "graphics processor" : "no graphics processor: for conformance, not for speed")}, {info.ComputeUnits} units, {info.MemoryBytes >> 20} MiB"));
            if (info.Missing is { } missing)
            {
                Console.WriteLine($"It cannot be used: {missing}.");
                continue;
            }

            using ComputeDevice device = ComputeDevice.Open(info);
            Console.WriteLine();
            Console.WriteLine("| Gaussians | what | CPU, ms | device, ms | bytes moved, MB | device, GB/s | answers |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            foreach (int size in sizes)
            {
                foreach (DeviceWork work in DeviceWorks.All(size, device))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Console.WriteLine(work.Measure(rounds));
                }
            }

            Console.WriteLine();
        }
    }

    private static int SizeOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size is >= 1000 and <= 100_000_000
            ? size
            : throw new UsageException($"--gaussians «{text}»: give whole numbers from 1000 to 100000000 with commas between.");
}
