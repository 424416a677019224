using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Clustering;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation.Builtin;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Cli.Evaluation;

/// <summary>The evaluation with the engine in this process: the same numbers as over HTTP, without a service in between.</summary>
public static class EngineEvaluation
{
    private static readonly JsonSerializerOptions OptionsJson = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Trains and runs the protocol.</summary>
    /// <param name="files">The scene's files.</param>
    /// <param name="scene">Its labels.</param>
    /// <param name="training">Options as a service would take them.</param>
    /// <param name="overrides">JSON object of engine options that differ from the preset; null for none.</param>
    /// <param name="generateMasks">Leave the folder's masks out and find masks in its photos with the built-in generator.</param>
    /// <param name="protocol">Settings of the evaluation.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static EvaluationReport Run(
        SceneFolder files, LabeledScene scene, TrainingRequest training, string? overrides, bool generateMasks, EvaluationProtocol protocol,
        CancellationToken cancellationToken)
    {
        AffinityTrainingOptions options = OptionsOf(training, overrides);
        GaussianScene gaussians;
        IReadOnlyList<SceneView> views;
        MaskSet masks;
        if (generateMasks)
        {
            (gaussians, views) = ReadGaussiansAndViews(files, cancellationToken);
            masks = Generate(files, scene, gaussians, views, protocol, cancellationToken);
        }
        else
        {
            (gaussians, views, masks) = ReadInputs(files, cancellationToken);
        }

        long start = Stopwatch.GetTimestamp();
        using var trainer = new AffinityTrainer(gaussians, views, masks.Views, options);
        var line = new ProgressLine(Console.Error, !Console.IsErrorRedirected);
        AffinityModel model = trainer.Run(new Progress(line), cancellationToken: cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        var segmenter = new PromptSegmenter(gaussians, model);
        var answerer = new EngineAnswerer(scene, views, segmenter);
        EvaluationReport report = EvaluationRunner.Run(scene, answerer.Answer, protocol, cancellationToken);
        ushort[] LabelsAt(double scale) => segmenter.Decompose(
            new DecompositionOptions { Scale = scale }, null, segmenter.MaxThreads, cancellationToken).Labels;
        report = report with { Decomposition = DecompositionEvaluation.Run(scene, LabelsAt, protocol.Scales, cancellationToken) };
        var about = new
        {
            model.Info.Iterations,
            FeatureDimension = model.Dimension,
            model.Info.Seed,
            model.Info.FinalLoss,
            Options = JsonSerializer.SerializeToElement(options, OptionsJson),
            trainer.Report,
        };
        return report with { Run = EvaluateCommand.Describe("engine", training, about, seconds) };
    }

    /// <summary>Reads what training needs, as a worker does.</summary>
    /// <exception cref="InvalidDataException">The folder has no cameras or no masks.</exception>
    public static (GaussianScene Gaussians, IReadOnlyList<SceneView> Views, MaskSet Masks) ReadInputs(
        SceneFolder files, CancellationToken cancellationToken)
    {
        if (files.Masks is null)
        {
            throw new InvalidDataException($"{files.Name} has no masks folder; training needs one, or --masks builtin.");
        }

        (GaussianScene gaussians, IReadOnlyList<SceneView> views) = ReadGaussiansAndViews(files, cancellationToken);
        MaskSet masks = MaskArchive.Read(
            SceneFolder.Zip(files.Masks, CompressionLevel.NoCompression), views, cancellationToken: cancellationToken);
        return (gaussians, views, masks);
    }

    /// <summary>Finds masks in the folder's photos, as <c>--masks builtin</c> does, and says on the console how good they are.</summary>
    /// <exception cref="InvalidDataException">The folder has no cameras, or a photo is not of its camera's size.</exception>
    public static void MeasureMasks(SceneFolder files, LabeledScene scene, EvaluationProtocol protocol, CancellationToken cancellationToken)
    {
        (GaussianScene gaussians, IReadOnlyList<SceneView> views) = ReadGaussiansAndViews(files, cancellationToken);
        Generate(files, scene, gaussians, views, protocol, cancellationToken);
    }

    private static MaskSet Generate(
        SceneFolder files, LabeledScene scene, GaussianScene gaussians, IReadOnlyList<SceneView> views, EvaluationProtocol protocol,
        CancellationToken cancellationToken)
    {
        using var generator = new BuiltinMaskGenerator();
        var generated = GeneratedMasks.Run(files, gaussians, views, generator, cancellationToken);
        Console.WriteLine(FormattableString.Invariant($"{generated.Set.MaskCount} masks found, {generated.MedianSeconds:0.000} s a view"));
        Console.WriteLine(MaskCoverage.Of(scene, generated.Set.Views, protocol));
        return generated.Set;
    }

    private static (GaussianScene Gaussians, IReadOnlyList<SceneView> Views) ReadGaussiansAndViews(
        SceneFolder files, CancellationToken cancellationToken)
    {
        if (files.Cameras is null)
        {
            throw new InvalidDataException($"{files.Name} has no camera file; training needs one.");
        }

        GaussianScene gaussians = GaussianFile.Read(
            files.Gaussians, new GaussianReadOptions(MaxShDegree: 0), cancellationToken: cancellationToken);
        return (gaussians, CameraFile.Read(files.Cameras, Path.GetFileName(files.Cameras)));
    }

    /// <summary>The engine's options for a request.</summary>
    /// <exception cref="UsageException">The overrides are no JSON object, or name an option that does not exist.</exception>
    public static AffinityTrainingOptions OptionsOf(TrainingRequest training, string? overrides)
    {
        AffinityTrainingOptions options =
            training.Preset == "paper" ? AffinityTrainingOptions.Paper : AffinityTrainingOptions.Balanced;
        options = options with { Iterations = training.Iterations ?? options.Iterations, Seed = training.Seed ?? options.Seed };
        try
        {
            JsonObject all = JsonSerializer.SerializeToNode(options, OptionsJson)!.AsObject();
            foreach ((string name, JsonNode? value) in JsonNode.Parse(overrides ?? "{}")!.AsObject())
            {
                all[name] = value?.DeepClone();
            }

            options = all.Deserialize<AffinityTrainingOptions>(OptionsJson)!;
            options.Validate();
            return options;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException or NullReferenceException)
        {
            throw new UsageException($"--options is «{overrides}»: {error.Message}");
        }
    }

    /// <summary>Shows the trainer's reports like those of a job; called on the trainer's thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Progress(ProgressLine line) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            double? left = (value.Iterations - value.Iteration) / value.IterationsPerSecond;
            line.Show(new JobAnswer(
                Guid.Empty, value.Fraction >= 1 ? "succeeded" : "running", value.Stage, value.Fraction, value.Iteration, value.Iterations,
                value.Loss, left, null));
        }
    }
}
