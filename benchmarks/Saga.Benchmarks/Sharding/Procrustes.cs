namespace Saga.Benchmarks.Sharding;

/// <summary>The rotation or reflection that brings one set of features closest to another: a polar factor.</summary>
internal static class Procrustes
{
    private const int Iterations = 60;

    /// <summary>Finds the orthogonal Q for which Σ ‖bᵢ·Q − aᵢ‖² is least.</summary>
    /// <param name="from">bᵢ, [count, dimension]; each is used at unit length.</param>
    /// <param name="to">aᵢ, the same.</param>
    /// <param name="dimension">Channels.</param>
    /// <returns>Q, [dimension, dimension].</returns>
    public static double[,] Align(ReadOnlySpan<float> from, ReadOnlySpan<float> to, int dimension)
    {
        double[,] sum = new double[dimension, dimension];
        for (int i = 0; i < from.Length; i += dimension)
        {
            ReadOnlySpan<float> b = from.Slice(i, dimension);
            ReadOnlySpan<float> a = to.Slice(i, dimension);
            double lengths = Length(a) * Length(b);
            for (int r = 0; r < dimension && lengths > 0; r++)
            {
                for (int c = 0; c < dimension; c++)
                {
                    sum[r, c] += b[r] * a[c] / lengths;
                }
            }
        }

        // Newton's iteration for the polar factor: X ← (X + X⁻ᵀ)/2.
        for (int iteration = 0; iteration < Iterations; iteration++)
        {
            double[,] inverse = Inverse(sum);
            double[,] next = new double[dimension, dimension];
            for (int r = 0; r < dimension; r++)
            {
                for (int c = 0; c < dimension; c++)
                {
                    next[r, c] = (sum[r, c] + inverse[c, r]) / 2;
                }
            }

            sum = next;
        }

        return sum;
    }

    /// <summary>b·Q.</summary>
    public static float[] Turn(ReadOnlySpan<float> feature, double[,] rotation)
    {
        float[] turned = new float[feature.Length];
        for (int c = 0; c < turned.Length; c++)
        {
            double value = 0;
            for (int r = 0; r < feature.Length; r++)
            {
                value += feature[r] * rotation[r, c];
            }

            turned[c] = (float)value;
        }

        return turned;
    }

    private static double Length(ReadOnlySpan<float> feature)
    {
        double squared = 0;
        foreach (float value in feature)
        {
            squared += (double)value * value;
        }

        return Math.Sqrt(squared);
    }

    // Gauss–Jordan with the greatest pivot.
    private static double[,] Inverse(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[,] rest = (double[,])matrix.Clone();
        double[,] inverse = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            inverse[i, i] = 1;
        }

        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(row => Math.Abs(rest[row, column]));
            for (int c = 0; c < n; c++)
            {
                (rest[column, c], rest[pivot, c]) = (rest[pivot, c], rest[column, c]);
                (inverse[column, c], inverse[pivot, c]) = (inverse[pivot, c], inverse[column, c]);
            }

            double scale = 1 / rest[column, column];
            for (int c = 0; c < n; c++)
            {
                rest[column, c] *= scale;
                inverse[column, c] *= scale;
            }

            for (int row = 0; row < n; row++)
            {
                double factor = row == column ? 0 : rest[row, column];
                for (int c = 0; c < n; c++)
                {
                    rest[row, c] -= factor * rest[column, c];
                    inverse[row, c] -= factor * inverse[column, c];
                }
            }
        }

        return inverse;
    }
}
