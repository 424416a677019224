using Saga.Engine.Clustering;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Takes the scene, or a selection of it, apart without any prompt (§8).</summary>
    /// <param name="options">Scale, sample and seed.</param>
    /// <param name="within">Only inside this selection; null for everywhere.</param>
    /// <param name="maxThreads">
    /// Most threads, 1 or more; never more than <see cref="MaxThreads"/>. The result does not depend on it.
    /// </param>
    /// <param name="cancellationToken">Stops the work within milliseconds.</param>
    /// <exception cref="PromptRefusedException">With a code: what is wrong with the options or the selection.</exception>
    public SceneDecomposition Decompose(
        DecompositionOptions options, GaussianSelection? within, int maxThreads, CancellationToken cancellationToken)
    {
        // What a prompt with one point is refused for, this is too.
        Check(positiveCount: 1, pointCount: 1, options.Scale, PointPrompt.DefaultThreshold, within);

        // Comparisons with NaN are false, so NaN is refused too.
        if (options.SampleFraction is { } fraction && !(fraction > 0 && fraction <= 1))
        {
            throw new PromptRefusedException(PromptRefusedException.InvalidOptions, FormattableString.Invariant(
                $"The sample fraction is {fraction}; it is a share above 0, up to 1."));
        }

        if (options.MinClusterSize is < 2 or > DecompositionOptions.MaxSamples)
        {
            throw new PromptRefusedException(
                PromptRefusedException.InvalidOptions,
                $"The smallest cluster is {options.MinClusterSize}; "
                + $"it is a number of samples from 2 to {DecompositionOptions.MaxSamples}.");
        }

        return Decomposer.Run(
            _scene, _features, _gate, options, within, Math.Clamp(maxThreads, 1, MaxThreads), cancellationToken);
    }
}
