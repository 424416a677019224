namespace Saga.Benchmarks.Clustering;

/// <summary>
/// The two quadratic passes of HDBSCAN, Prim over dense rows, as they are written down: scalar, one thread, no layout of its own.
/// </summary>
internal static class PlainClustering
{
    /// <summary>Core distances, then the weights of the spanning tree.</summary>
    /// <param name="points">[count, dimension].</param>
    /// <param name="dimension">Channels.</param>
    /// <param name="neighbor">Which neighbour is as far as the core.</param>
    /// <returns>Sum of the weights.</returns>
    public static double SpanningTree(float[] points, int dimension, int neighbor)
    {
        int count = points.Length / dimension;
        double[] cores = new double[count];
        double[] row = new double[count];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < count; j++)
            {
                row[j] = Distance(points, dimension, i, j);
            }

            Array.Sort(row);
            cores[i] = row[neighbor];
        }

        double[] nearest = new double[count];
        bool[] taken = new bool[count];
        Array.Fill(nearest, double.PositiveInfinity);
        double sum = 0;
        int current = 0;
        for (int step = 1; step < count; step++)
        {
            taken[current] = true;
            int next = -1;
            for (int j = 0; j < count; j++)
            {
                if (!taken[j])
                {
                    double reach = Math.Max(Distance(points, dimension, current, j), Math.Max(cores[current], cores[j]));
                    nearest[j] = Math.Min(nearest[j], reach);
                    next = next < 0 || nearest[j] < nearest[next] ? j : next;
                }
            }

            sum += nearest[next];
            current = next;
        }

        return sum;
    }

    private static double Distance(float[] points, int dimension, int i, int j)
    {
        double sum = 0;
        for (int c = 0; c < dimension; c++)
        {
            double difference = points[i * dimension + c] - points[j * dimension + c];
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }
}
