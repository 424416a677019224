using System.Globalization;

namespace Saga.Benchmarks.Fleet;

/// <summary>The tables that <c>bench fleet</c> prints.</summary>
internal static class FleetTables
{
    private const double Gib = 1L << 30;

    private static readonly double[] SharesInMemory = [0.1, 0.25, 0.5, 0.75, 0.9];

    private static readonly double[] ZipfExponents = [0.6, 0.8, 1];

    /// <summary>How often scenes are found in memory, by Che's approximation; it hardly depends on their number.</summary>
    public static void WriteHitRatios()
    {
        const int scenes = 10_000;
        IEnumerable<string> fitting = SharesInMemory.Select(share => Text($"{share:0%} fit"));
        WriteHeader([$"{scenes} scenes, share of prompts that find theirs in memory", .. fitting]);
        foreach (double exponent in ZipfExponents)
        {
            double[] shares = ScenePopularity.Zipf(scenes, exponent).Shares;
            WriteRow([
                Text($"Zipf {exponent:0.0}"),
                .. SharesInMemory.Select(share => Text($"{QueueFormulas.HitRatioOfLru(shares, share * scenes):0.0%}"))]);
        }

        Console.WriteLine();
    }

    /// <summary>What a month costs.</summary>
    public static void WritePrices()
    {
        Console.WriteLine($"Machines of {FleetScenarios.Cores} cores and 10 Gbit/s. Prices are assumed; a month:");
        Console.WriteLine(Text($"a core {FleetPrices.CoreHour * FleetPrices.HoursPerMonth:0.0}, ")
            + Text($"a GiB of memory {FleetPrices.MemoryGibHour * FleetPrices.HoursPerMonth:0.00}, ")
            + Text($"a GiB of files {FleetPrices.FileGibMonth}; a GiB sent {FleetPrices.SentGib}."));
        Console.WriteLine();
    }

    /// <summary>Fleets that work.</summary>
    public static void WriteFleets(IEnumerable<FleetScenario> scenarios, CancellationToken cancellationToken)
    {
        WriteHeader([
            "scenes", "prompts/s", "machines, GiB", "p50 ms", "p99 ms", "in memory", "loads/s", "cores in use", "scenes' memory, GiB",
            "a month: machines", "files", "masks sent"]);
        foreach (FleetScenario scenario in scenarios)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FleetOptions options = scenario.Options;
            FleetResult result = FleetSimulation.Run(options);
            WriteRow([
                scenario.Name, Text($"{options.PromptsPerSecond:0}"), $"{options.Nodes} × {scenario.MemoryGib}",
                Text($"{result.Percentile(0.5) * 1e3:0.0}"),
                result.KeepsUp ? Text($"{result.Percentile(0.99) * 1e3:0.0}") : "does not keep up",
                Text($"{result.HitRatio:0.0%}"), Text($"{result.LoadsPerSecond:0.0}"), Text($"{result.CoreShare:0%}"),
                Text($"{result.PeakBytes / Gib:0}"),
                Text($"{FleetPrices.Machines(options.Nodes, options.Cores, scenario.MemoryGib):0}"),
                Text($"{FleetPrices.Files(scenario.FileBytes):0}"),
                Text($"{FleetPrices.Masks(options.PromptsPerSecond, options.MaskBytes):0}")]);
        }

        Console.WriteLine();
    }

    /// <summary>Fleets of which a machine dies.</summary>
    public static void WriteFailures(IEnumerable<FleetScenario> scenarios, CancellationToken cancellationToken)
    {
        WriteHeader([
            "a machine is dead for 60 s; p99 ms", "20 s before", "first 5 s", "the next 55 s", "5 s after its return", "until 240 s",
            "later"]);
        foreach (FleetScenario scenario in scenarios)
        {
            cancellationToken.ThrowIfCancellationRequested();
            FleetResult result = FleetSimulation.Run(scenario.Options);
            double at = scenario.Options.FailAt;
            double back = at + scenario.Options.FailSeconds;
            double[] borders = [at - 20, at, at + 5, back, back + 5, 2 * back, double.PositiveInfinity];
            WriteRow([
                scenario.Name,
                .. borders.Zip(borders.Skip(1), (from, to) => Text($"{result.Percentile(0.99, from, to) * 1e3:0}"))]);
        }

        Console.WriteLine();
    }

    private static void WriteHeader(string[] cells)
    {
        WriteRow(cells);
        WriteRow([.. cells.Select(_ => "---")]);
    }

    private static void WriteRow(string[] cells) => Console.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
