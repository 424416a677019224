using Saga.Engine.Cameras;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>
/// Gaussian splatting written straight from its formulas in double precision: every Gaussian, every pixel, no tiles.
/// </summary>
internal sealed class RasterizerReference
{
    private readonly List<Splat> _splats = [];

    public RasterizerReference(GaussianScene scene, PinholeCamera camera)
    {
        CameraPose pose = camera.Pose;
        double[,] w = { { pose.R00, pose.R01, pose.R02 }, { pose.R10, pose.R11, pose.R12 }, { pose.R20, pose.R21, pose.R22 } };
        double limitX = 1.3 * camera.Width / (2 * camera.Fx), limitY = 1.3 * camera.Height / (2 * camera.Fy);
        for (int i = 0; i < scene.Count; i++)
        {
            (double tx, double ty, double tz) = pose.Transform(
                scene.Means[3 * i], scene.Means[3 * i + 1], scene.Means[3 * i + 2]);
            if (tz <= 0.2)
            {
                continue;
            }

            double[,] sigma = Covariance(scene, i);
            double cx = Math.Clamp(tx / tz, -limitX, limitX) * tz, cy = Math.Clamp(ty / tz, -limitY, limitY) * tz;
            double[,] j =
            {
                { camera.Fx / tz, 0, -camera.Fx * cx / (tz * tz) },
                { 0, camera.Fy / tz, -camera.Fy * cy / (tz * tz) },
            };
            double[,] a = Multiply(j, w);
            double[,] covariance = Multiply(Multiply(a, sigma), Transpose(a));
            double xx = covariance[0, 0] + 0.3, xy = covariance[0, 1], yy = covariance[1, 1] + 0.3;
            double determinant = xx * yy - xy * xy;
            _splats.Add(new Splat(
                i, camera.Fx * tx / tz + camera.Cx, camera.Fy * ty / tz + camera.Cy,
                yy / determinant, -xy / determinant, xx / determinant,
                1 / (1 + Math.Exp(-scene.OpacityLogits[i])), tz));
        }

        _splats = [.. _splats.OrderBy(s => s.Depth)];
    }

    /// <summary>The row of one position, front to back, and whether rounding may rightly change it.</summary>
    public ReferenceRow Row(double x, double y)
    {
        List<(int Index, double Weight, double Depth)> row = [];
        double transmittance = 1;
        bool isFragile = false;
        foreach (Splat s in _splats)
        {
            double dx = x - s.X, dy = y - s.Y;
            double alpha = Math.Min(0.99, s.Opacity * Math.Exp(
                -0.5 * (s.ConicXX * dx * dx + 2 * s.ConicXY * dx * dy + s.ConicYY * dy * dy)));
            isFragile |= Math.Abs(alpha * 255 - 1) < 2e-5;
            if (!(alpha >= 1.0 / 255))
            {
                continue;
            }

            double next = transmittance * (1 - alpha);
            isFragile |= Math.Abs(next / 1e-4 - 1) < 1e-3;
            isFragile |= row.Count > 0 && s.Depth - row[^1].Depth < 1e-6 * s.Depth;
            if (next < 1e-4)
            {
                break;
            }

            row.Add((s.Index, alpha * transmittance, s.Depth));
            transmittance = next;
        }

        double coverage = row.Sum(c => c.Weight);
        double depth = coverage >= 0.5 ? row.Sum(c => c.Weight * c.Depth) / coverage : 0;
        isFragile |= Math.Abs(coverage - 0.5) < 1e-5;
        return new ReferenceRow([.. row.Select(c => (c.Index, c.Weight))], coverage, depth, isFragile);
    }

    private static double[,] Covariance(GaussianScene scene, int i)
    {
        double[] q = [.. scene.Rotations.AsSpan(4 * i, 4).ToArray().Select(v => (double)v)];
        double norm = Math.Sqrt(q.Sum(v => v * v));
        double w = q[0] / norm, x = q[1] / norm, y = q[2] / norm, z = q[3] / norm;
        double[,] m =
        {
            { 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y) },
            { 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x) },
            { 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y) },
        };
        for (int column = 0; column < 3; column++)
        {
            double scale = Math.Exp(scene.LogScales[3 * i + column]);
            for (int row = 0; row < 3; row++)
            {
                m[row, column] *= scale;
            }
        }

        return Multiply(m, Transpose(m));
    }

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] c = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < c.GetLength(0); i++)
        {
            for (int j = 0; j < c.GetLength(1); j++)
            {
                for (int k = 0; k < a.GetLength(1); k++)
                {
                    c[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return c;
    }

    private static double[,] Transpose(double[,] a)
    {
        double[,] t = new double[a.GetLength(1), a.GetLength(0)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < a.GetLength(1); j++)
            {
                t[j, i] = a[i, j];
            }
        }

        return t;
    }

    private sealed record Splat(
        int Index, double X, double Y, double ConicXX, double ConicXY, double ConicYY, double Opacity, double Depth);
}

/// <summary>The reference's answer for one position.</summary>
/// <param name="Contributions">Gaussian and weight, front to back.</param>
/// <param name="Coverage">Σ w.</param>
/// <param name="Depth">Depth, or 0.</param>
/// <param name="IsFragile">
/// True where a threshold (α = 1/255, T = 1e-4, Σw = ½) or the order of two depths lies within float rounding of this row.
/// </param>
internal sealed record ReferenceRow(
    (int Index, double Weight)[] Contributions, double Coverage, double Depth, bool IsFragile);
