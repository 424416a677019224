using System.Reflection;
using System.Runtime.InteropServices;
using Saga.Cli.CommandLine;
using Saga.Cli.Evaluation.Protocols;
using Saga.Cli.Service;

namespace Saga.Cli.Evaluation;

/// <summary><c>saga evaluate</c>: train a labelled scene and measure how well clicks select its objects and parts.</summary>
public static class EvaluateCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        evaluate SCENE_FOLDER [options]           train a labelled scene, click its objects and parts, compare with the labels
          --preset balanced|paper     training preset (default: balanced)
          --iterations N              instead of the preset's
          --seed N                    default: 0
          --threshold T               cosine at which a Gaussian counts as selected (default: 0.75)
          --json FILE                 write the report there instead of printing it after the table
          --service URL               use a running service instead of starting one
          --engine                    no service: train and answer in this process
          --masks uploaded|builtin    builtin: leave the folder's masks out and find some in its photos, in this process (default: uploaded)
          --masks-only                with --masks builtin: measure the masks and do not train
          --options JSON              with --engine: training options that differ from the preset, {"negativeWeight":0.5}
        """;

    private static readonly string[] Switches = ["engine", "masks-only"];
    private static readonly string[] Options = ["preset", "iterations", "seed", "threshold", "json", "service", "options", "masks"];
    private static readonly string[] Positional = ["SCENE_FOLDER"];

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (ProtocolCommand.IsMeant(args))
        {
            return await ProtocolCommand.RunAsync(args, cancellationToken);
        }

        Arguments arguments = Arguments.Parse(args, Switches, Options, Positional);
        var training = new TrainingRequest(
            arguments.OneOf("preset", "balanced", "paper"),
            (int?)arguments.Whole("iterations", 1, 100_000),
            arguments.Whole("seed", long.MinValue, long.MaxValue) ?? 0);
        var protocol = new EvaluationProtocol();
        protocol = protocol with { Threshold = (float)(arguments.Number("threshold", -1, 1) ?? protocol.Threshold) };
        bool generateMasks = arguments.OneOf("masks", "uploaded", "builtin") == "builtin";
        bool inProcess = arguments.Has("engine") || generateMasks;
        if (generateMasks && arguments.Text("service") is not null)
        {
            throw new UsageException("--masks builtin and --service exclude each other: masks are generated in this process.");
        }

        if (arguments.Has("masks-only") && !generateMasks)
        {
            throw new UsageException("--masks-only needs --masks builtin.");
        }

        if (arguments.Has("engine") && arguments.Text("service") is not null)
        {
            throw new UsageException("--engine and --service exclude each other.");
        }

        if (!inProcess && arguments.Text("options") is not null)
        {
            throw new UsageException("--options needs --engine: the service takes presets.");
        }

        string folder = arguments.Positional[0];
        var files = SceneFolder.Open(folder);
        LabeledScene scene = LabeledScene.Load(folder);
        if (arguments.Has("masks-only"))
        {
            EngineEvaluation.MeasureMasks(files, scene, protocol, cancellationToken);
            return 0;
        }

        EvaluationReport report = inProcess
            ? EngineEvaluation.Run(files, scene, training, arguments.Text("options"), generateMasks, protocol, cancellationToken)
            : await ServiceEvaluation.RunAsync(files, scene, training, protocol, arguments.Text("service"), cancellationToken);
        EvaluationTable.Write(report, Console.Out);
        if (arguments.Text("json") is { } path)
        {
            await File.WriteAllTextAsync(path, report.ToJson() + "\n", cancellationToken);
            Console.WriteLine($"report: {path}");
        }
        else
        {
            Console.WriteLine();
            Console.WriteLine(report.ToJson());
        }

        return 0;
    }

    /// <summary>Describes a run for its report.</summary>
    public static EvaluationRun Describe(string answerer, TrainingRequest training, object? model, double trainingSeconds) => new(
        answerer, training, model, trainingSeconds,
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.ProcessArchitecture}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}",
        typeof(EvaluateCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
}
