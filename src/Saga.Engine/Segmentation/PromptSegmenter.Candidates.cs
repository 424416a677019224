using System.Diagnostics;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Where no scale is better than another.</summary>
    private const double NoScale = 0.5;

    /// <summary>A selection of a greater share of the scene is no thing in it; one of two things may have a little more than a half.</summary>
    private const double MostOfScene = 0.55;

    /// <summary>Finds the granularities that a prompt without a scale may mean: a few stable selections from fine to coarse.</summary>
    /// <param name="prompt">Everything but the scale, which plays no part.</param>
    /// <param name="maxThreads">Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>
    /// At most five candidates. Each counts exactly what the prompt selects at its scale. The scales and their ranges come from at
    /// most 32 tried ones: between two that select almost the same, those in between are taken to select that too, and in scenes of
    /// more than 65,536 Gaussians a sample tells what is selected.
    /// </returns>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    /// <exception cref="Cameras.InvalidCameraException">The camera is impossible.</exception>
    public CandidatesResult Candidates(PointPrompt prompt, int maxThreads, CancellationToken cancellationToken)
    {
        Check(prompt.Points.Count(p => p.Positive), prompt.Points.Count, 0, prompt.Threshold, prompt.Within);
        long started = Stopwatch.GetTimestamp();
        QueryFeature[] points = FeaturesOf(prompt, cancellationToken);
        TimeSpan featureTime = Stopwatch.GetElapsedTime(started);

        started = Stopwatch.GetTimestamp();
        int threads = Math.Clamp(maxThreads, 1, MaxThreads);
        Sweep sweep = Try(prompt, points, threads, cancellationToken);
        int[] counts = prompt.Connected
            ? [.. sweep.Ranges.Select(range => CountConnected(prompt, sweep.Positives, sweep.Scorers[range.Step], threads, cancellationToken))]
            : ScaleSweep.Counts([.. sweep.Ranges.Select(range => sweep.Scorers[range.Step])], sweep.Inside, threads, cancellationToken);
        return new CandidatesResult(Gather(sweep.Ranges, counts), points, featureTime, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>
    /// The scale that a prompt without one most likely means: that of its most stable granularity, other than one that is most of
    /// the scene: who wants everything needs no click.
    /// </summary>
    /// <param name="prompt">Everything but the scale, which plays no part.</param>
    /// <param name="maxThreads">Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Quantile in [0, 1], the finer of two alike; 0.5 where nothing is selected at any scale.</returns>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    /// <exception cref="Cameras.InvalidCameraException">The camera is impossible.</exception>
    public double MostStableQuantile(PointPrompt prompt, int maxThreads, CancellationToken cancellationToken)
    {
        Check(prompt.Points.Count(p => p.Positive), prompt.Points.Count, 0, prompt.Threshold, prompt.Within);
        Sweep sweep = Try(prompt, FeaturesOf(prompt, cancellationToken), Math.Clamp(maxThreads, 1, MaxThreads), cancellationToken);
        if (sweep.Ranges.Count == 0)
        {
            return NoScale;
        }

        Granularities.Range best = sweep.Ranges.MaxBy(
            range => (sweep.Shares[range.Step] <= MostOfScene, range.MeanIou * range.Width));
        return ScaleSweep.QuantileOf(best.Step);
    }

    private Sweep Try(PointPrompt prompt, QueryFeature[] points, int threads, CancellationToken cancellationToken)
    {
        BlockScorer[] scorers = [.. Enumerable.Range(0, ScaleSweep.Steps)
            .Select(step => ScorerOf(prompt with { Quantile = ScaleSweep.QuantileOf(step) }, points))];
        QueryFeature[] positives = PointsThatAre(true, prompt, points);
        SweepSample sample = SweepSample.Of(_features.BlockCount, [.. positives.SelectMany(p => p.SurfaceGaussians)]);
        Func<int, bool>? inside = prompt.Within is { } within ? i => within.Contains(_scene.FileIndices[i]) : null;
        ScaleOverlaps overlaps = ScaleSweep.Overlaps(scorers, sample, inside, threads, cancellationToken);
        return new Sweep(scorers, positives, inside, Granularities.Choose(overlaps.Iou), overlaps.Shares);
    }

    private int CountConnected(
        PointPrompt prompt, QueryFeature[] positives, BlockScorer scorer, int threads, CancellationToken cancellationToken)
    {
        byte[] bits = GaussianSelection.BorrowBits(FileGaussianCount);
        SelectConnected(scorer, positives, threads, bits, cancellationToken);
        using GaussianSelection selection = Within(bits, prompt.Within);
        return selection.SelectedCount;
    }

    private static List<ScaleCandidate> Gather(IReadOnlyList<Granularities.Range> ranges, int[] counts)
    {
        var candidates = new List<ScaleCandidate>();
        for (int r = 0; r < ranges.Count; r++)
        {
            Granularities.Range range = ranges[r];
            double stability = range.MeanIou * range.Width / ScaleSweep.Steps;

            // Neighbours may differ in nothing but what is not connected; then they are of one size.
            if (candidates.Count > 0 && candidates[^1].SelectedCount == counts[r])
            {
                candidates[^1] = candidates[^1] with
                {
                    LastQuantile = ScaleSweep.QuantileOf(range.Last),
                    Stability = candidates[^1].Stability + stability,
                };
            }
            else if (counts[r] > 0)
            {
                candidates.Add(new ScaleCandidate(
                    ScaleSweep.QuantileOf(range.Step), ScaleSweep.QuantileOf(range.First), ScaleSweep.QuantileOf(range.Last),
                    counts[r], stability));
            }
        }

        return candidates;
    }

    /// <summary>A prompt at all tried scales, and the ranges that these fall into.</summary>
    private readonly record struct Sweep(
        BlockScorer[] Scorers, QueryFeature[] Positives, Func<int, bool>? Inside, IReadOnlyList<Granularities.Range> Ranges, double[] Shares);
}
