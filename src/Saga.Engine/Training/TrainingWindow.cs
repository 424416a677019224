using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Training;

/// <summary>One iteration, ready to be computed: its view, pixels, masks and sparse rows.</summary>
/// <param name="View">Index of the training view.</param>
/// <param name="Pixels">Sampled pixels that lie in a mask.</param>
/// <param name="Rows">Their rows.</param>
internal sealed record PreparedIteration(int View, SampledPixels Pixels, PixelRowSlice Rows);

/// <summary>
/// A run of consecutive iterations prepared together, so that a view that occurs several times is projected once.
/// </summary>
/// <remarks>
/// Every draw is keyed by the iteration, so a window is a pure function of its bounds: resuming inside one draws the same pixels.
/// </remarks>
internal sealed class TrainingWindow
{
    // Rows of this many iterations are held at once: about 0.5 MB each at 60 contributions a pixel.
    private const int MaxIterations = 128;

    private const int ViewOrderPurpose = 1;
    private const int PixelPurpose = 2;

    private TrainingWindow(int first, PreparedIteration[] iterations)
    {
        First = first;
        Iterations = iterations;
    }

    /// <summary>Number of the first iteration.</summary>
    public int First { get; }

    /// <summary>The iterations.</summary>
    public PreparedIteration[] Iterations { get; }

    /// <summary>Bounds of the window that holds an iteration: whole epochs over the views where they fit.</summary>
    public static (int First, int End) Bounds(int iteration, int viewCount, int iterations)
    {
        int length = viewCount >= MaxIterations ? MaxIterations : MaxIterations / viewCount * viewCount;
        int first = iteration / length * length;
        return (first, Math.Min(first + length, iterations));
    }

    /// <summary>The view of an iteration: uniformly without replacement until all have been used.</summary>
    public static int ViewOf(int iteration, int viewCount, long seed)
    {
        int epoch = iteration / viewCount;
        var random = new CounterRandom(seed, ViewOrderPurpose, epoch);
        var order = new int[viewCount];
        for (int i = 0; i < viewCount; i++)
        {
            order[i] = i;
        }

        random.Shuffle(order);
        return order[iteration % viewCount];
    }

    /// <summary>Samples pixels and computes their rows, view by view.</summary>
    public static TrainingWindow Prepare(
        int first, int end, IReadOnlyList<TrainingView> views, IRasterizer rasterizer, AffinityTrainingOptions options, CancellationToken cancellationToken)
    {
        var prepared = new PreparedIteration[end - first];
        foreach (IGrouping<int, int> visit in Enumerable.Range(first, end - first).GroupBy(i => ViewOf(i, views.Count, options.Seed)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            TrainingView view = views[visit.Key];
            var samples = new List<(int Iteration, SampledPixels Pixels)>();
            foreach (int iteration in visit)
            {
                var random = new CounterRandom(options.Seed, PixelPurpose, iteration);
                samples.Add((iteration, view.Sample(ref random, options.RaysPerIteration, options.MaskBalancedFraction)));
            }

            PixelPosition[] positions = [.. samples.SelectMany(s => s.Pixels.Positions)];
            SparsePixelRows rows = rasterizer.PixelRows(view.Camera, positions, cancellationToken);
            int start = 0;
            foreach ((int iteration, SampledPixels pixels) in samples)
            {
                prepared[iteration - first] = new PreparedIteration(visit.Key, pixels, new PixelRowSlice(rows, start, pixels.Positions.Length));
                start += pixels.Positions.Length;
            }
        }

        return new TrainingWindow(first, prepared);
    }
}
