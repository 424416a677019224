using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Sharding;
using Saga.Benchmarks.Training;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Fleet;

/// <summary>Measures <see cref="ServiceTimes"/> with the real engine, as processor time: other programs disturb it little.</summary>
internal static class TimesMeasurement
{
    private const int Points = 32;
    private const int Prompts = 300;
    private const int WarmUpPrompts = 100;
    private const int Loads = 3;

    /// <summary>Shards of the scene that rays are measured on.</summary>
    private const int Shards = 16;

    private const int TrainingIterations = 300;

    private const double GoldenRatio = 0.6180339887;

    /// <summary>Measures at two sizes, for what grows with Gaussians and what does not.</summary>
    /// <param name="small">Gaussians of the smaller scene.</param>
    /// <param name="large">Gaussians of the larger scene.</param>
    /// <param name="requestSeconds">What a request takes around the engine, which only a running service shows.</param>
    /// <param name="cancellationToken">Stops between parts.</param>
    public static ServiceTimes Measure(int small, int large, double requestSeconds, CancellationToken cancellationToken)
    {
        (double smallSeconds, _) = PromptsOf(ScaledScene.Create(small, shDegree: 3));
        cancellationToken.ThrowIfCancellationRequested();
        ScaledScene scene = ScaledScene.Create(large, shDegree: 3);
        (double largeSeconds, double variation) = PromptsOf(scene);
        cancellationToken.ThrowIfCancellationRequested();
        double perGaussian = (largeSeconds - smallSeconds) / (large - small);
        AffinityModel model = SyntheticModel.Create(scene.Gaussians);
        (double load, double files, double memory) = LoadsOf(scene, model, cancellationToken);
        (double ray, double rayBytes, double merge) = RaysOf(scene, model);
        return new ServiceTimes
        {
            PromptSeconds = Math.Max(0, smallSeconds - perGaussian * small),
            PromptSecondsPerGaussian = perGaussian,
            PromptVariation = variation,
            RequestSeconds = requestSeconds,
            LoadSecondsPerGaussian = load / large,
            RaySeconds = ray,
            RayBytes = rayBytes,
            MergeSeconds = merge,
            MemoryBytes = memory / large,
            FileBytes = files / large,
            RunBytesPerSelected = RunsOf(cancellationToken),
        };
    }

    private static (double Seconds, double Variation) PromptsOf(ScaledScene scene)
    {
        var segmenter = new PromptSegmenter(scene.Gaussians, SyntheticModel.Create(scene.Gaussians)) { MaxThreads = 1 };
        List<(SceneView View, PixelPosition Pixel)> points = VisiblePixels.Of(scene, Points);
        double[] seconds = new double[Prompts];
        for (int i = -WarmUpPrompts; i < Prompts; i++)
        {
            (SceneView view, PixelPosition pixel) = points[(i + WarmUpPrompts) % Points];

            // Moved by a hair, or the point would be remembered.
            var moved = new PixelPosition(pixel.X + (i + WarmUpPrompts) * 1e-4f, pixel.Y);
            var prompt = new PointPrompt(view.Camera, [new PromptPoint(moved, Positive: true)], (i + WarmUpPrompts) * GoldenRatio % 1);
            double taken = CoreSeconds(() => segmenter.Segment(prompt, CancellationToken.None).Selection.Dispose());
            if (i >= 0)
            {
                seconds[i] = taken;
            }
        }

        // A prompt during which the collector or the compiler ran is not one of the engine's.
        double[] usual = [.. seconds.Order().Take(Prompts * 98 / 100)];
        double mean = usual.Average();
        return (mean, Math.Sqrt(usual.Average(s => (s - mean) * (s - mean))) / mean);
    }

    private static (double Seconds, double FileBytes, double MemoryBytes) LoadsOf(
        ScaledScene scene, AffinityModel model, CancellationToken cancellationToken)
    {
        using var folder = new TemporaryFolder();
        string ply = Path.Combine(folder.Path, "gaussians.ply");
        string saga = Path.Combine(folder.Path, "model.saga");
        using (FileStream file = File.Create(ply))
        {
            GaussianPlyWriter.Write(file, scene.Gaussians);
        }

        using (FileStream file = File.Create(saga))
        {
            AffinityModelFile.Write(file, model, scene.Gaussians, cancellationToken);
        }

        double least = double.PositiveInfinity;
        long memory = 0;
        for (int i = 0; i < Loads; i++)
        {
            least = Math.Min(least, CoreSeconds(() =>
            {
                GaussianScene read = GaussianPlyReader.Read(ply, new GaussianReadOptions(IncludeColors: false));
                memory = PromptSegmenter.Load(read, saga, "", cancellationToken).ByteCount;
            }));
        }

        return (least, new FileInfo(ply).Length + new FileInfo(saga).Length, memory);
    }

    private static (double RaySeconds, double RayBytes, double MergeSeconds) RaysOf(ScaledScene scene, AffinityModel model)
    {
        ShardedScene sharded = ShardedScene.Cut(scene.Gaussians, model, Shards);
        List<(SceneView View, PixelPosition Pixel)> points = VisiblePixels.Of(scene, Points);
        double ray = 0;
        double merge = 0;
        long rayBytes = 0;

        // The first round warms up.
        for (int i = -Points; i < Points; i++)
        {
            (SceneView view, PixelPosition pixel) = points[(i + Points) % Points];
            RayPart[] parts = [];
            double rayTaken = CoreSeconds(() => parts = [.. sharded.Shards.Select(shard => shard.OnRay(view.Camera, pixel))]);
            double mergeTaken = CoreSeconds(() => sharded.Blend(parts, pixel));
            if (i >= 0)
            {
                ray += rayTaken;
                merge += mergeTaken;
                rayBytes += parts.Sum(part => part.WireBytes);
            }
        }

        const double rays = (double)Points * Shards;
        return (ray / rays, rayBytes / rays, merge / Points);
    }

    // Of a trained model: how ragged a selection is depends on what was learnt.
    private static double RunsOf(CancellationToken cancellationToken)
    {
        (ScaledScene scene, AffinityModel model) = TrainedSample.Create(TrainingIterations, cancellationToken);
        ShardedScene whole = ShardedScene.Cut(scene.Gaussians, model, 1);
        double bytes = 0;
        double selected = 0;
        List<(SceneView View, PixelPosition Pixel)> points = VisiblePixels.Of(scene, Points);
        for (int i = 0; i < Points; i++)
        {
            QueryFeature feature = whole.FeatureAt(points[i].View.Camera, points[i].Pixel);
            ushort[] mask = whole.SelectAlongCurve([feature], [], i * GoldenRatio % 1, PointPrompt.DefaultThreshold);
            bytes += MaskRuns.Encode(mask).Length;
            selected += mask.Sum(bits => (double)ushort.PopCount(bits));
        }

        return bytes / selected;
    }

    private static double CoreSeconds(Action action)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - start).TotalSeconds;
    }
}
