using Saga.Engine.Numerics;

namespace Saga.Engine.Training;

/// <summary>
/// Gives Gaussians that the training pixels hardly saw the features of their seen neighbours: what is inside an object belongs to it.
/// </summary>
/// <remarks>
/// A Gaussian that no pixel saw keeps the noise it started with, and one that shone through cracks was moved by the masks of what
/// stands before it. Trust v/(v + 1) in what was seen spreads over the K-NN graph: in every round each Gaussian without trust takes
/// the mean of its neighbours' unit features weighted by their trust, and half of their mean trust. Rounds read the one before, so
/// the result does not depend on the thread count.
/// </remarks>
internal static class HiddenFeatures
{
    // Rounds, each a step over the graph: sixteen neighbours wide, they cross the inside of an object.
    private const int Rounds = 24;

    // Trust of a Gaussian that its own pixels have taught: about one fully visible training pixel.
    private const float Settled = 0.5f;

    /// <summary>Spreads features to the Gaussians without trust.</summary>
    /// <param name="unit">Unit features, [gaussians, channels]; rewritten where trust is low.</param>
    /// <param name="visibility">Σ w of each Gaussian over all training pixels, [gaussians].</param>
    /// <param name="channels">Feature dimension.</param>
    /// <param name="neighbors">Nearest neighbours, self first, [gaussians, k].</param>
    /// <param name="k">Neighbours of a Gaussian.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <returns>Trust of each Gaussian, [gaussians], in (0, 1).</returns>
    public static float[] Fill(float[] unit, float[] visibility, int channels, int[] neighbors, int k, int threads)
    {
        float[] trust = [.. visibility.Select(v => (v + 1e-6f) / (v + 1))];
        int[] hidden = [.. Enumerable.Range(0, trust.Length).Where(i => trust[i] < Settled)];
        var features = new float[hidden.Length * channels];
        var trusts = new float[hidden.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        for (int round = 0; round < Rounds && hidden.Length > 0; round++)
        {
            Parallel.For(0, hidden.Length, parallel, h =>
            {
                Span<float> feature = features.AsSpan(h * channels, channels);
                trusts[h] = Mean(unit, trust, channels, neighbors.AsSpan(hidden[h] * k, k), feature);
            });
            for (int h = 0; h < hidden.Length; h++)
            {
                features.AsSpan(h * channels, channels).CopyTo(unit.AsSpan(hidden[h] * channels, channels));
                trust[hidden[h]] = Math.Max(trust[hidden[h]], trusts[h]);
            }
        }

        return trust;
    }

    // The neighbours' mean direction; returns half of their mean trust.
    private static float Mean(float[] unit, float[] trust, int channels, ReadOnlySpan<int> neighbors, Span<float> mean)
    {
        mean.Clear();
        float total = 0;
        foreach (int j in neighbors)
        {
            total += trust[j];
            VectorSum.AddScaled(mean, unit.AsSpan(j * channels, channels), trust[j]);
        }

        double square = 0;
        foreach (float value in mean)
        {
            square += (double)value * value;
        }

        float inverse = square > 0 ? (float)(1 / Math.Sqrt(square)) : 0;
        foreach (ref float value in mean)
        {
            value *= inverse;
        }

        return total / neighbors.Length / 2;
    }
}
