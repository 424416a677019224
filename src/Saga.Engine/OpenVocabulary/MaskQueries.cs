using Saga.Engine.Affinity;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;

namespace Saga.Engine.OpenVocabulary;

/// <summary>The affinity feature of a mask (Eq. 14): the mean, over its pixels, of the unit gated rendered feature at its scale.</summary>
/// <remarks>
/// Kept as the raw feature whose gating gives that direction, so that it is queried like a click. A spread of pixels stands for the
/// mask: ranks in column-major order at even steps.
/// </remarks>
internal sealed class MaskQueries(AffinityModel model)
{
    /// <summary>Most pixels that stand for a mask.</summary>
    public const int PixelsPerMask = 64;

    private const double MinNormSquared = 1e-24;

    private const float MinGate = 1e-12f;

    /// <summary>Pixels to sample of a mask, centres.</summary>
    /// <param name="mask">At the view's resolution, not empty.</param>
    public static PixelPosition[] PixelsOf(BinaryMask mask)
    {
        var pixels = new PixelPosition[Math.Min(PixelsPerMask, mask.Area)];
        for (int k = 0; k < pixels.Length; k++)
        {
            (int x, int y) = mask.SetPixel((int)((2L * k + 1) * mask.Area / (2L * pixels.Length)));
            pixels[k] = new PixelPosition(x + 0.5f, y + 0.5f);
        }

        return pixels;
    }

    /// <summary>Blends and averages the features of a mask's pixels.</summary>
    /// <param name="rows">Rows that hold the pixels.</param>
    /// <param name="first">The first pixel's row.</param>
    /// <param name="count">Number of pixels.</param>
    /// <param name="quantile">The mask's scale.</param>
    /// <param name="query">Receives the raw feature, [dimension].</param>
    /// <returns>False where no pixel has a feature with a direction.</returns>
    public bool Average(SparsePixelRows rows, int first, int count, double quantile, Span<float> query)
    {
        int dimension = model.Dimension;
        Span<float> gate = stackalloc float[dimension];
        model.Gate.Evaluate(quantile, gate);
        Span<double> sum = stackalloc double[dimension];
        Span<double> gated = stackalloc double[dimension];
        sum.Clear();
        for (int row = first; row < first + count; row++)
        {
            gated.Clear();
            for (int k = rows.RowStarts[row]; k < rows.RowStarts[row + 1]; k++)
            {
                ReadOnlySpan<float> feature = model.Features.AsSpan(rows.GaussianIndices[k] * dimension, dimension);
                for (int c = 0; c < dimension; c++)
                {
                    gated[c] += (double)rows.Weights[k] * feature[c];
                }
            }

            double normSquared = 0;
            for (int c = 0; c < dimension; c++)
            {
                gated[c] *= gate[c];
                normSquared += gated[c] * gated[c];
            }

            if (normSquared > MinNormSquared)
            {
                double factor = 1 / Math.Sqrt(normSquared);
                for (int c = 0; c < dimension; c++)
                {
                    sum[c] += gated[c] * factor;
                }
            }
        }

        double total = 0;
        for (int c = 0; c < dimension; c++)
        {
            total += sum[c] * sum[c];

            // A closed gate lets nothing of the channel through, so whatever stands there does not matter.
            query[c] = gate[c] > MinGate ? (float)(sum[c] / gate[c]) : 0;
        }

        return total > MinNormSquared;
    }
}
