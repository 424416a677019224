using System.Globalization;
using Saga.Cli.CommandLine;
using Saga.Cli.Evaluation;
using Saga.Cli.Service;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Quality;

/// <summary>How good clicks are after how much training.</summary>
/// <remarks>Processor seconds, as the curves of an hour's run would otherwise show what else the machine did.</remarks>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Seconds">Processor seconds of training up to here, without those of the evaluations.</param>
/// <param name="ObjectIou">Mean over objects.</param>
/// <param name="PartIou">Mean over parts.</param>
internal sealed record QualityPoint(int Iteration, double Seconds, double ObjectIou, double PartIou);

/// <summary>One training of one scene.</summary>
/// <param name="Scene">Name of the folder.</param>
/// <param name="Preset">Its preset.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Points">By ascending time.</param>
internal sealed record QualityCurve(string Scene, string Preset, long Seed, IReadOnlyList<QualityPoint> Points);

/// <summary><c>bench quality</c>: trains labelled scenes, stopping the clock to click their objects and parts on the way.</summary>
internal static class QualityOverTime
{
    private static readonly int[] Checkpoints = [25, 50, 100, 200, 400, 700, 1000, 2000, 4000, 7000, 10_000];

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        // Folders first, options after them.
        int folders = Array.FindIndex(args, a => a.StartsWith('-')) is var at && at < 0 ? args.Length : at;
        Arguments arguments = Arguments.Parse([.. args.Skip(folders)], [], ["seeds", "preset", "picture"], []);
        if (folders == 0)
        {
            throw new UsageException("bench quality needs the folder of a labelled scene, like samples/playroom.");
        }

        string[] presets = arguments.Text("preset") is null ? ["balanced", "paper"] : [arguments.OneOf("preset", "balanced", "paper")];
        int seeds = (int)(arguments.Whole("seeds", 1, 100) ?? 1);
        var curves = new List<QualityCurve>();
        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine("| scene | preset | seed | iterations | processor seconds | object IoU | part IoU |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (string folder in args.Take(folders))
        {
            foreach (string preset in presets)
            {
                for (int seed = 0; seed < seeds; seed++)
                {
                    curves.Add(Measure(folder, preset, seed, cancellationToken));
                }
            }
        }

        if (arguments.Text("picture") is { } picture)
        {
            File.WriteAllText(picture, QualityPicture.ToSvg(curves));
            Console.WriteLine($"picture: {picture}");
        }
    }

    private static QualityCurve Measure(string folder, string preset, long seed, CancellationToken cancellationToken)
    {
        SceneFolder files = SceneFolder.Open(folder);
        LabeledScene labels = LabeledScene.Load(folder);
        (GaussianScene scene, IReadOnlyList<SceneView> views, MaskSet masks) = EngineEvaluation.ReadInputs(files, cancellationToken);
        AffinityTrainingOptions options =
            (preset == "paper" ? AffinityTrainingOptions.Paper : AffinityTrainingOptions.Balanced) with { Seed = seed };

        var points = new List<QualityPoint>();
        double Used() => Environment.CpuUsage.TotalTime.TotalSeconds;
        double start = Used();
        using var trainer = new AffinityTrainer(scene, views, masks.Views, options);
        trainer.Run(
            null,
            training =>
            {
                if (Checkpoints.Contains(training.Iteration) || training.Iteration == options.Iterations)
                {
                    // A training that ended here would pay for the smoothing, but not for the clicks.
                    var answerer = new EngineAnswerer(labels, views, new PromptSegmenter(scene, training.CurrentModel()));
                    double seconds = Used() - start;
                    EvaluationReport report = EvaluationRunner.Run(labels, answerer.Answer, null, cancellationToken);
                    points.Add(new QualityPoint(
                        training.Iteration, seconds, report.ObjectMean.Iou, report.PartMean.Iou));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"| {files.Name} | {preset} | {seed} | {training.Iteration} | {seconds:0.0} | {report.ObjectMean.Iou:0.000} | {report.PartMean.Iou:0.000} |"));
                    start += Used() - start - seconds;
                }
            },
            cancellationToken);
        return new QualityCurve(files.Name, preset, seed, points);
    }
}
