namespace Saga.Engine.Clustering;

/// <summary>Directions that stand for clusters: the normalised means of their members.</summary>
internal sealed class ClusterCenters
{
    /// <summary>The kernel compares with so many centres at a time.</summary>
    public const int PerStep = 4;

    private ClusterCenters(int count, int dimension)
    {
        Count = count;
        Values = new float[(count + PerStep - 1) / PerStep * PerStep * dimension];
    }

    /// <summary>Number of centres.</summary>
    public int Count { get; }

    /// <summary>Unit vectors, [Count, dimension], then zeros up to a whole step: nothing is like those.</summary>
    public float[] Values { get; }

    /// <summary>Averages the samples of every cluster; noise is no cluster.</summary>
    /// <param name="sample">The samples.</param>
    /// <param name="labels">Cluster of every sample, or <see cref="HdbscanResult.Noise"/>.</param>
    /// <param name="count">Number of clusters.</param>
    public static ClusterCenters Of(FeatureSample sample, ReadOnlySpan<int> labels, int count)
    {
        int dimension = sample.Dimension;
        double[] sums = new double[count * dimension];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int c = 0; labels[i] >= 0 && c < dimension; c++)
            {
                sums[labels[i] * dimension + c] += sample.Values[i * dimension + c];
            }
        }

        var centers = new ClusterCenters(count, dimension);
        for (int k = 0; k < count; k++)
        {
            ReadOnlySpan<double> sum = sums.AsSpan(k * dimension, dimension);
            double normSquared = 0;
            foreach (double value in sum)
            {
                normSquared += value * value;
            }

            // Members that cancel out have no common direction; the centre stays 0.
            for (int c = 0; normSquared > 0 && c < dimension; c++)
            {
                centers.Values[k * dimension + c] = (float)(sum[c] / Math.Sqrt(normSquared));
            }
        }

        return centers;
    }
}
