using System.Diagnostics;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary><c>saga evaluate --protocol</c>: the published benchmarks, frozen and repeatable.</summary>
public static class ProtocolCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        evaluate SCENE_FOLDER --protocol nvos|spin-nerf|3d-ovs --labels FOLDER [options]
                                                  click in one view, compare the rendered selection with the labels of others
          --positive N, --negative N  clicks (default: 8 and 8)
          --preset, --iterations, --seed, --threshold, --json as above
        """;

    private const int DefaultPoints = 8;

    private static readonly string[] Options =
        ["protocol", "labels", "positive", "negative", "preset", "iterations", "seed", "threshold", "json"];

    /// <summary>Whether the arguments ask for a protocol.</summary>
    public static bool IsMeant(string[] args) =>
        args.Any(arg => arg == "--protocol" || arg.StartsWith("--protocol=", StringComparison.Ordinal));

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], Options, ["SCENE_FOLDER"]);
        string labels = arguments.Text("labels") ?? throw new UsageException("--protocol needs --labels FOLDER, the benchmark's labels of this scene.");
        var training = new TrainingRequest(
            arguments.OneOf("preset", "balanced", "paper"),
            (int?)arguments.Whole("iterations", 1, 100_000),
            arguments.Whole("seed", long.MinValue, long.MaxValue) ?? 0);
        var usual = new EvaluationProtocol();
        var settings = new ProtocolSettings(
            arguments.OneOf("protocol", "nvos", "spin-nerf", "3d-ovs"),
            (int)(arguments.Whole("positive", 1, PromptSegmenter.MaxPoints / 2) ?? DefaultPoints),
            (int)(arguments.Whole("negative", 0, PromptSegmenter.MaxPoints / 2) ?? DefaultPoints),
            training.Seed!.Value,
            (float)(arguments.Number("threshold", -1, 1) ?? usual.Threshold),
            usual.Scales);

        var files = SceneFolder.Open(arguments.Positional[0]);
        (GaussianScene scene, IReadOnlyList<SceneView> views, MaskSet masks) = EngineEvaluation.ReadInputs(files, cancellationToken);

        // Before minutes of training: labels that cannot be read end the run at once.
        IReadOnlyList<ProtocolCase> cases = ReadCases(settings.Protocol, labels, files.Name, views);
        long start = Stopwatch.GetTimestamp();
        using var trainer = new AffinityTrainer(scene, views, masks.Views, EngineEvaluation.OptionsOf(training, null));
        AffinityModel model = trainer.Run(cancellationToken: cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var runner = new ProtocolRunner(scene, views, new PromptSegmenter(scene, model), new CpuRasterizer(scene), settings);
        var about = new { model.Info.Iterations, FeatureDimension = model.Dimension, model.Info.Seed, model.Info.FinalLoss };
        var report = new ProtocolReport(
            files.Name, settings, runner.Run(cases, cancellationToken), EvaluateCommand.Describe("engine", training, about, seconds));
        report.Write(Console.Out);
        if (arguments.Text("json") is { } path)
        {
            await File.WriteAllTextAsync(path, report.ToJson() + "\n", cancellationToken);
            Console.WriteLine($"report: {path}");
        }

        return 0;
    }

    /// <summary>Reads a benchmark's labels.</summary>
    public static IReadOnlyList<ProtocolCase> ReadCases(string protocol, string labels, string scene, IReadOnlyList<SceneView> views) => protocol switch
    {
        "nvos" => ProtocolFolders.ReadNvos(labels, scene),
        "spin-nerf" => ProtocolFolders.ReadSpinNerf(labels, scene),
        _ => ProtocolFolders.ReadOpenVocabulary(labels, [.. views.Select(view => view.Name)]),
    };
}
