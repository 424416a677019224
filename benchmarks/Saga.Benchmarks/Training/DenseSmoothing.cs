using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>
/// Feature smoothing and rendering as a tensor framework does them: normalise all Gaussians, gather and average all neighbourhoods,
/// normalise again, then blend along the rows; and all of it backwards.
/// </summary>
internal sealed class DenseSmoothing(int count, int channels)
{
    private readonly float[] _norms = new float[count];
    private readonly float[] _units = new float[count * channels];
    private readonly float[] _sums = new float[count * channels];
    private readonly float[] _sumNorms = new float[count];
    private readonly float[] _smooth = new float[count * channels];
    private readonly float[] _smoothGradients = new float[count * channels];

    /// <summary>Gradient of every raw feature, [count, channels], after <see cref="Backward"/>.</summary>
    public float[] Gradients { get; } = new float[count * channels];

    /// <summary>Parameters as in <see cref="FeatureSmoothing.Forward"/>.</summary>
    public void Forward(PixelRowSlice rows, float[] features, int[] neighbors, int k, int[] ranks, float[] rendered)
    {
        DensePasses.Norms(features, channels, _norms);
        DensePasses.Divide(features, channels, _norms, _units);
        DensePasses.ForRows(count, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                Span<float> sum = _sums.AsSpan(i * channels, channels);
                sum.Clear();
                foreach (int rank in ranks)
                {
                    DensePasses.AddScaled(sum, _units.AsSpan(neighbors[i * k + rank] * channels, channels), 1);
                }
            }
        });
        DensePasses.Norms(_sums, channels, _sumNorms);
        DensePasses.Divide(_sums, channels, _sumNorms, _smooth);
        DensePasses.ForRows(rows.PixelCount, (start, end) =>
        {
            for (int p = start; p < end; p++)
            {
                Span<float> pixel = rendered.AsSpan(p * channels, channels);
                pixel.Clear();
                for (int e = rows.RowStart(p); e < rows.RowStart(p + 1); e++)
                {
                    DensePasses.AddScaled(pixel, _smooth.AsSpan(rows.GaussianIndices[e] * channels, channels), rows.Weights[e]);
                }
            }
        });
    }

    /// <summary>Parameters as in <see cref="Forward"/>; scatters run on one core, as they do in frameworks.</summary>
    public void Backward(PixelRowSlice rows, float[] renderedGradients, int[] neighbors, int k, int[] ranks)
    {
        Array.Clear(_smoothGradients);
        for (int p = 0; p < rows.PixelCount; p++)
        {
            ReadOnlySpan<float> pixel = renderedGradients.AsSpan(p * channels, channels);
            for (int e = rows.RowStart(p); e < rows.RowStart(p + 1); e++)
            {
                DensePasses.AddScaled(_smoothGradients.AsSpan(rows.GaussianIndices[e] * channels, channels), pixel, rows.Weights[e]);
            }
        }

        DensePasses.DivideBackward(_smoothGradients, _smooth, channels, _sumNorms);
        Array.Clear(Gradients);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> gradient = _smoothGradients.AsSpan(i * channels, channels);
            foreach (int rank in ranks)
            {
                DensePasses.AddScaled(Gradients.AsSpan(neighbors[i * k + rank] * channels, channels), gradient, 1);
            }
        }

        DensePasses.DivideBackward(Gradients, _units, channels, _norms);
    }
}
