namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
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
