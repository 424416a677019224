using System.Globalization;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Sharding;
using Saga.Cli.CommandLine;

namespace Saga.Benchmarks.Fleet;

/// <summary><c>bench fleet</c>: what fleets of machines would do with many scenes and with scenes larger than one machine, simulated.</summary>
/// <remarks>
/// (1) Measure the engine on this machine, or take the recorded times. (2) Hold the simulation against formulas and against what was
/// measured of the real service. (3) Simulate the fleets of <c>docs/scaling.md</c>.
/// </remarks>
internal static class FleetCommand
{
    private const double Gib = 1L << 30;

    // From «bench http» at 100,000 Gaussians and 32 clients on two cores, less the engine's part; see ServiceCheck.
    private const double RequestMilliseconds = 0.31;

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["times", "small", "large", "request-ms", "seed"], []);
        ServiceTimes times = ServiceTimes.Recorded;
        if (arguments.OneOf("times", "measured", "recorded") == "measured")
        {
            int small = (int)(arguments.Whole("small", 20_000, 10_000_000) ?? 100_000);
            int large = (int)(arguments.Whole("large", 100_000, 10_000_000) ?? 1_000_000);
            Console.WriteLine(MachineDescription.ToMarkdown());
            ShardHalo.Write(ScaledScene.Create(large, shDegree: 3), cancellationToken);
            times = TimesMeasurement.Measure(
                small, large, (arguments.Number("request-ms", 0, 1000) ?? RequestMilliseconds) / 1000, cancellationToken);
        }

        Console.WriteLine(times.ToMarkdown());
        ServiceCheck.Write();
        var scenarios = new FleetScenarios(times, arguments.Whole("seed", 0, long.MaxValue) ?? 0);
        WriteHitRatios();
        Console.WriteLine(FormattableString.Invariant(
            $"Machines of {FleetScenarios.Cores} cores and 10 Gbit/s. A month: a core {FleetPrices.CoreHour * FleetPrices.HoursPerMonth:0.0}, a GiB of memory {FleetPrices.MemoryGibHour * FleetPrices.HoursPerMonth:0.00}, of files {FleetPrices.FileGibMonth}; a GiB sent {FleetPrices.SentGib}: assumed."));
        Console.WriteLine();
        Console.WriteLine("| scenes | prompts/s | machines, GiB | p50 ms | p99 ms | in memory | loads/s | cores in use | scenes' memory, GiB | a month: machines | files | masks sent |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (FleetScenario scenario in scenarios.ManyAtSeveralSizes().Concat(scenarios.OneAtSeveralSizes()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteRow(scenario, FleetSimulation.Run(scenario.Options));
        }

        Console.WriteLine();
        Console.WriteLine("| a machine is dead for 60 s | p99 ms: 20 s before | first 5 s | the next 55 s | 5 s after its return | until 240 s | later |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (FleetScenario scenario in scenarios.WithAFailure())
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteFailure(scenario, FleetSimulation.Run(scenario.Options));
        }

        Console.WriteLine();
    }

    // Che's approximation: of the number of scenes it hardly depends.
    private static void WriteHitRatios()
    {
        const int scenes = 10_000;
        double[] inMemory = [0.1, 0.25, 0.5, 0.75, 0.9];
        Console.WriteLine($"| {scenes} scenes, share of prompts that find theirs in memory | {string.Join(" | ", inMemory.Select(share => share.ToString("0%", CultureInfo.InvariantCulture)))} of the scenes fit |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (double exponent in new[] { 0.6, 0.8, 1.0 })
        {
            double[] shares = ScenePopularity.Zipf(scenes, exponent).Shares;
            IEnumerable<string> ratios = inMemory.Select(
                share => QueueFormulas.HitRatioOfLru(shares, share * scenes).ToString("0.0%", CultureInfo.InvariantCulture));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| Zipf {exponent:0.0} | {string.Join(" | ", ratios)} |"));
        }

        Console.WriteLine();
    }

    private static void WriteRow(FleetScenario scenario, FleetResult result)
    {
        FleetOptions options = scenario.Options;
        string slowest = result.KeepsUp ? (result.Percentile(0.99) * 1e3).ToString("0.0", CultureInfo.InvariantCulture) : "does not keep up";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {scenario.Name} | {options.PromptsPerSecond:0} | {options.Nodes} × {scenario.MemoryGib} | {result.Percentile(0.5) * 1e3:0.0} | {slowest} | ")
            + string.Create(CultureInfo.InvariantCulture,
            $"{result.HitRatio:0.0%} | {result.LoadsPerSecond:0.0} | {result.CoreShare:0%} | {result.PeakBytes / Gib:0} | ")
            + string.Create(CultureInfo.InvariantCulture,
            $"{FleetPrices.Machines(options.Nodes, options.Cores, scenario.MemoryGib):0} | {FleetPrices.Files(scenario.FileBytes):0} | {FleetPrices.Masks(options.PromptsPerSecond, options.MaskBytes):0} |"));
    }

    private static void WriteFailure(FleetScenario scenario, FleetResult result)
    {
        double at = scenario.Options.FailAt;
        double back = at + scenario.Options.FailSeconds;
        string Between(double from, double to) => (result.Percentile(0.99, from, to) * 1e3).ToString("0", CultureInfo.InvariantCulture);
        Console.WriteLine(
            $"| {scenario.Name} | {Between(at - 20, at)} | {Between(at, at + 5)} | {Between(at + 5, back)} | {Between(back, back + 5)} | "
            + $"{Between(back + 5, 2 * back)} | {Between(2 * back, double.PositiveInfinity)} |");
    }
}
