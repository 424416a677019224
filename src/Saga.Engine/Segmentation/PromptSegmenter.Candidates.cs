using System.Diagnostics;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Finds the granularities that a prompt without a scale may mean: a few stable selections from fine to coarse.</summary>
    /// <param name="prompt">Everything but the scale, which plays no part.</param>
    /// <param name="maxThreads">Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>
    /// At most five candidates. Each selection is exactly that of the prompt at its scale; in scenes of more than 131,072
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
        IReadOnlyList<ScaleCandidate> candidates = Answer(prompt, positives, scorers, ranges, threads, cancellationToken);
        return new CandidatesResult(candidates, points, featureTime, Stopwatch.GetElapsedTime(started));
    }

    private List<ScaleCandidate> Answer(
        PointPrompt prompt, QueryFeature[] positives, BlockScorer[] scorers, IReadOnlyList<Granularities.Range> ranges, int threads,
        CancellationToken cancellationToken)
    {
        byte[][] bits = [.. ranges.Select(_ => GaussianSelection.BorrowBits(FileGaussianCount))];
        if (prompt.Connected)
        {
            for (int r = 0; r < ranges.Count; r++)
            {
                SelectConnected(scorers[ranges[r].Step], positives, threads, bits[r], cancellationToken);
            }
        }
        else if (ranges.Count > 0)
        {
            SelectionPass.RunInFileOrder(
                [.. ranges.Select(range => scorers[range.Step])], _scene.FileIndices, threads, bits, cancellationToken);
        }

        var candidates = new List<ScaleCandidate>();
        for (int r = 0; r < ranges.Count; r++)
        {
            var candidate = new ScaleCandidate(
                ScaleSweep.QuantileOf(ranges[r].Step), ranges[r].MeanIou * ranges[r].Width / ScaleSweep.Steps, Within(bits[r], prompt.Within));

            // Two selections may differ in nothing but what is not connected.
            int same = candidates.FindIndex(c => c.Selection.Bits.Span.SequenceEqual(candidate.Selection.Bits.Span));
            if (same < 0)
            {
                candidates.Add(candidate);
            }
            else
            {
                candidates[same] = candidates[same] with { Stability = candidates[same].Stability + candidate.Stability };
                candidate.Selection.Dispose();
            }
        }

        return candidates;
    }
}
