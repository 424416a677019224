using System.Runtime.Intrinsics;

namespace Saga.Engine.Training;

/// <summary>Adam (β 0.9, 0.999, ε 1e-15) that leaves rows without a gradient alone.</summary>
/// <remarks>The bias correction follows the global step, as sparse Adam does elsewhere.</remarks>
internal static unsafe class LazyAdam
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-15f;

    /// <summary>Updates some rows of a table.</summary>
    /// <param name="values">Parameters, [rows, channels].</param>
    /// <param name="first">First moments, the same shape.</param>
    /// <param name="second">Second moments, the same shape.</param>
    /// <param name="channels">Row length, a multiple of 8.</param>
    /// <param name="rows">Rows to update, each once.</param>
    /// <param name="gradients">Their gradients, [rows, channels].</param>
    /// <param name="step">Step number, from 1.</param>
    /// <param name="learningRate">Learning rate.</param>
    public static void Update(
        float[] values, float[] first, float[] second, int channels, ReadOnlySpan<int> rows, float* gradients, int step, double learningRate)
    {
        (float rate, float correction) = Rates(step, learningRate);
        Vector256<float> epsilon = Vector256.Create(Epsilon);
        fixed (float* f = values)
        fixed (float* m = first)
        fixed (float* v = second)
        {
            for (int r = 0; r < rows.Length; r++)
            {
                long start = (long)rows[r] * channels;
                for (int c = 0; c < channels; c += 8)
                {
                    Vector256<float> g = Vector256.Load(gradients + (long)r * channels + c);
                    Vector256<float> mean = Vector256.Load(m + start + c) * Beta1 + g * (1 - Beta1);
                    Vector256<float> square = Vector256.Load(v + start + c) * Beta2 + g * g * (1 - Beta2);
                    mean.Store(m + start + c);
                    square.Store(v + start + c);
                    Vector256<float> change = mean * rate / (Vector256.Sqrt(square) * correction + epsilon);
                    (Vector256.Load(f + start + c) - change).Store(f + start + c);
                }
            }
        }
    }

    /// <summary>Updates a dense vector of any length.</summary>
    public static void Update(float[] values, float[] first, float[] second, ReadOnlySpan<float> gradients, int step, double learningRate)
    {
        (float rate, float correction) = Rates(step, learningRate);
        for (int c = 0; c < values.Length; c++)
        {
            first[c] = first[c] * Beta1 + gradients[c] * (1 - Beta1);
            second[c] = second[c] * Beta2 + gradients[c] * gradients[c] * (1 - Beta2);
            values[c] -= first[c] * rate / (MathF.Sqrt(second[c]) * correction + Epsilon);
        }
    }

    /// <summary>What the bias corrections make of a step: the rate of the first moment, the factor of the second's root.</summary>
    public static (float Rate, float Correction) Rates(int step, double learningRate) => (
        (float)(learningRate / (1 - Math.Pow(Beta1, step))),
        (float)(1 / Math.Sqrt(1 - Math.Pow(Beta2, step))));
}
