using Saga.Api.Residency;
using Saga.Engine.Affinity;

namespace Saga.Api.Rendering;

/// <summary>
/// A colour per Gaussian that shows its affinity feature: the projections on the three main directions of the unit features, as
/// red, green and blue. Equal objects get equal colours.
/// </summary>
internal sealed class FeatureColors : IResident
{
    /// <summary>Enough to find directions in 64 dimensions, few enough to cost milliseconds.</summary>
    private const int Samples = 16_384;

    private const int PowerIterations = 50;

    /// <summary>So many standard deviations fill the range of a colour; the few beyond are clamped.</summary>
    private const float Spread = 2f;

    private FeatureColors(float[] rgb) => Rgb = rgb;

    /// <summary>[count, 3], engine order, in [0, 1].</summary>
    public float[] Rgb { get; }

    public long ByteCount => (long)Rgb.Length * sizeof(float);

    public int GaussianCount => Rgb.Length / 3;

    public static FeatureColors From(AffinityModel model)
    {
        int dimension = model.Dimension;
        float[] mean = new float[dimension];
        float[] samples = SampleUnitFeatures(model, mean);
        float[] covariance = Covariance(samples, dimension);
        (float[] Axis, float Variance)[] axes = [.. Enumerable.Range(0, 3).Select(i => TakeMainAxis(covariance, dimension, i))];

        float[] rgb = new float[3 * model.Count];
        float[] unit = new float[dimension];
        for (int i = 0; i < model.Count; i++)
        {
            Unit(model, i, unit);
            AddScaled(mean, -1f, unit);
            for (int c = 0; c < 3; c++)
            {
                float deviation = Dot(unit, axes[c].Axis) / (Spread * MathF.Sqrt(axes[c].Variance + 1e-12f));
                rgb[3 * i + c] = Math.Clamp(0.5f + 0.5f * deviation, 0f, 1f);
            }
        }

        return new FeatureColors(rgb);
    }

    /// <summary>Evenly spaced unit features with their mean taken off, [samples, dimension].</summary>
    private static float[] SampleUnitFeatures(AffinityModel model, float[] mean)
    {
        int count = Math.Min(Samples, model.Count);
        float[] samples = new float[count * model.Dimension];
        for (int s = 0; s < count; s++)
        {
            Span<float> row = samples.AsSpan(s * model.Dimension, model.Dimension);
            Unit(model, (int)((long)s * model.Count / count), row);
            AddScaled(row, 1f / count, mean);
        }

        for (int s = 0; s < count; s++)
        {
            AddScaled(mean, -1f, samples.AsSpan(s * model.Dimension, model.Dimension));
        }

        return samples;
    }

    private static float[] Covariance(float[] samples, int dimension)
    {
        float[] covariance = new float[dimension * dimension];
        int count = samples.Length / dimension;
        for (int s = 0; s < count; s++)
        {
            ReadOnlySpan<float> row = samples.AsSpan(s * dimension, dimension);
            for (int a = 0; a < dimension; a++)
            {
                AddScaled(row, row[a] / count, covariance.AsSpan(a * dimension, dimension));
            }
        }

        return covariance;
    }

    /// <summary>Finds the direction of most variance by power iteration and removes it from the covariance.</summary>
    private static (float[] Axis, float Variance) TakeMainAxis(float[] covariance, int dimension, int index)
    {
        float[] axis = new float[dimension];
        float[] next = new float[dimension];

        // Any start that is not orthogonal to the answer will do; fixed, so that pictures repeat.
        for (int d = 0; d < dimension; d++)
        {
            axis[d] = 1f + 0.1f * ((d + index) % 7);
        }

        float variance = 0;
        for (int iteration = 0; iteration < PowerIterations; iteration++)
        {
            for (int a = 0; a < dimension; a++)
            {
                next[a] = Dot(covariance.AsSpan(a * dimension, dimension), axis);
            }

            variance = MathF.Sqrt(Dot(next, next));
            if (!(variance > 1e-12f))
            {
                return (new float[dimension], 0);
            }

            for (int a = 0; a < dimension; a++)
            {
                axis[a] = next[a] / variance;
            }
        }

        for (int a = 0; a < dimension; a++)
        {
            AddScaled(axis, -variance * axis[a], covariance.AsSpan(a * dimension, dimension));
        }

        return (axis, variance);
    }

    private static void Unit(AffinityModel model, int index, Span<float> unit)
    {
        ReadOnlySpan<float> feature = model.Features.AsSpan(index * model.Dimension, model.Dimension);
        float norm = MathF.Sqrt(Dot(feature, feature));
        unit.Clear();
        AddScaled(feature, norm > 1e-12f ? 1f / norm : 0f, unit);
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>target += factor · source</summary>
    private static void AddScaled(ReadOnlySpan<float> source, float factor, Span<float> target)
    {
        for (int i = 0; i < source.Length; i++)
        {
            target[i] += factor * source[i];
        }
    }
}
