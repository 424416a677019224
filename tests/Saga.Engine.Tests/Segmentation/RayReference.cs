using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>One pixel's row by projecting every Gaussian, in double, straight from the formulas.</summary>
internal static class RayReference
{
    // A Gaussian whose α or T lies this close to a limit, relative, may fall on either side of it in float.
    private const double KnifeEdge = 5e-3;

    /// <summary>
    /// The row up to the first Gaussian that float and double may rightly judge differently; what follows hangs on it.
    /// </summary>
    public static List<(int Index, double Weight)> SureRow(GaussianScene scene, PinholeCamera camera, PixelPosition pixel, out bool isWhole)
    {
        var row = new List<(int, double)>();
        double transmittance = 1;
        isWhole = false;
        foreach ((int i, double _) in Enumerable.Range(0, scene.Count)
            .Select(i => (i, Transform(scene, camera, i).Z)).Where(p => p.Z > 0.2).OrderBy(p => (float)p.Z))
        {
            double alpha = Alpha(scene, camera, pixel, i);
            double next = transmittance * (1 - alpha);
            if (Math.Abs(alpha * 255 - 1) < KnifeEdge || (alpha > 1 / 255.0 && Math.Abs(next / 1e-4 - 1) < KnifeEdge))
            {
                return row;
            }

            if (alpha < 1 / 255.0)
            {
                continue;
            }

            if (next < 1e-4)
            {
                break;
            }

            row.Add((i, alpha * transmittance));
            transmittance = next;
        }

        isWhole = true;
        return row;
    }

    /// <summary>α before the 1/255 cut.</summary>
    public static double Alpha(GaussianScene scene, PinholeCamera camera, PixelPosition pixel, int i)
    {
        (double x, double y, double z) = Transform(scene, camera, i);
        double lx = 1.3 * camera.Width / (2 * camera.Fx);
        double ly = 1.3 * camera.Height / (2 * camera.Fy);
        double tx = Math.Clamp(x / z, -lx, lx);
        double ty = Math.Clamp(y / z, -ly, ly);
        CameraPose p = camera.Pose;
        double[,] world = { { p.R00, p.R01, p.R02 }, { p.R10, p.R11, p.R12 }, { p.R20, p.R21, p.R22 } };
        double[,] jacobian = { { camera.Fx / z, 0, -camera.Fx * tx / z }, { 0, camera.Fy / z, -camera.Fy * ty / z } };

        double w = scene.Rotations[4 * i], qx = scene.Rotations[4 * i + 1], qy = scene.Rotations[4 * i + 2], qz = scene.Rotations[4 * i + 3];
        double[,] rotation =
        {
            { 1 - 2 * (qy * qy + qz * qz), 2 * (qx * qy - w * qz), 2 * (qx * qz + w * qy) },
            { 2 * (qx * qy + w * qz), 1 - 2 * (qx * qx + qz * qz), 2 * (qy * qz - w * qx) },
            { 2 * (qx * qz - w * qy), 2 * (qy * qz + w * qx), 1 - 2 * (qx * qx + qy * qy) },
        };
        double[,] axes = Multiply(jacobian, Multiply(world, rotation));
        double a = 0.3;
        double b = 0;
        double c = 0.3;
        double crossSquared = 0;
        double[] u = new double[3];
        double[] v = new double[3];
        for (int k = 0; k < 3; k++)
        {
            double s = Math.Exp(scene.LogScales[3 * i + k]);
            u[k] = axes[0, k] * s;
            v[k] = axes[1, k] * s;
            a += u[k] * u[k];
            b += u[k] * v[k];
            c += v[k] * v[k];
        }

        for (int k = 0; k < 3; k++)
        {
            double cross = u[k] * v[(k + 1) % 3] - u[(k + 1) % 3] * v[k];
            crossSquared += cross * cross;
        }

        // det = |u×v|² + 0.3·(|u|² + |v|² + 0.3): the same as a·c - b², but without cancellation.
        double determinant = crossSquared + 0.3 * (a + c - 0.3);
        double dx = pixel.X - (camera.Fx * x / z + camera.Cx);
        double dy = pixel.Y - (camera.Fy * y / z + camera.Cy);
        double m = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
        return Math.Min(0.99, 1 / (1 + Math.Exp(-scene.OpacityLogits[i])) * Math.Exp(-0.5 * m));
    }

    private static (double X, double Y, double Z) Transform(GaussianScene scene, PinholeCamera camera, int i) =>
        camera.Pose.Transform(scene.Means[3 * i], scene.Means[3 * i + 1], scene.Means[3 * i + 2]);

    private static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] product = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < b.GetLength(1); j++)
            {
                for (int k = 0; k < b.GetLength(0); k++)
                {
                    product[i, j] += a[i, k] * b[k, j];
                }
            }
        }

        return product;
    }
}
