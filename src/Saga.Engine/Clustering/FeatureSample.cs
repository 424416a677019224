using Saga.Engine.Numerics;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Clustering;

/// <summary>Some Gaussians' features at one scale, gated and unit length.</summary>
/// <param name="Values">[Count, Dimension].</param>
/// <param name="Dimension">Channels.</param>
internal sealed record FeatureSample(float[] Values, int Dimension)
{
    // Independent of what else is drawn with the same seed.
    private const int Purpose = 301;

    /// <summary>Number of samples.</summary>
    public int Count => Values.Length / Dimension;

    /// <summary>Draws without replacement, evenly; a drawn Gaussian without a direction at this scale is left out.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="gate">Gate of the scale, [dimension].</param>
    /// <param name="inside">Null, or whether an engine index may be drawn.</param>
    /// <param name="insideCount">How many may.</param>
    /// <param name="count">How many are to be drawn, at most <paramref name="insideCount"/>.</param>
    /// <param name="seed">The same seed draws the same.</param>
    public static FeatureSample Draw(
        FeatureBlocks features, ReadOnlySpan<float> gate, Func<int, bool>? inside, int insideCount, int count, long seed)
    {
        var random = new CounterRandom(seed, Purpose, 0);
        float[] values = new float[count * features.Dimension];
        int found = 0;
        int left = insideCount;
        for (int i = 0; count > 0; i++)
        {
            if (inside is not null && !inside(i))
            {
                continue;
            }

            // Knuth's selection sampling: each of those left is as likely, and none is drawn twice.
            if (random.Next(left--) < count)
            {
                count--;
                found += TryGate(features, i, gate, values.AsSpan(found * features.Dimension, features.Dimension)) ? 1 : 0;
            }
        }

        return new FeatureSample(values[..(found * features.Dimension)], features.Dimension);
    }

    private static bool TryGate(FeatureBlocks features, int index, ReadOnlySpan<float> gate, Span<float> unit)
    {
        unit.Clear();
        features.AddTo(index, 1, unit);
        double normSquared = 0;
        for (int c = 0; c < unit.Length; c++)
        {
            unit[c] *= gate[c];
            normSquared += (double)unit[c] * unit[c];
        }

        // Comparisons with NaN are false.
        if (!(normSquared > GatedSimilarityKernel.MinNormSquared && normSquared < float.MaxValue))
        {
            return false;
        }

        double factor = 1 / Math.Sqrt(normSquared);
        for (int c = 0; c < unit.Length; c++)
        {
            unit[c] = (float)(unit[c] * factor);
        }

        return true;
    }
}
