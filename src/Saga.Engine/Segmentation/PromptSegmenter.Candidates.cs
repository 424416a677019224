using System.Diagnostics;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Finds the granularities that a prompt without a scale may mean: a few stable selections from fine to coarse.</summary>
    /// <param name="prompt">Everything but the scale, which plays no part.</param>
    /// <param name="maxThreads">Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>
    /// At most five candidates. Each counts exactly what the prompt selects at its scale; in scenes of more than 65,536
    /// Gaussians the scales themselves are chosen by a sample.
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
        BlockScorer[] scorers = [.. Enumerable.Range(0, ScaleSweep.Steps)
            .Select(step => ScorerOf(prompt with { Quantile = ScaleSweep.QuantileOf(step) }, points))];
        QueryFeature[] positives = PointsThatAre(true, prompt, points);
        SweepSample sample = SweepSample.Of(_features.BlockCount, [.. positives.SelectMany(p => p.SurfaceGaussians)]);
        Func<int, bool>? inside = prompt.Within is { } within ? i => within.Contains(_scene.FileIndices[i]) : null;
        IReadOnlyList<Granularities.Range> ranges =
            Granularities.Choose(ScaleSweep.Overlaps(scorers, sample, inside, threads, cancellationToken));
        int[] counts = prompt.Connected
            ? [.. ranges.Select(range => CountConnected(prompt, positives, scorers[range.Step], threads, cancellationToken))]
            : ScaleSweep.Counts([.. ranges.Select(range => scorers[range.Step])], inside, threads, cancellationToken);
        return new CandidatesResult(Gather(ranges, counts), points, featureTime, Stopwatch.GetElapsedTime(started));
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
            var candidate = new ScaleCandidate(
                ScaleSweep.QuantileOf(ranges[r].Step), counts[r], ranges[r].MeanIou * ranges[r].Width / ScaleSweep.Steps);

            // Neighbours may differ in nothing but what is not connected; then they are of one size.
            if (candidates.Count > 0 && candidates[^1].SelectedCount == counts[r])
            {
                candidates[^1] = candidates[^1] with { Stability = candidates[^1].Stability + candidate.Stability };
            }
            else if (counts[r] > 0)
            {
                candidates.Add(candidate);
            }
        }

        return candidates;
    }
}
