using System.Diagnostics;
using System.Globalization;
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

    private static readonly string[] SyntheticOnly = ["gaussians", "views", "size", "masks-per-view"];

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(
            args, [], ["scene", "iterations", "preset", .. SyntheticOnly], []);
        AffinityTrainingOptions options = arguments.OneOf("preset", "balanced", "paper") == "paper"
            ? AffinityTrainingOptions.Paper
            : AffinityTrainingOptions.Balanced;
        options = options with { Iterations = (int)(arguments.Whole("iterations", 2, 1_000_000) ?? 300) };
        if (arguments.Text("scene") is not null && SyntheticOnly.FirstOrDefault(name => arguments.Text(name) is not null) is { } synthetic)
        {
            throw new UsageException($"--{synthetic} is for generated scenes; --scene has views and masks of its own.");
        }

        (GaussianScene scene, Func<(IReadOnlyList<SceneView>, IReadOnlyList<ViewMasks>)> readViews) = arguments.Text("scene") is { } folder
            ? Load(SceneFolder.Open(folder), cancellationToken)
            : Generate(arguments);

        // What training may hold is counted over the Gaussians alone: its masks are part of it.
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long loaded = Environment.WorkingSet;
        (IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks) = readViews();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long maskMemory = Environment.WorkingSet - loaded;
        var peak = new PeakMemory();
        long start = Stopwatch.GetTimestamp();
        TrainingReport report;
        using (peak)
        using (var trainer = new AffinityTrainer(scene, views, masks, options))
        {
            trainer.Run(peak, cancellationToken: cancellationToken);
            report = trainer.Report;
        }

        double total = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double iterating = total - report.StageSeconds
            .Where(s => s.Key is "measuring masks" or "finding neighbours" or "smoothing").Sum(s => s.Value);
        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Training: {scene.Count} Gaussians, {report.ViewsUsed} views of {views[0].Camera.Width}×{views[0].Camera.Height}, "
            + $"{report.MasksUsed} masks, {options.Iterations} iterations of "
            + $"{options.RaysPerIteration} rays × {options.ScalesPerIteration} scales, {options.LossForm} loss");
        Console.WriteLine();
        Console.WriteLine("| what | figure |");
        Console.WriteLine("|---|---|");
        Row("iterations a second", $"{options.Iterations / iterating:0.0}");
        Row("seconds in all", $"{total:0.0}");
        Row("memory with the Gaussians loaded, MiB", $"{loaded >> 20}");
        Row("over that with the masks, MiB", $"{Math.Max(0, maskMemory) >> 20}");
        Row("run ends of the masks, MiB", $"{masks.Sum(v => v.Masks.Sum(m => 4L * m.RunEnds.Length)) >> 20}");
        Row("largest over the Gaussians, MiB", $"{Math.Max(0, peak.Bytes - loaded) >> 20}");
        foreach ((string stage, long bytes) in peak.ByStage.OrderBy(s => s.Value))
        {
            Row($"largest while {stage}, MiB", $"{Math.Max(0, bytes - loaded) >> 20}");
        }

        Console.WriteLine();
        WriteStages(report.StageSeconds, total);
    }

    private static void WriteStages(IReadOnlyDictionary<string, double> stages, double total)
    {
        Console.WriteLine("| stage | s | % |");
        Console.WriteLine("|---|---|---|");
        foreach ((string stage, double seconds) in stages.Append(new("everything else", total - stages.Values.Sum())))
        {
            Console.WriteLine(FormattableString.Invariant($"| {stage} | {seconds:0.00} | {100 * seconds / total:0.0} |"));
        }

        Console.WriteLine();
    }

    private static void Row(string what, FormattableString figure) =>
        Console.WriteLine($"| {what} | {FormattableString.Invariant(figure)} |");

    private static (GaussianScene, Func<(IReadOnlyList<SceneView>, IReadOnlyList<ViewMasks>)>) Generate(Arguments arguments)
    {
        ScaledScene scene = ScaledScene.Create((int)(arguments.Whole("gaussians", 1, MaxGaussians) ?? 200_000));
        int views = (int)(arguments.Whole("views", 1, 100_000) ?? scene.Views.Count);
        (int width, int height) = SizeOf(arguments.Text("size"), scene.Views[0].Camera);
        int masks = (int)(arguments.Whole("masks-per-view", 1, 100_000) ?? 0);
        bool asIs = masks == 0 && arguments.Text("views") is null && arguments.Text("size") is null;
        int most = scene.Masks.Max(m => m.Masks.Count);
        return (scene.Gaussians, () => asIs
            ? (scene.Views, scene.Masks)
            : DenseViews.Create(scene, views, width, height, masks == 0 ? most : masks));
    }

    private static (int Width, int Height) SizeOf(string? text, PinholeCamera camera)
    {
        if (text is null)
        {
            return (camera.Width, camera.Height);
        }

        string[] sides = text.Split('x');
        return sides.Length == 2
            && int.TryParse(sides[0], NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width is > 0 and <= PinholeCamera.MaxSide
            && int.TryParse(sides[1], NumberStyles.None, CultureInfo.InvariantCulture, out int height) && height is > 0 and <= PinholeCamera.MaxSide
            ? (width, height)
            : throw new UsageException($"--size is «{text}»; WIDTHxHEIGHT in pixels is accepted, for example 1920x1080.");
    }

    private static (GaussianScene, Func<(IReadOnlyList<SceneView>, IReadOnlyList<ViewMasks>)>) Load(
        SceneFolder folder, CancellationToken cancellationToken)
    {
        if (folder.Cameras is null || folder.Masks is null)
        {
            throw new InvalidDataException($"{folder.Name} has no camera file or no masks folder; training needs both.");
        }

        GaussianScene scene = GaussianPlyReader.Read(folder.Gaussians, new GaussianReadOptions(MaxShDegree: 0), cancellationToken);
        return (scene, () =>
        {
            IReadOnlyList<SceneView> views = CameraFile.Read(folder.Cameras, Path.GetFileName(folder.Cameras));
            MaskSet masks = MaskArchive.Read(
                SceneFolder.Zip(folder.Masks, CompressionLevel.NoCompression), views, cancellationToken: cancellationToken);
            return (views, masks.Views);
        }
        );
    }
}
