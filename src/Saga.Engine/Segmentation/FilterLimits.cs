namespace Saga.Engine.Segmentation;

/// <summary>When 8-bit features decide, for blocks whose features have one number of channels off (<see cref="FilterBounds"/>).</summary>
/// <remarks>
/// Selected for sure where n·(d − t·n) &gt; Constant + n·(Linear + Relative·n), not selected for sure where the opposite is;
/// that is the bound of d/n multiplied by n², which saves the division.
/// </remarks>
/// <param name="SmallestNorm">n below which the error is too large a share of it for any verdict.</param>
/// <param name="Linear">√(1−t²)·R + E_w.</param>
/// <param name="Constant">|t|·(R² + E_G), with room for a norm that is smaller than n says.</param>
/// <param name="Lead">Share of the norm's unit that two dot products may be off by together: 2·(R + E_w).</param>
internal readonly record struct FilterLimits(float SmallestNorm, float Linear, float Constant, float Lead)
{
    /// <summary>Prepares all numbers of channels.</summary>
    /// <param name="bounds">The prompt in whole numbers.</param>
    /// <param name="threshold">t, in [-1, 1].</param>
    public static FilterLimits[] At(FilterBounds bounds, float threshold)
    {
        // The threshold may be off by η either way, so its sine is the greatest nearby.
        double cosine = Math.Abs(threshold) + bounds.RelativeError;
        double least = Math.Max(0, Math.Abs(threshold) - bounds.RelativeError);
        double sine = Math.Sqrt(1 - least * least);
        var limits = new FilterLimits[bounds.Errors.Length];
        for (int channels = 0; channels < limits.Length; channels++)
        {
            double error = bounds.Errors[channels];
            double errorSquared = error * error;
            limits[channels] = new FilterLimits(
                (float)Math.Sqrt(4 * errorSquared + 5.0 * bounds.SquareError),
                (float)((sine * error + bounds.DotError) * FilterBounds.Safety),
                (float)(cosine * (1.25 * errorSquared + bounds.SquareError) * FilterBounds.Safety),
                (float)(2 * (error + bounds.DotError) * FilterBounds.Safety));
        }

        return limits;
    }
}
