namespace Saga.Engine.Affinity;

/// <summary>The scale gate (Eq. 3): g(q) = sigmoid(a·q + b), one number per channel.</summary>
/// <param name="weight">a, [dimension].</param>
/// <param name="bias">b, [dimension].</param>
public sealed class ScaleGate(float[] weight, float[] bias)
{
    /// <summary>a, [dimension].</summary>
    public float[] Weight { get; } = weight;

    /// <summary>b, [dimension].</summary>
    public float[] Bias { get; } = bias;

    /// <summary>Channels.</summary>
    public int Dimension => Weight.Length;

    /// <summary>Evaluates the gate at a quantile.</summary>
    /// <param name="quantile">q in [0, 1].</param>
    /// <param name="gate">Receives g(q), [dimension], each in (0, 1).</param>
    public void Evaluate(double quantile, Span<float> gate)
    {
        for (int c = 0; c < Weight.Length; c++)
        {
            gate[c] = (float)(1.0 / (1.0 + Math.Exp(-(Weight[c] * quantile + Bias[c]))));
        }
    }
}
