using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Clustering;
using Saga.Benchmarks.Masks;
using Saga.Benchmarks.Neighbors;
using Saga.Benchmarks.Rasterization;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Segmentation;
using Saga.Benchmarks.Training;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;

namespace Saga.Benchmarks;

/// <summary>The stages that can be named on the command line, and how they are measured.</summary>
internal static class BenchmarkStages
{
    public const string Usage =
        """
        bench STAGE... [options]          ratios of the engine against a plain reference, in one process
          scoring | prompt | decompose | loss | smoothing | step | neighbors | edit | raster | rows | ray | ply | model | sam
          --gaussians N,N,...             sizes (default: 100000,300000,1000000)
          anything else                   is BenchmarkDotNet's: --filter '*Scoring*', --list flat, --memory
        bench training [options]          the real trainer: iterations a second, seconds by stage, memory
          --scene FOLDER | --gaussians N  (default: 200000)        --iterations N  (default: 300)
          --preset balanced|paper         --views N  --size WIDTHxHEIGHT  --masks-per-view N  (default: the sample's)
        bench http [options]              the real service under load over loopback
          --gaussians N  (default: 1000000)        --requests N  (default: 500)        --clients N,N,...  (default: 1,8,32)
        bench vocabulary [options]        masks voting and being grouped for queries in words: seconds, memory
          --gaussians N  (default: 1000000)        --masks N  (default: 30000)        --views N  (default: 300)
        bench soak [options]              more scenes than fit, prompted for long: memory over time, watchers, errors
          --scenes N  (default: 1000)     --resident N  (default: 100)      --clients N  (default: 32)
          --seconds N  (default: 600)     --watchers N  (default: 1000)     --gaussians N  (default: 20000)
        bench --device [options]          OpenCL devices beside the CPU: milliseconds, bytes, answers compared
          --index N  (default: all)       --gaussians N,N,...  (default: 100000,300000,1000000)  --rounds N  (default: 30)
        bench fleet [options]             fleets of machines simulated, for many scenes and for scenes larger than a machine
          --times measured|recorded       (default: measured here; recorded: as docs/scaling.md has them)
          --small N  (default: 100000)    --large N  (default: 1000000)     --request-ms N  (default: 0.31)    --seed N
        bench frames [options]            whether features of two trainings mean the same, as those of tiles must
          --iterations N  (default: 600)  --common N  (default: a third of them)
        bench scene FOLDER [options]      write the scaled scene as gaussians.ply, cameras.json, masks/
          --gaussians N  (default: 1000000)        --sh 0|1|2|3  (default: 0)
        bench furniture FOLDER [options]  write a labelled scene of Debian's sweethome3d-furniture for ./run evaluate
          --seed N  (default: 1)          --objects N  (default: 9)         --gaussians N  (default: 150000)
          --library FILE.sh3f             (default: the package's CC0 library)
        bench quality FOLDER... [options] train labelled scenes with both presets: IoU of clicks over processor seconds
          --seeds N  (default: 1)         --preset balanced|paper           --picture FILE.svg
        bench machine                     what this machine is
        bench all-short                   everything at 100,000 Gaussians: does it run, not how fast is it
        """;

    private static readonly Dictionary<string, Type> Stages = new()
    {
        ["scoring"] = typeof(ScoringBenchmarks),
        ["prompt"] = typeof(PromptBenchmarks),
        ["decompose"] = typeof(DecompositionBenchmarks),
        ["loss"] = typeof(ContrastiveLossBenchmarks),
        ["smoothing"] = typeof(FeatureSmoothingBenchmarks),
        ["step"] = typeof(TrainingStepBenchmarks),
        ["neighbors"] = typeof(NearestNeighborsBenchmarks),
        ["edit"] = typeof(SelectionEditBenchmarks),
        ["raster"] = typeof(RasterizerBenchmarks),
        ["rows"] = typeof(PixelRowsBenchmarks),
        ["ray"] = typeof(RayBenchmarks),
        ["ply"] = typeof(PlyReadBenchmarks),
        ["model"] = typeof(ModelReadBenchmarks),
        ["sam"] = typeof(SamStepsBenchmarks),
    };

    /// <summary>Names of all stages.</summary>
    public static IReadOnlyCollection<string> All => Stages.Keys;

    /// <summary>True for a name in <see cref="All"/>.</summary>
    public static bool IsStage(string name) => Stages.ContainsKey(name);

    /// <summary>Runs stages: their names first, options after.</summary>
    public static void Run(string[] args)
    {
        Type[] types = [.. args.TakeWhile(IsStage).Select(name => Stages[name])];
        List<string> rest = [.. args.Skip(types.Length)];
        int option = rest.IndexOf("--gaussians");
        if (option >= 0)
        {
            if (option + 1 >= rest.Count)
            {
                throw new UsageException("--gaussians needs a value.");
            }

            BenchmarkSizes.Gaussians = Counts("gaussians", rest[option + 1]);
            rest.RemoveRange(option, 2);
        }

        if (rest.Find(argument => !argument.StartsWith('-')) is { } unknown && rest[0] == unknown)
        {
            throw new UsageException($"There is no benchmark «{unknown}».");
        }

        Console.WriteLine(MachineDescription.ToMarkdown());
        if (!rest.Contains("--filter"))
        {
            rest.AddRange(["--filter", "*"]);
        }

        BenchmarkSwitcher.FromTypes(types).Run([.. rest], Configuration());
    }

    /// <summary>Positive whole numbers with commas between them.</summary>
    public static int[] Counts(string name, string text) =>
    [
        .. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new UsageException($"--{name} is «{text}»; positive whole numbers with commas between them are accepted.")),
    ];

    /// <summary>
    /// A short job in this process: the differences of interest are factors, and a scene of a million Gaussians is built once
    /// instead of once per process.
    /// </summary>
    public static IConfig Configuration() => ManualConfig.Create(DefaultConfig.Instance)
        .AddJob(Job.Default
            .WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(10), logOutput: false))
            .WithWarmupCount(2)
            .WithIterationCount(5)
            .WithIterationTime(TimeInterval.FromMilliseconds(200))
            .WithUnrollFactor(1)
            .WithEvaluateOverhead(false)
            .AsDefault())
        .WithSummaryStyle(SummaryStyle.Default.WithRatioStyle(RatioStyle.Trend))
        .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.StopOnFirstError)
        .WithArtifactsPath(Repository.PathOf("out", "benchmarks"));
}
