using System.Globalization;

namespace Saga.Benchmarks.Fleet;

/// <summary>What <c>benchmarks/README.md</c> says was measured of the real service on two cores, and the same simulated.</summary>
internal static class ServiceCheck
{
    private const int ServiceCores = 2;

    // Of bench http, in which clients and service share the cores; and of bench prompt, in which two threads share a prompt.
    private const double SmallestEngineMilliseconds = 0.12;
    private const double SmallestPromptsPerSecond = 3613;

    /// <summary>A measured row.</summary>
    /// <param name="Gaussians">Size of the scene.</param>
    /// <param name="EngineMilliseconds">A prompt in the process, wall time of two threads.</param>
    /// <param name="Clients">Clients that ask all the time.</param>
    /// <param name="PromptsPerSecond">Answers a second.</param>
    /// <param name="SlowestMilliseconds">p99; null where the table does not say.</param>
    internal sealed record Row(
        int Gaussians, double EngineMilliseconds, int Clients, double PromptsPerSecond, double? SlowestMilliseconds = null);

    /// <summary>The measured rows, but the one that the request's part is taken from: 100,000 Gaussians, 32 clients.</summary>
    public static IReadOnlyList<Row> Measured { get; } =
    [
        new(300_000, 0.42, 8, 1574),
        new(300_000, 0.42, 32, 1602, 35),
        new(1_000_000, 1.7, 8, 475),
        new(1_000_000, 1.7, 32, 536, 90),
        new(3_000_000, 4.0, 8, 216),
        new(3_000_000, 4.0, 32, 215, 228),
    ];

    /// <summary>Share of the soak's prompts that loaded their scene, as measured: seven of ten.</summary>
    public const double SoakLoads = 0.7;

    /// <summary>Core-seconds of a request around the engine, client included.</summary>
    public static double RequestSeconds => ServiceCores * (1 / SmallestPromptsPerSecond - SmallestEngineMilliseconds / 1000);

    /// <summary>Simulates a row: foretold from the engine's time and the smallest scene's request.</summary>
    public static FleetResult Simulate(Row row) => FleetSimulation.Run(new FleetOptions
    {
        Cores = ServiceCores,
        Clients = row.Clients,
        PromptSeconds = ServiceCores * row.EngineMilliseconds / 1000 + RequestSeconds,
        Shape = WorkShape.LogNormal,
        Variation = ServiceTimes.Recorded.PromptVariation,
        UncountedPrompts = 1000,
        Prompts = 20_000,
        WarmUpTouches = 1,
    });

    /// <summary>
    /// Simulates the soak: 1,000 scenes of 20,000 Gaussians, memory for 100 at 120 bytes a Gaussian, half of the prompts to a tenth of
    /// the scenes, 32 clients.
    /// </summary>
    public static FleetResult SimulateSoak() => FleetSimulation.Run(new FleetOptions
    {
        Cores = ServiceCores,
        Clients = 32,
        Popularity = ScenePopularity.Hot(1000, 100, 0.5),
        SceneBytes = (long)(20_000 * ServiceTimes.Recorded.MemoryBytes),
        MemoryBytes = 20_000 * 120 * 100,
        PromptSeconds = ServiceTimes.Recorded.WholePrompt(20_000),
        LoadSeconds = 20_000 * ServiceTimes.Recorded.LoadSecondsPerGaussian,
        WarmUpTouches = 10_000,
        Prompts = 60_000,
    });

    /// <summary>Prints both.</summary>
    public static void Write()
    {
        Console.WriteLine("| the service, measured and simulated | measured | simulated | p99 ms, measured | simulated |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (Row row in Measured)
        {
            FleetResult result = Simulate(row);
            string slowest = row.SlowestMilliseconds?.ToString(CultureInfo.InvariantCulture) ?? "–";
            Console.WriteLine(
                FormattableString.Invariant($"| {row.Gaussians} Gaussians, {row.Clients} clients, prompts/s | {row.PromptsPerSecond:0} | ")
                + FormattableString.Invariant($"{result.PromptsPerSecond:0} | {slowest} | {result.Percentile(0.99) * 1e3:0} |"));
        }

        FleetResult soak = SimulateSoak();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| soak, share of prompts that loaded | {SoakLoads:0.00} | {soak.Loads / (double)soak.Answers.Count:0.00} | – | – |"));
        Console.WriteLine();
    }
}
