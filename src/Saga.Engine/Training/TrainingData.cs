using System.Diagnostics;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Training;

/// <summary>What a training was given and what it used, for the job's report.</summary>
/// <param name="ViewsUsed">Views with at least one usable mask.</param>
/// <param name="ViewsWithoutMasks">Views left out.</param>
/// <param name="MasksUsed">Masks with a scale.</param>
/// <param name="MasksDropped">Masks left out, by reason.</param>
/// <param name="StageSeconds">Seconds per stage.</param>
public sealed record TrainingReport(
    int ViewsUsed, int ViewsWithoutMasks, int MasksUsed, IReadOnlyDictionary<string, int> MasksDropped, IReadOnlyDictionary<string, double> StageSeconds)
{
    /// <summary>Masks used of each view that was used.</summary>
    public IReadOnlyList<int> MasksPerView { get; init; } = [];

    /// <summary>Scales of all masks used, world units.</summary>
    public IReadOnlyList<double> MaskScales { get; init; } = [];
}

/// <summary>The masks of a scene with their scales (§3, §4), ready to be sampled.</summary>
internal sealed class TrainingData
{
    private TrainingData(List<TrainingView> views, int viewsWithoutMasks, Dictionary<string, int> dropped)
    {
        Views = views;
        ViewsWithoutMasks = viewsWithoutMasks;
        MasksDropped = dropped;
        double[] scales = [.. views.SelectMany(v => v.Scales)];
        Quantiles = ScaleQuantiles.FromScales(scales);
        MaximumScale = scales.Max();
        RunnerUpScale = scales.Where(s => s < MaximumScale).DefaultIfEmpty(0).Max();
    }

    public IReadOnlyList<TrainingView> Views { get; }

    public int ViewsWithoutMasks { get; }

    public Dictionary<string, int> MasksDropped { get; }

    public ScaleQuantiles Quantiles { get; }

    public double MaximumScale { get; }

    /// <summary>Largest scale below the maximum.</summary>
    public double RunnerUpScale { get; }

    /// <summary>Renders each view's depth and measures its masks.</summary>
    /// <param name="views">The views.</param>
    /// <param name="masks">Masks, matched to views by name.</param>
    /// <param name="rasterizer">The scene's.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="progress">Told the share of the views that are done.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidMaskException">No view has a usable mask.</exception>
    public static TrainingData Measure(
        IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks, IRasterizer rasterizer, int threads, Action<double> progress, CancellationToken cancellationToken)
    {
        Dictionary<string, ViewMasks> byName = masks.ToDictionary(m => m.ViewName, StringComparer.Ordinal);
        var usable = new List<TrainingView>();
        var dropped = new Dictionary<string, int>();
        int without = 0;
        var workers = new WorkerPool(threads);
        RenderedImage? image = null;
        for (int v = 0; v < views.Count; v++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress((double)v / views.Count);
            SceneView view = views[v];
            var measured = new List<(BinaryMask, double)>();
            if (byName.TryGetValue(view.Name, out ViewMasks? ofView) && ofView.Masks.Count > 0)
            {
                image = DepthOf(view.Camera, rasterizer, image, cancellationToken);
                float[] depth = image.Depth;
                var measurements = new MaskMeasurement[ofView.Masks.Count];
                workers.For(
                    measurements.Length,
                    m => measurements[m] = MaskScale.Measure(ofView.Masks[m], depth, view.Camera),
                    cancellationToken);
                for (int m = 0; m < measurements.Length; m++)
                {
                    if (measurements[m].IsMeasured)
                    {
                        measured.Add((ofView.Masks[m], measurements[m].Scale));
                    }
                    else
                    {
                        string reason = measurements[m].Dropped.ToString();
                        dropped[reason] = dropped.GetValueOrDefault(reason) + 1;
                    }
                }
            }

            if (measured.Count > 0)
            {
                usable.Add(new TrainingView(view.Camera, measured));
            }
            else
            {
                without++;
            }
        }

        return usable.Count > 0
            ? new TrainingData(usable, without, dropped)
            : throw new InvalidMaskException(
                $"None of the {views.Count} views has a usable mask: a mask needs at least {MaskScale.MinPixels} pixels on the scene's surface. "
                + "Do the cameras and masks belong to these Gaussians?");
    }

    private static RenderedImage DepthOf(
        PinholeCamera camera, IRasterizer rasterizer, RenderedImage? earlier, CancellationToken cancellationToken) =>
        rasterizer is CpuRasterizer cpu
            ? cpu.RenderDepth(camera, earlier, cancellationToken)
            : rasterizer.Render(camera, new RenderOptions { Depth = true }, cancellationToken);
}

/// <summary>Seconds per stage, summed.</summary>
internal sealed class StageClock
{
    private readonly Dictionary<string, double> _seconds = [];

    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    public static long Start() => Stopwatch.GetTimestamp();

    /// <summary>Adds the time since <paramref name="start"/> to a stage and returns the time now.</summary>
    public long Stop(string stage, long start)
    {
        long now = Stopwatch.GetTimestamp();
        _seconds[stage] = _seconds.GetValueOrDefault(stage) + (double)(now - start) / Stopwatch.Frequency;
        return now;
    }
}
