using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Segmentation;

/// <summary>Projects and blends single Gaussians (EWA splatting), in double precision.</summary>
internal readonly struct SplatProjection(GaussianScene scene, PinholeCamera camera)
{
    private const double MinAlpha = 1.0 / 255;
    private const double MaxAlpha = 0.99;
    private const double MinTransmittance = 1e-4;
    private const double MinDepthCoverage = 0.5;

    private readonly double _limitX = PixelRay.ClampFactor * camera.Width / (2 * camera.Fx);
    private readonly double _limitY = PixelRay.ClampFactor * camera.Height / (2 * camera.Fy);

    public float Depth(int i) =>
        (float)camera.Pose.Transform(scene.Means[3 * i], scene.Means[3 * i + 1], scene.Means[3 * i + 2]).Z;

    public (float Alpha, float Depth) Blend(
        ReadOnlySpan<ulong> ordered, PixelPosition pixel, List<int> indices, List<float> weights)
    {
        double transmittance = 1;
        double covered = 0;
        double depth = 0;
        foreach (ulong key in ordered)
        {
            int i = (int)(uint)key;
            double alpha = Alpha(i, pixel);
            if (alpha < MinAlpha)
            {
                continue;
            }

            double next = transmittance * (1 - alpha);
            if (next < MinTransmittance)
            {
                break;
            }

            double weight = alpha * transmittance;
            indices.Add(i);
            weights.Add((float)weight);
            covered += weight;
            depth += weight * BitConverter.UInt32BitsToSingle((uint)(key >> 32));
            transmittance = next;
        }

        return ((float)covered, covered >= MinDepthCoverage ? (float)(depth / covered) : 0);
    }

    private double Alpha(int i, PixelPosition pixel)
    {
        CameraPose p = camera.Pose;
        (double x, double y, double z) = p.Transform(scene.Means[3 * i], scene.Means[3 * i + 1], scene.Means[3 * i + 2]);
        double tx = Math.Clamp(x / z, -_limitX, _limitX);
        double ty = Math.Clamp(y / z, -_limitY, _limitY);
        double fx = camera.Fx / z;
        double fy = camera.Fy / z;
        (double ax, double ay, double az) = (fx * (p.R00 - tx * p.R20), fx * (p.R01 - tx * p.R21), fx * (p.R02 - tx * p.R22));
        (double bx, double by, double bz) = (fy * (p.R10 - ty * p.R20), fy * (p.R11 - ty * p.R21), fy * (p.R12 - ty * p.R22));

        double w = scene.Rotations[4 * i], qx = scene.Rotations[4 * i + 1], qy = scene.Rotations[4 * i + 2], qz = scene.Rotations[4 * i + 3];
        ReadOnlySpan<double> rotation =
        [
            1 - 2 * (qy * qy + qz * qz), 2 * (qx * qy - w * qz), 2 * (qx * qz + w * qy),
            2 * (qx * qy + w * qz), 1 - 2 * (qx * qx + qz * qz), 2 * (qy * qz - w * qx),
            2 * (qx * qz - w * qy), 2 * (qy * qz + w * qx), 1 - 2 * (qx * qx + qy * qy),
        ];
        double uu = PixelRay.PixelVariance;
        double vv = PixelRay.PixelVariance;
        double uv = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            double scale = Math.Exp(scene.LogScales[3 * i + axis]);
            double u = scale * (ax * rotation[axis] + ay * rotation[3 + axis] + az * rotation[6 + axis]);
            double v = scale * (bx * rotation[axis] + by * rotation[3 + axis] + bz * rotation[6 + axis]);
            uu += u * u;
            vv += v * v;
            uv += u * v;
        }

        double dx = pixel.X - (camera.Fx * x / z + camera.Cx);
        double dy = pixel.Y - (camera.Fy * y / z + camera.Cy);
        double distanceSquared = (vv * dx * dx - 2 * uv * dx * dy + uu * dy * dy) / (uu * vv - uv * uv);
        double opacity = 1 / (1 + Math.Exp(-scene.OpacityLogits[i]));
        return Math.Min(MaxAlpha, opacity * Math.Exp(-0.5 * distanceSquared));
    }
}
