namespace Saga.Engine.Tests.Training;

/// <summary>Rendering of smoothed features straight from §5, in double precision.</summary>
internal sealed class FeatureSmoothingReference(int[][] rows, double[][] weights, int[] neighbors, int k, int[] ranks, int channels)
{
    public double[] Render(double[] features)
    {
        var rendered = new double[rows.Length * channels];
        for (int p = 0; p < rows.Length; p++)
        {
            for (int e = 0; e < rows[p].Length; e++)
            {
                double[] smooth = Smooth(features, rows[p][e]);
                for (int c = 0; c < channels; c++)
                {
                    rendered[p * channels + c] += weights[p][e] * smooth[c];
                }
            }
        }

        return rendered;
    }

    private double[] Smooth(double[] features, int gaussian)
    {
        var mean = new double[channels];
        foreach (int rank in ranks)
        {
            int neighbor = neighbors[gaussian * k + rank];
            double norm = Math.Sqrt(Enumerable.Range(0, channels).Sum(c => Math.Pow(features[neighbor * channels + c], 2)));
            for (int c = 0; c < channels; c++)
            {
                mean[c] += features[neighbor * channels + c] / norm / ranks.Length;
            }
        }

        double length = Math.Sqrt(mean.Sum(v => v * v));
        return [.. mean.Select(v => v / length)];
    }
}
