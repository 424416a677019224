using Saga.Engine.Affinity;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    private static AffinityModel Checked(GaussianScene scene, AffinityModel model) =>
        model.Count == scene.Count && model.Features.Length == scene.Count * model.Dimension && model.Gate.Dimension == model.Dimension
            ? model
            : throw new ArgumentException(
                $"The model has {model.Features.Length} feature values of {model.Dimension} channels and a gate of {model.Gate.Dimension}; "
                + $"the scene has {scene.Count} Gaussians.", nameof(model));

    private void Check(int positiveCount, int pointCount, double quantile, float threshold, GaussianSelection? within)
    {
        if (positiveCount == 0)
        {
            throw new PromptRefusedException(
                PromptRefusedException.NoPositivePoint, "The prompt has no positive point; "
                    + "at least one must say what to select.");
        }

        if (pointCount > MaxPoints)
        {
            throw new PromptRefusedException(
                PromptRefusedException.TooManyPoints, $"The prompt has {pointCount} points; "
                    + $"at most {MaxPoints} are taken. Thin the stroke out.");
        }

        // Comparisons with NaN are false, so NaN is refused too.
        if (!(quantile >= 0 && quantile <= 1))
        {
            throw new PromptRefusedException(PromptRefusedException.ScaleOutOfRange, FormattableString.Invariant(
                $"The scale is {quantile}; it is a quantile from 0 (finest) to 1 (coarsest)."));
        }

        if (!(threshold >= -1 && threshold <= 1))
        {
            throw new PromptRefusedException(PromptRefusedException.ThresholdOutOfRange, FormattableString.Invariant(
                $"The threshold is {threshold}; it is a cosine from -1 to 1."));
        }

        if (within is not null && within.GaussianCount != FileGaussianCount)
        {
            throw new PromptRefusedException(
                PromptRefusedException.SelectionMismatch,
                $"The selection to stay within covers {within.GaussianCount} Gaussians; "
                + $"this scene's file has {FileGaussianCount}.");
        }
    }
}
