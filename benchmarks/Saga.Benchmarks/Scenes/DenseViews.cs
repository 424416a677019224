using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Numerics;

namespace Saga.Benchmarks.Scenes;

/// <summary>
/// The views of a scaled scene at any resolution and with any number of masks: the sample's own, resampled, and pieces that are
/// cut from them along crooked lines, as a mask generator reports parts of parts. Nothing is decoded or rendered.
/// </summary>
internal static class DenseViews
{
    private const int CutPurpose = 151;

    // A piece of fewer pixels would be dropped by training.
    private const int MinArea = 64;

    // How far a cut wanders, as a share of the mask's height, and pixel by pixel: borders of real masks are never straight.
    private const double Wander = 0.15;
    private const int Roughness = 3;

    /// <summary>Makes views and masks; the same arguments give the same ones.</summary>
    /// <param name="scene">The scene.</param>
    /// <param name="views">Views; beyond the scene's own they repeat with other masks.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="masksPerView">Masks of each view.</param>
    public static (IReadOnlyList<SceneView> Views, IReadOnlyList<ViewMasks> Masks) Create(
        ScaledScene scene, int views, int width, int height, int masksPerView)
    {
        Dictionary<string, ViewMasks> samples = scene.Masks.ToDictionary(m => m.ViewName);
        var made = new SceneView[views];
        var masks = new ViewMasks[views];
        Parallel.For(0, views, v =>
        {
            SceneView source = scene.Views[v % scene.Views.Count];
            string name = v < scene.Views.Count ? source.Name : $"{source.Name}-{v / scene.Views.Count}";
            made[v] = new SceneView(name, Resized(source.Camera, width, height), name + ".jpg");
            masks[v] = new ViewMasks(name, Cut(samples[source.Name].Masks, v, width, height, masksPerView));
        });
        Array.Sort(made, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return (made, masks);
    }

    private static PinholeCamera Resized(PinholeCamera camera, int width, int height)
    {
        double x = (double)width / camera.Width;
        double y = (double)height / camera.Height;
        return camera with
        {
            Width = width,
            Height = height,
            Fx = camera.Fx * x,
            Fy = camera.Fy * y,
            Cx = camera.Cx * x,
            Cy = camera.Cy * y,
        };
    }

    private static List<BinaryMask> Cut(IReadOnlyList<BinaryMask> sample, int view, int width, int height, int count)
    {
        var random = new CounterRandom(0, CutPurpose, view);
        List<BinaryMask> masks = [.. sample.Take(count).Select(mask => mask.ResizedTo(width, height))];
        while (masks.Count < count)
        {
            BinaryMask piece = Piece(masks[random.Next(masks.Count)], ref random);
            if (piece.Area >= MinArea)
            {
                masks.Add(piece);
            }
            else
            {
                // Only crumbs left to cut: begin again with whole ones.
                masks.Add(masks[random.Next(Math.Min(masks.Count, sample.Count))]);
            }
        }

        return masks;
    }

    // What lies on one side of a wandering line through the mask.
    private static BinaryMask Piece(BinaryMask mask, ref CounterRandom random)
    {
        (int left, int top, int right, int bottom) = mask.GetBounds();
        int rows = bottom - top;
        double slope = random.NextNormal() * rows / Math.Max(1, right - left);
        double phase = random.NextDouble() * Math.Tau;
        bool above = random.Next(2) == 0;
        var runs = new List<int>();
        int end = 0;
        ReadOnlySpan<int> ends = mask.RunEnds;
        for (int run = 1; run < ends.Length; run += 2)
        {
            for (int start = ends[run - 1]; start < ends[run];)
            {
                int x = start / mask.Height;
                int stop = Math.Min(ends[run], (x + 1) * mask.Height);
                double across = (x - left) / (double)Math.Max(1, right - left);
                double middle = (top + bottom) * 0.5 + slope * (x - (left + right) * 0.5)
                    + Wander * rows * Math.Sin(phase + across * 9) + random.Next(Roughness);
                int cut = x * mask.Height + (int)Math.Clamp(middle, 0, mask.Height);
                int from = above ? start : Math.Clamp(cut, start, stop);
                int to = above ? Math.Clamp(cut, start, stop) : stop;
                if (to > from)
                {
                    runs.Add(from - end);
                    runs.Add(to - from);
                    end = to;
                }

                start = stop;
            }
        }

        runs.Add(mask.Width * mask.Height - end);
        return BinaryMask.FromRunLengths(mask.Width, mask.Height, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs));
    }
}
