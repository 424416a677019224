using System.Diagnostics;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Answers several prompts in one pass over the features: each answer equals that of the prompt alone, bit for bit.</summary>
    /// <param name="prompts">The prompts, at one scale or at several; one at a time where <c>Connected</c> is asked for.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The answers in the order of the prompts; times are of the whole call.</returns>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with one of the prompts; none is answered then.</exception>
    /// <exception cref="Cameras.InvalidCameraException">A camera is impossible.</exception>
    public IReadOnlyList<PromptResult> SegmentMany(IReadOnlyList<PointPrompt> prompts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        foreach (PointPrompt prompt in prompts)
        {
            Check(prompt.Points.Count(p => p.Positive), prompt.Points.Count, prompt.Quantile, prompt.Threshold, prompt.Within);
        }

        long started = Stopwatch.GetTimestamp();
        QueryFeature[][] points = [.. prompts.Select(prompt => FeaturesOf(prompt, cancellationToken))];
        TimeSpan featureTime = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        byte[][] bits = [.. prompts.Select(_ => GaussianSelection.BorrowBits(FileGaussianCount))];
        BlockScorer[] scorers = [.. prompts.Select((prompt, i) => ScorerOf(prompt, points[i]))];
        int[] together =
        [
            .. Enumerable.Range(0, prompts.Count).Where(i => !prompts[i].Connected
                && !SelectOnDevice(scorers[i], inFileOrder: true, bits[i].AsSpan(0, (FileGaussianCount + 7) / 8))),
        ];
        if (together.Length > 0)
        {
            SelectionPass.RunInFileOrder(
                [.. together.Select(i => scorers[i])], _scene.FileIndices, MaxThreads, [.. together.Select(i => bits[i])], cancellationToken);
        }

        foreach (int i in Enumerable.Range(0, prompts.Count).Where(i => prompts[i].Connected))
        {
            SelectConnected(scorers[i], PointsThatAre(true, prompts[i], points[i]), MaxThreads, bits[i], cancellationToken);
        }

        GaussianSelection[] selections = [.. prompts.Select((prompt, i) => Within(bits[i], prompt.Within))];
        TimeSpan matchTime = Stopwatch.GetElapsedTime(started);
        return [.. selections.Select((selection, i) => new PromptResult(selection, points[i], featureTime, matchTime))];
    }

    private BlockScorer ScorerOf(PointPrompt prompt, QueryFeature[] points)
    {
        GatedQueries queries = GatedQueries.At(
            _gate, prompt.Quantile, PointsThatAre(true, prompt, points), PointsThatAre(false, prompt, points));
        return new BlockScorer(_features, queries, prompt.Threshold);
    }

    private static QueryFeature[] PointsThatAre(bool positive, PointPrompt prompt, QueryFeature[] points) =>
        [.. points.Where((_, p) => prompt.Points[p].Positive == positive)];
}
