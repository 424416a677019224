using Saga.Engine.Rasterization;

namespace Saga.Engine.Images;

/// <content>Feature pictures.</content>
public static partial class ColorMaps
{
    /// <summary>Sweeps of the eigenvalue iteration; symmetric matrices of this size settle in about eight.</summary>
    private const int MaxSweeps = 30;

    /// <summary>Deviations that the range of a colour channel covers on both sides of the mean.</summary>
    private const double RangeDeviations = 2.5;

    /// <summary>
    /// Features as colours: the three directions of largest variance over the picture become red, green and blue.
    /// </summary>
    /// <remarks>
    /// Alike features get alike colours within one picture. The signs of the directions are fixed (largest component positive),
    /// so the same features give the same picture. Pixels whose features are all zero stay black.
    /// </remarks>
    /// <exception cref="ArgumentException">The image was rendered without features.</exception>
    public static RgbImage Features(RenderedImage image)
    {
        Check(image, image.Features, "features", Math.Max(1, image.FeatureChannels));
        int channels = image.FeatureChannels;
        (double[] mean, double[,] covariance) = Moments(image.Features, channels);
        (double Variance, double[] Direction)[] axes = PrincipalAxes(covariance);
        byte[] pixels = new byte[3 * image.Width * image.Height];
        for (int p = 0; p < image.Width * image.Height; p++)
        {
            ReadOnlySpan<float> feature = image.Features.AsSpan(p * channels, channels);
            if (!feature.ContainsAnyExcept(0f))
            {
                continue;
            }

            for (int k = 0; k < Math.Min(3, channels); k++)
            {
                double along = 0;
                for (int c = 0; c < channels; c++)
                {
                    along += (feature[c] - mean[c]) * axes[k].Direction[c];
                }

                double deviation = Math.Sqrt(Math.Max(axes[k].Variance, 1e-20));
                pixels[3 * p + k] = ToByte((float)(0.5 + along / (2 * RangeDeviations * deviation)));
            }
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    private static (double[] Mean, double[,] Covariance) Moments(float[] features, int channels)
    {
        double[] mean = new double[channels];
        double[,] second = new double[channels, channels];
        long count = 0;
        for (int start = 0; start < features.Length; start += channels)
        {
            ReadOnlySpan<float> feature = features.AsSpan(start, channels);
            if (!feature.ContainsAnyExcept(0f))
            {
                continue;
            }

            count++;
            for (int i = 0; i < channels; i++)
            {
                mean[i] += feature[i];
                for (int j = 0; j <= i; j++)
                {
                    second[i, j] += (double)feature[i] * feature[j];
                }
            }
        }

        for (int i = 0; i < channels; i++)
        {
            mean[i] /= Math.Max(count, 1);
        }

        for (int i = 0; i < channels; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                second[i, j] = second[j, i] = second[i, j] / Math.Max(count, 1) - mean[i] * mean[j];
            }
        }

        return (mean, second);
    }

    /// <summary>Eigenvalues and eigenvectors of a symmetric matrix, largest first, by Jacobi rotations.</summary>
    private static (double Variance, double[] Direction)[] PrincipalAxes(double[,] a)
    {
        int n = a.GetLength(0);
        double[,] v = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
        }

        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, v, p, q);
                }
            }
        }

        return
        [
            .. Enumerable.Range(0, n).OrderByDescending(k => a[k, k]).Select(k => (a[k, k], Direction(v, k))),
        ];
    }

    /// <summary>One Jacobi rotation: makes a[p, q] zero.</summary>
    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (Math.Abs(a[p, q]) <= 1e-15 * Math.Sqrt(Math.Abs(a[p, p] * a[q, q])))
        {
            return;
        }

        int n = a.GetLength(0);
        double theta = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        double cos = 1 / Math.Sqrt(t * t + 1), sin = t * cos;
        for (int k = 0; k < n; k++)
        {
            (a[k, p], a[k, q]) = (cos * a[k, p] - sin * a[k, q], sin * a[k, p] + cos * a[k, q]);
        }

        for (int k = 0; k < n; k++)
        {
            (a[p, k], a[q, k]) = (cos * a[p, k] - sin * a[q, k], sin * a[p, k] + cos * a[q, k]);
            (v[k, p], v[k, q]) = (cos * v[k, p] - sin * v[k, q], sin * v[k, p] + cos * v[k, q]);
        }
    }

    private static double[] Direction(double[,] v, int column)
    {
        double[] direction = [.. Enumerable.Range(0, v.GetLength(0)).Select(row => v[row, column])];
        double largest = direction.MaxBy(Math.Abs);
        return largest < 0 ? [.. direction.Select(d => -d)] : direction;
    }
}
