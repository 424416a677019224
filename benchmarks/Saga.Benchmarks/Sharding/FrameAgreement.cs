using System.Numerics;
using Saga.Benchmarks.Scenes;
using Saga.Cli.CommandLine;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Sharding;

/// <summary>
/// <c>bench frames</c>: whether features of two trainings mean the same, as those of two tiles of a scene would have to.
/// </summary>
/// <remarks>
/// Two trainings of the sample whole, so that every Gaussian has a feature of both: (1) from different seeds; (2) the same after the best
/// rotation; (3) from one training's first iterations on, then with the even and with the odd views only, as tiles see different views.
/// A click is answered by the query of the one against the features of the other, and compared with the other's own answer.
/// </remarks>
internal static class FrameAgreement
{
    private const int Gaussians = 181_800;
    private const int Points = 32;
    private const double GoldenRatio = 0.6180339887;

    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["iterations", "common"], []);
        int iterations = (int)(arguments.Whole("iterations", 2, 100_000) ?? 600);
        int common = (int)(arguments.Whole("common", 1, iterations - 1) ?? iterations / 3);
        ScaledScene scene = ScaledScene.Create(Gaussians);
        AffinityTrainingOptions options = AffinityTrainingOptions.Balanced with { Iterations = iterations };

        byte[] start = [];
        AffinityModel first = Train(scene, options, _ => true, null, trainer =>
        {
            if (trainer.Iteration == common)
            {
                using var stream = new MemoryStream();
                trainer.SaveCheckpoint(stream);
                start = stream.ToArray();
            }
        }, cancellationToken);
        AffinityModel second = Train(scene, options with { Seed = 1 }, _ => true, null, null, cancellationToken);
        AffinityModel even = Train(scene, options, view => view % 2 == 0, start, null, cancellationToken);
        AffinityModel odd = Train(scene, options, view => view % 2 == 1, start, null, cancellationToken);

        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Frames: {iterations} iterations, the common ones {common}; mean IoU over {Points} clicks");
        Console.WriteLine();
        Console.WriteLine("| two trainings | each with its own query | one's query on the other's features | after the best rotation |");
        Console.WriteLine("|---|---|---|---|");
        Write(scene, "two seeds", first, second);
        Write(scene, "common start, then even and odd views", even, odd);
        Console.WriteLine();
    }

    private static AffinityModel Train(
        ScaledScene scene,
        AffinityTrainingOptions options,
        Func<int, bool> takesView,
        byte[]? start,
        Action<AffinityTrainer>? after,
        CancellationToken cancellationToken)
    {
        SceneView[] views = [.. scene.Views.Where((_, view) => takesView(view))];
        ViewMasks[] masks = [.. scene.Masks.Where(mask => views.Any(view => view.Name == mask.ViewName))];
        using var trainer = new AffinityTrainer(scene.Gaussians, views, masks, options);
        if (start is not null)
        {
            using var stream = new MemoryStream(start);
            trainer.Restore(stream);
        }

        return trainer.Run(afterIteration: after, cancellationToken: cancellationToken);
    }

    private static void Write(ScaledScene scene, string name, AffinityModel one, AffinityModel other)
    {
        var segmenterOfOne = new PromptSegmenter(scene.Gaussians, one);
        var segmenter = new PromptSegmenter(scene.Gaussians, other);
        double[,] rotation = Procrustes.Align(one.Features, other.Features, one.Dimension);
        double own = 0;
        double foreign = 0;
        double turned = 0;
        List<(SceneView View, PixelPosition Pixel)> points = VisiblePixels.Of(scene, Points);
        for (int i = 0; i < Points; i++)
        {
            (SceneView view, PixelPosition pixel) = points[i];
            double quantile = i * GoldenRatio % 1;
            QueryFeature query = segmenterOfOne.FeatureAt(view.Camera, pixel);
            byte[] expected = Mask(segmenter, segmenter.FeatureAt(view.Camera, pixel), quantile);
            own += Iou(Mask(segmenterOfOne, query, quantile), expected) / Points;
            foreign += Iou(Mask(segmenter, query, quantile), expected) / Points;
            QueryFeature turnedQuery = query with { Feature = Procrustes.Turn(query.Feature, rotation) };
            turned += Iou(Mask(segmenter, turnedQuery, quantile), expected) / Points;
        }

        Console.WriteLine(FormattableString.Invariant($"| {name} | {own:0.000} | {foreign:0.000} | {turned:0.000} |"));
    }

    private static byte[] Mask(PromptSegmenter segmenter, QueryFeature query, double quantile) =>
        segmenter.Segment([query], [], quantile).Selection.Bits.ToArray();

    private static double Iou(byte[] a, byte[] b)
    {
        int common = a.Zip(b, (x, y) => BitOperations.PopCount((uint)(x & y))).Sum();
        int together = a.Zip(b, (x, y) => BitOperations.PopCount((uint)(x | y))).Sum();
        return together == 0 ? 1 : common / (double)together;
    }
}
