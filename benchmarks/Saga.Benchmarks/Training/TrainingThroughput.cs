using System.Diagnostics;
using System.IO.Compression;
using Saga.Benchmarks.Scenes;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary><c>bench training</c>: the trainer as the service runs it, for some iterations.</summary>
internal static class TrainingThroughput
{
    private const int MaxGaussians = 100_000_000;

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["scene", "gaussians", "iterations", "preset"], []);
        AffinityTrainingOptions options = arguments.OneOf("preset", "balanced", "paper") == "paper"
            ? AffinityTrainingOptions.Paper
            : AffinityTrainingOptions.Balanced;
        options = options with { Iterations = (int)(arguments.Whole("iterations", 2, 1_000_000) ?? 300) };
        (GaussianScene scene, IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks) = arguments.Text("scene") is { } folder
            ? Load(SceneFolder.Open(folder), cancellationToken)
            : Generate((int)(arguments.Whole("gaussians", 1, MaxGaussians) ?? 200_000));

        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long loaded = Environment.WorkingSet;
        var peak = new PeakMemory();
        long start = Stopwatch.GetTimestamp();
        TrainingReport report;
        using (peak)
        using (var trainer = new AffinityTrainer(scene, views, masks, options))
        {
            trainer.Run(cancellationToken: cancellationToken);
            report = trainer.Report;
        }

        double total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double iterating = total - report.StageSeconds
            .Where(s => s.Key is "measuring masks" or "finding neighbours" or "smoothing").Sum(s => s.Value);
        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Training: {scene.Count} Gaussians, {report.ViewsUsed} views, {report.MasksUsed} masks, {options.Iterations} iterations of "
            + $"{options.RaysPerIteration} rays × {options.ScalesPerIteration} scales, {options.LossForm} loss");
        Console.WriteLine();
        Console.WriteLine("| what | figure |");
        Console.WriteLine("|---|---|");
        Row("iterations a second", $"{options.Iterations / iterating:0.0}");
        Row("seconds in all", $"{total:0.0}");
        foreach ((string stage, double seconds) in report.StageSeconds)
        {
            Row($"seconds: {stage}", $"{seconds:0.00}");
        }

        Row("memory with the scene loaded, MiB", $"{loaded >> 20}");
        Row("largest over that while training, MiB", $"{Math.Max(0, peak.Bytes - loaded) >> 20}");
        Console.WriteLine();
    }

    private static void Row(string what, FormattableString figure) =>
        Console.WriteLine($"| {what} | {FormattableString.Invariant(figure)} |");

    private static (GaussianScene, IReadOnlyList<SceneView>, IReadOnlyList<ViewMasks>) Generate(int gaussians)
    {
        ScaledScene scene = ScaledScene.Create(gaussians);
        return (scene.Gaussians, scene.Views, scene.Masks);
    }

    private static (GaussianScene, IReadOnlyList<SceneView>, IReadOnlyList<ViewMasks>) Load(
        SceneFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Cameras is null || folder.Masks is null)
        {
            throw new InvalidDataException($"{folder.Name} has no camera file or no masks folder; training needs both.");
        }

        GaussianScene scene = GaussianPlyReader.Read(folder.Gaussians, new PlyReadOptions(MaxShDegree: 0), cancellationToken);
        IReadOnlyList<SceneView> views = CameraFile.Read(folder.Cameras, Path.GetFileName(folder.Cameras));
        MaskSet masks = MaskArchive.Read(
            SceneFolder.Zip(folder.Masks, CompressionLevel.NoCompression), views, cancellationToken: cancellationToken);
        return (scene, views, masks.Views);
    }
}
