using Saga.Engine.Affinity;

namespace Saga.Engine.Segmentation;

/// <summary>A prompt's query features at one scale: gated, unit length, positives first.</summary>
internal sealed class GatedQueries
{
    private GatedQueries(int dimension, int positiveCount, int negativeCount)
    {
        PositiveCount = positiveCount;
        NegativeCount = negativeCount;
        Gate = new float[dimension];
        Values = new float[(positiveCount + negativeCount) * dimension];
    }

    /// <summary>Number of positive queries, at least 1.</summary>
    public int PositiveCount { get; }

    /// <summary>Number of negative queries.</summary>
    public int NegativeCount { get; }

    /// <summary>Gate of the scale, [dimension].</summary>
    public float[] Gate { get; }

    /// <summary>g∘F / ‖g∘F‖ of every point, [positives then negatives, dimension]; zeros where F has no direction.</summary>
    public float[] Values { get; }

    /// <summary>Gates raw features at a scale and normalises them.</summary>
    /// <param name="gate">The model's gate.</param>
    /// <param name="quantile">Scale in [0, 1].</param>
    /// <param name="positives">Raw features of the positive points.</param>
    /// <param name="negatives">Raw features of the negative points.</param>
    public static GatedQueries At(
        ScaleGate gate, double quantile, IReadOnlyList<QueryFeature> positives, IReadOnlyList<QueryFeature> negatives)
    {
        var queries = new GatedQueries(gate.Dimension, positives.Count, negatives.Count);
        gate.Evaluate(quantile, queries.Gate);
        for (int j = 0; j < positives.Count + negatives.Count; j++)
        {
            float[] raw = (j < positives.Count ? positives[j] : negatives[j - positives.Count]).Feature;
            queries.SetGated(j, raw);
        }

        return queries;
    }

    private void SetGated(int j, float[] raw)
    {
        double normSquared = 0;
        for (int c = 0; c < Gate.Length; c++)
        {
            double gated = (double)Gate[c] * raw[c];
            normSquared += gated * gated;
        }

        double factor = normSquared > GatedSimilarityKernel.MinNormSquared ? 1 / Math.Sqrt(normSquared) : 0;
        for (int c = 0; c < Gate.Length; c++)
        {
            Values[j * Gate.Length + c] = (float)((double)Gate[c] * raw[c] * factor);
        }
    }
}
