using System.Diagnostics;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>
    /// Says how similar every Gaussian is to a prompt: what <see cref="Segment(PointPrompt, CancellationToken)"/> compares with
    /// the threshold.
    /// </summary>
    /// <param name="prompt">Points and scale; outside <c>Within</c> all is 0, the threshold and <c>Connected</c> play no part.</param>
    /// <param name="maxThreads">Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the prompt.</exception>
    /// <exception cref="Cameras.InvalidCameraException">The camera is impossible.</exception>
    public SimilarityResult Similarities(PointPrompt prompt, int maxThreads, CancellationToken cancellationToken)
    {
        Check(prompt.Points.Count(p => p.Positive), prompt.Points.Count, prompt.Quantile, PointPrompt.DefaultThreshold, prompt.Within);
        long started = Stopwatch.GetTimestamp();
        QueryFeature[] points = FeaturesOf(prompt, cancellationToken);
        TimeSpan featureTime = Stopwatch.GetElapsedTime(started);

        started = Stopwatch.GetTimestamp();
        GatedQueries queries = GatedQueries.At(
            _gate, prompt.Quantile, PointsThatAre(true, prompt, points), PointsThatAre(false, prompt, points));
        var map = new SimilarityMap(FileGaussianCount);
        try
        {
            // Every Gaussian has a byte of its own, so threads write where they like.
            byte[] values = map.Memory;
            SelectionPass.ForChunks(
                _features.BlockCount,
                Math.Clamp(maxThreads, 1, MaxThreads),
                (start, length) => SimilarityKernel.RunBlocks(_features, queries, _scene.FileIndices, start, length, values),
                cancellationToken);
            if (prompt.Within is { } within)
            {
                ClearOutside(within, values);
            }
        }
        catch
        {
            map.Dispose();
            throw;
        }

        return new SimilarityResult(map, points, featureTime, Stopwatch.GetElapsedTime(started));
    }

    private static void ClearOutside(GaussianSelection within, byte[] values)
    {
        for (int i = 0; i < within.GaussianCount; i++)
        {
            values[i] = within.Contains(i) ? values[i] : (byte)0;
        }
    }
}
