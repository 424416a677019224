using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Sharding;
using Saga.Cli.CommandLine;

namespace Saga.Benchmarks.Fleet;

/// <summary><c>bench fleet</c>: what machines would do with many scenes and with scenes larger than one machine, simulated.</summary>
/// <remarks>
/// (1) Measure the engine on this machine, or take the recorded times. (2) Hold the simulation against what was measured of the real
/// service. (3) Simulate the fleets of <c>docs/scaling.md</c>.
/// </remarks>
internal static class FleetCommand
{
    // From «bench http» at 100,000 Gaussians and 32 clients on two cores, less the engine's part; see ServiceCheck.
    private const double RequestMilliseconds = 0.31;

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["times", "small", "large", "request-ms", "seed"], []);
        ServiceTimes times = arguments.OneOf("times", "measured", "recorded") == "measured"
            ? Measure(arguments, cancellationToken)
            : ServiceTimes.Recorded;
        var scenarios = new FleetScenarios(times, arguments.Whole("seed", 0, long.MaxValue) ?? 0);

        Console.WriteLine(times.ToMarkdown());
        ServiceCheck.Write();
        FleetTables.WriteHitRatios();
        FleetTables.WritePrices();
        FleetTables.WriteFleets(scenarios.ManyAtSeveralSizes().Concat(scenarios.OneAtSeveralSizes()), cancellationToken);
        FleetTables.WriteFailures(scenarios.WithAFailure(), cancellationToken);
    }

    private static ServiceTimes Measure(Arguments arguments, CancellationToken cancellationToken)
    {
        int small = (int)(arguments.Whole("small", 20_000, 10_000_000) ?? 100_000);
        int large = (int)(arguments.Whole("large", 100_000, 10_000_000) ?? 1_000_000);
        if (small >= large)
        {
            throw new UsageException($"--small is {small} and --large {large}; what a Gaussian takes comes from the difference.");
        }

        Console.WriteLine(MachineDescription.ToMarkdown());
        ShardHalo.Write(ScaledScene.Create(large, shDegree: 3), cancellationToken);
        double request = (arguments.Number("request-ms", 0, 1000) ?? RequestMilliseconds) / 1000;
        return TimesMeasurement.Measure(small, large, request, cancellationToken);
    }
}
