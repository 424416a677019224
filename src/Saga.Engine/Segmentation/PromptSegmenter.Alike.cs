namespace Saga.Engine.Segmentation;

public sealed partial class PromptSegmenter
{
    /// <summary>Says whether two Gaussians belong to one thing: how growing a selection stops at its border.</summary>
    /// <param name="quantile">Scale in [0, 1].</param>
    /// <param name="similarity">Smallest cosine between the gated features, in [-1, 1].</param>
    /// <returns>Takes two engine indices. A Gaussian whose feature has no direction is like no other.</returns>
    /// <exception cref="PromptRefusedException">The scale or the similarity is out of range.</exception>
    public Func<int, int, bool> AlikeAt(double quantile, float similarity)
    {
        Check(1, 1, quantile, similarity, null);
        float[] gate = new float[_features.Dimension];
        _gate.Evaluate(quantile, gate);
        return (i, j) =>
        {
            Span<float> a = stackalloc float[gate.Length];
            Span<float> b = stackalloc float[gate.Length];
            a.Clear();
            b.Clear();
            _features.AddTo(i, 1, a);
            _features.AddTo(j, 1, b);
            double dot = 0;
            double lengthA = 0;
            double lengthB = 0;
            for (int c = 0; c < gate.Length; c++)
            {
                double gatedA = (double)gate[c] * a[c];
                double gatedB = (double)gate[c] * b[c];
                dot += gatedA * gatedB;
                lengthA += gatedA * gatedA;
                lengthB += gatedB * gatedB;
            }

            // Comparisons with NaN are false.
            return lengthA > GatedSimilarityKernel.MinNormSquared && lengthB > GatedSimilarityKernel.MinNormSquared
                && dot >= similarity * Math.Sqrt(lengthA) * Math.Sqrt(lengthB);
        };
    }
}
