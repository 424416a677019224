using System.IO.Compression;
using Saga.Cli.Service;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Numerics;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Benchmarks.Scenes;

/// <summary>
/// The playroom sample at any size: below its own a random part of it, above it a square of copies on the ground.
/// </summary>
/// <remarks>
/// Copies stand so far apart that no camera of one lies in another: masks stay true to what a view shows in front. Every Gaussian
/// is moved by a hundredth of its size, so that copies are no exact translations. Records are shuffled, as training leaves them.
/// The same count gives the same scene.
/// </remarks>
internal sealed class ScaledScene
{
    private const int ShufflePurpose = 101;
    private const int JitterPurpose = 102;
    private const int ColorPurpose = 103;
    private const double Jitter = 0.01;

    // View-dependent colour of a trained scene is a small correction of the base colour.
    private const double HigherColorDeviation = 0.05;

    private const int MaxViews = 200;

    private static ScaledScene? _latest;

    private ScaledScene(GaussianScene gaussians, IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks)
    {
        Gaussians = gaussians;
        Views = views;
        Masks = masks;
    }

    /// <summary>Folder of the sample's masks, one file a view.</summary>
    public static string SampleMasks => Repository.PathOf("samples", "playroom", "masks");

    /// <summary>The Gaussians, with colours.</summary>
    public GaussianScene Gaussians { get; }

    /// <summary>The views, spread over the copies; named after the sample's: <c>view_003-2</c> is view 3 of copy 2.</summary>
    public IReadOnlyList<SceneView> Views { get; }

    /// <summary>The sample's masks under the names of the views.</summary>
    public IReadOnlyList<ViewMasks> Masks { get; }

    /// <summary>The sample's name of a view.</summary>
    public static string SampleName(string view) => view[..view.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>Makes a scene, or returns the one made last if it is the same.</summary>
    /// <param name="count">Gaussians.</param>
    /// <param name="shDegree">Degree of the colours, 0..3; what the sample lacks is random.</param>
    public static ScaledScene Create(int count, int shDegree = 0)
    {
        if (_latest is { } latest && latest.Gaussians.Count == count && latest.Gaussians.ShDegree == shDegree)
        {
            return latest;
        }

        _latest = null;
        string folder = Repository.PathOf("samples", "playroom");
        GaussianScene sample = GaussianPlyReader.Read(Path.Combine(folder, "gaussians.ply"));
        IReadOnlyList<SceneView> views = CameraFile.Read(Path.Combine(folder, "cameras.json"), "cameras.json");
        MaskSet masks = MaskArchive.Read(SceneFolder.Zip(SampleMasks, CompressionLevel.NoCompression), views);

        int copies = (count + sample.Count - 1) / sample.Count;
        int side = (int)Math.Ceiling(Math.Sqrt(copies));
        double spacing = 2 * views.Max(v => Math.Max(Math.Abs(v.Camera.Pose.Center.X), Math.Abs(v.Camera.Pose.Center.Z)));
        (double X, double Z) Offset(int copy) => (copy % side * spacing, copy / side * spacing);

        var placed = new List<SceneView>();
        var placedMasks = new List<ViewMasks>();
        int perCopy = Math.Min(views.Count, MaxViews / copies);
        for (int copy = 0; copy < copies; copy++)
        {
            for (int v = 0; v < perCopy; v++)
            {
                SceneView view = views[v * views.Count / perCopy];
                string name = $"{view.Name}-{copy}";
                placed.Add(new SceneView(name, Moved(view.Camera, Offset(copy)), name + ".jpg"));
                placedMasks.Add(new ViewMasks(name, masks.Views.First(m => m.ViewName == view.Name).Masks));
            }
        }

        placed.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return _latest = new ScaledScene(Copies(sample, count, copies, Offset, shDegree), placed, placedMasks);
    }

    private static PinholeCamera Moved(PinholeCamera camera, (double X, double Z) offset)
    {
        CameraPose pose = camera.Pose;
        (double x, double y, double z) = pose.Transform(-offset.X, 0, -offset.Z);
        return camera with { Pose = pose with { Tx = x, Ty = y, Tz = z } };
    }

    private static GaussianScene Copies(
        GaussianScene sample, int count, int copies, Func<int, (double X, double Z)> offset, int shDegree)
    {
        int[] shuffled = [.. Enumerable.Range(0, sample.Count)];
        new CounterRandom(0, ShufflePurpose, 0).Shuffle(shuffled);
        int[] sources = new int[count];
        float[] means = new float[3 * count];
        for (int record = 0; record < count; record++)
        {
            int copy = (int)((long)record * copies / count);
            int first = (int)(((long)copy * count + copies - 1) / copies);
            int source = shuffled[record - first];
            (double x, double z) = offset(copy);
            var random = new CounterRandom(0, JitterPurpose, record);
            sources[record] = source;
            for (int axis = 0; axis < 3; axis++)
            {
                double jitter = Jitter * Math.Exp(sample.LogScales[3 * source + axis]) * random.NextNormal();
                means[3 * record + axis] = (float)(sample.Means[3 * source + axis] + jitter + (axis == 0 ? x : axis == 2 ? z : 0));
            }
        }

        int[] order = MortonOrder.Sort(means, [.. Enumerable.Range(0, count)], SceneBounds.Of(means));
        int colors = 3 * (shDegree + 1) * (shDegree + 1);
        var scene = new GaussianScene
        {
            Means = Gather(means, order, 3),
            LogScales = Gather(sample.LogScales, [.. order.Select(record => sources[record])], 3),
            Rotations = Gather(sample.Rotations, [.. order.Select(record => sources[record])], 4),
            OpacityLogits = [.. order.Select(record => sample.OpacityLogits[sources[record]])],
            ShCoefficients = new float[colors * count],
            ShDegree = shDegree,
            FileIndices = order,
            FileGaussianCount = count,
            Problems = [],
        };
        int sampleColors = sample.ShCoefficients.Length / sample.Count;
        Parallel.For(0, count, i =>
        {
            var random = new CounterRandom(0, ColorPurpose, order[i]);
            Span<float> own = scene.ShCoefficients.AsSpan(colors * i, colors);
            for (int c = 0; c < colors; c++)
            {
                own[c] = c < sampleColors
                    ? sample.ShCoefficients[sampleColors * sources[order[i]] + c]
                    : (float)(random.NextNormal() * HigherColorDeviation);
            }
        });
        return scene;
    }

    private static float[] Gather(float[] values, int[] rows, int width)
    {
        float[] gathered = new float[rows.Length * width];
        for (int i = 0; i < rows.Length; i++)
        {
            values.AsSpan(rows[i] * width, width).CopyTo(gathered.AsSpan(i * width));
        }

        return gathered;
    }
}
