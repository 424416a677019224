using System.Numerics;

namespace Saga.Benchmarks;

/// <summary>
/// Whole-array passes over row-major float32, as tensor frameworks run them: one operation at a time, every intermediate result
/// written out, each pass vectorised and spread over the cores.
/// </summary>
internal static class DensePasses
{
    // Rows that a thread takes at least.
    private const int MinRows = 64;

    /// <summary>Runs a pass over rows on all cores.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="body">Receives a first row and the one after the last.</param>
    public static void ForRows(int rows, Action<int, int> body)
    {
        int parts = Math.Clamp(rows / MinRows, 1, 4 * Environment.ProcessorCount);
        Parallel.For(0, parts, part =>
            body((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts)));
    }

    /// <summary>result = rows ∘ factors, factors the same for every row.</summary>
    public static void MultiplyRows(float[] rows, float[] factors, float[] result)
    {
        int channels = factors.Length;
        ForRows(result.Length / channels, (start, end) =>
        {
            for (int r = start; r < end; r++)
            {
                for (int c = 0; c < channels; c += Vector<float>.Count)
                {
                    (new Vector<float>(rows, r * channels + c) * new Vector<float>(factors, c)).CopyTo(result, r * channels + c);
                }
            }
        });
    }

    /// <summary>norms[r] = ‖rows[r]‖.</summary>
    public static void Norms(float[] rows, int channels, float[] norms) => ForRows(norms.Length, (start, end) =>
    {
        for (int r = start; r < end; r++)
        {
            ReadOnlySpan<float> row = rows.AsSpan(r * channels, channels);
            norms[r] = MathF.Sqrt(Dot(row, row));
        }
    });

    /// <summary>result[r] = rows[r] / norms[r], zero where the norm is.</summary>
    public static void Divide(float[] rows, int channels, float[] norms, float[] result) => ForRows(norms.Length, (start, end) =>
    {
        for (int r = start; r < end; r++)
        {
            float inverse = norms[r] > 0 ? 1 / norms[r] : 0;
            for (int c = 0; c < channels; c += Vector<float>.Count)
            {
                (new Vector<float>(rows, r * channels + c) * inverse).CopyTo(result, r * channels + c);
            }
        }
    });

    /// <summary>The gradient of a normalisation: gradient ← (gradient - (gradient·unit) unit) / norm.</summary>
    public static void DivideBackward(float[] gradients, float[] units, int channels, float[] norms) => ForRows(norms.Length, (start, end) =>
    {
        for (int r = start; r < end; r++)
        {
            ReadOnlySpan<float> unit = units.AsSpan(r * channels, channels);
            Span<float> gradient = gradients.AsSpan(r * channels, channels);
            float along = Dot(gradient, unit);
            AddScaled(gradient, unit, -along);
            float inverse = norms[r] > 0 ? 1 / norms[r] : 0;
            for (int c = 0; c < channels; c += Vector<float>.Count)
            {
                (new Vector<float>(gradient[c..]) * inverse).CopyTo(gradient[c..]);
            }
        }
    });

    /// <summary>Inner product; the length is a multiple of the vector's.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sum = default;
        for (int c = 0; c < a.Length; c += Vector<float>.Count)
        {
            sum += new Vector<float>(a[c..]) * new Vector<float>(b[c..]);
        }

        return Vector.Sum(sum);
    }

    /// <summary>target += factor · source; the length is a multiple of the vector's.</summary>
    public static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        for (int c = 0; c < target.Length; c += Vector<float>.Count)
        {
            (new Vector<float>(target[c..]) + new Vector<float>(source[c..]) * factor).CopyTo(target[c..]);
        }
    }
}
