using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Benchmarks.Rasterization;

/// <summary>
/// Gaussian splatting straight from its formulas: project all Gaussians, sort all by depth, splat one after the other over its
/// bounding box. No tiles, no vectors; bands of the image run side by side.
/// </summary>
internal sealed class PlainSplatter(GaussianScene scene)
{
    private readonly float[] _x = new float[scene.Count];
    private readonly float[] _y = new float[scene.Count];
    private readonly float[] _depth = new float[scene.Count];
    private readonly float[] _conic = new float[3 * scene.Count];
    private readonly float[] _radius = new float[scene.Count];
    private readonly float[] _opacity = new float[scene.Count];
    private int[] _order = [];

    /// <summary>Projects and sorts; the other methods use the result.</summary>
    public void Project(PinholeCamera camera)
    {
        DensePasses.ForRows(scene.Count, (start, end) =>
        {
            for (int i = start; i < end; i++)
            {
                ProjectOne(camera, i);
            }
        });
        _order = [.. Enumerable.Range(0, scene.Count).Where(i => _radius[i] > 0)];
        float[] keys = [.. _order.Select(i => _depth[i])];
        Array.Sort(keys, _order);
    }

    /// <summary>Blends values of the Gaussians over the frame.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="values">[count, channels].</param>
    /// <param name="channels">Channels of the values.</param>
    /// <returns>Σ w·value, [height, width, channels], and Σ w·z / Σ w, [height, width].</returns>
    public (float[] Values, float[] Depth) Render(int width, int height, float[] values, int channels)
    {
        float[] frame = new float[width * height * channels];
        float[] depth = new float[width * height];
        float[] transmittance = new float[width * height];
        Array.Fill(transmittance, 1);
        int bands = Environment.ProcessorCount;
        Parallel.For(0, bands, band =>
        {
            int top = height * band / bands;
            int bottom = height * (band + 1) / bands;
            foreach (int i in _order)
            {
                int left = (int)Math.Clamp(_x[i] - _radius[i], 0, width);
                int right = (int)Math.Clamp(_x[i] + _radius[i] + 1, 0, width);
                int last = (int)Math.Clamp(_y[i] + _radius[i] + 1, top, bottom);
                for (int y = (int)Math.Clamp(_y[i] - _radius[i], top, bottom); y < last; y++)
                {
                    for (int x = left; x < right; x++)
                    {
                        int pixel = y * width + x;
                        float weight = Blend(i, x + 0.5f, y + 0.5f, ref transmittance[pixel]);
                        if (weight > 0)
                        {
                            depth[pixel] += weight * _depth[i];
                            for (int c = 0; c < channels; c++)
                            {
                                frame[pixel * channels + c] += weight * values[i * channels + c];
                            }
                        }
                    }
                }
            }
        });
        for (int pixel = 0; pixel < depth.Length; pixel++)
        {
            float covered = 1 - Math.Abs(transmittance[pixel]);
            depth[pixel] = covered < BlendLimits.MinDepthCoverage ? 0 : depth[pixel] / covered;
        }

        return (frame, depth);
    }

    /// <summary>The Gaussians that one pixel shows, front to back, with their weights.</summary>
    public List<(int Index, float Weight)> Row(PixelPosition pixel)
    {
        var row = new List<(int, float)>();
        float transmittance = 1;
        foreach (int i in _order)
        {
            if (Math.Abs(pixel.X - _x[i]) <= _radius[i] && Math.Abs(pixel.Y - _y[i]) <= _radius[i])
            {
                float weight = Blend(i, pixel.X, pixel.Y, ref transmittance);
                if (weight > 0)
                {
                    row.Add((i, weight));
                }
            }
        }

        return row;
    }

    // Negative: the ray has ended with this magnitude left.
    private float Blend(int i, float x, float y, ref float transmittance)
    {
        if (transmittance < 0)
        {
            return 0;
        }

        float dx = x - _x[i];
        float dy = y - _y[i];
        float power = -0.5f * (_conic[3 * i] * dx * dx + _conic[3 * i + 2] * dy * dy) - _conic[3 * i + 1] * dx * dy;
        float alpha = Math.Min(BlendLimits.MaxAlpha, _opacity[i] * MathF.Exp(power));
        if (alpha < BlendLimits.MinAlpha)
        {
            return 0;
        }

        float left = transmittance * (1 - alpha);
        if (left < BlendLimits.MinTransmittance)
        {
            transmittance = -transmittance;
            return 0;
        }

        float weight = alpha * transmittance;
        transmittance = left;
        return weight;
    }

    // Σ' = J·W·Σ·Wᵀ·Jᵀ + 0.3·I with Σ = R·S²·Rᵀ, so Σ' = M·Mᵀ + 0.3·I for M = J·W·R·S, two rows of three.
    private void ProjectOne(PinholeCamera camera, int i)
    {
        _radius[i] = 0;
        CameraPose pose = camera.Pose;
        (double cx, double cy, double cz) = pose.Transform(scene.Means[3 * i], scene.Means[3 * i + 1], scene.Means[3 * i + 2]);
        _opacity[i] = 1 / (1 + MathF.Exp(-scene.OpacityLogits[i]));
        if (cz <= BlendLimits.NearPlane || _opacity[i] < BlendLimits.MinAlpha)
        {
            return;
        }

        double maxSlopeX = BlendLimits.FieldOfViewMargin * camera.Width / (2 * camera.Fx);
        double maxSlopeY = BlendLimits.FieldOfViewMargin * camera.Height / (2 * camera.Fy);
        double slopeX = Math.Clamp(cx / cz, -maxSlopeX, maxSlopeX);
        double slopeY = Math.Clamp(cy / cz, -maxSlopeY, maxSlopeY);
        Span<double> m = stackalloc double[6];
        for (int axis = 0; axis < 3; axis++)
        {
            (double x, double y, double z) = Axis(axis, scene.Rotations.AsSpan(4 * i, 4));
            double size = Math.Exp(scene.LogScales[3 * i + axis]);
            double wx = pose.R00 * x + pose.R01 * y + pose.R02 * z;
            double wy = pose.R10 * x + pose.R11 * y + pose.R12 * z;
            double wz = pose.R20 * x + pose.R21 * y + pose.R22 * z;
            m[axis] = size * camera.Fx / cz * (wx - slopeX * wz);
            m[3 + axis] = size * camera.Fy / cz * (wy - slopeY * wz);
        }

        double a = m[0] * m[0] + m[1] * m[1] + m[2] * m[2] + BlendLimits.Dilation;
        double b = m[0] * m[3] + m[1] * m[4] + m[2] * m[5];
        double c = m[3] * m[3] + m[4] * m[4] + m[5] * m[5] + BlendLimits.Dilation;
        double determinant = a * c - b * b;
        (_conic[3 * i], _conic[3 * i + 1], _conic[3 * i + 2]) =
            ((float)(c / determinant), (float)(-b / determinant), (float)(a / determinant));
        (_x[i], _y[i], _depth[i]) = ((float)(camera.Fx * cx / cz + camera.Cx), (float)(camera.Fy * cy / cz + camera.Cy), (float)cz);

        // Beyond k·√λ along the longer axis α is below 1/255.
        double longest = (a + c) / 2 + Math.Sqrt(Math.Max(0, (a - c) * (a - c) / 4 + b * b));
        float radius = (float)Math.Sqrt(2 * Math.Log(_opacity[i] * 255) * longest);
        bool inside = _x[i] + radius > 0 && _x[i] - radius < camera.Width && _y[i] + radius > 0 && _y[i] - radius < camera.Height;
        _radius[i] = inside ? radius : 0;
    }

    // A column of the rotation matrix of a quaternion w x y z.
    private static (double X, double Y, double Z) Axis(int axis, ReadOnlySpan<float> quaternion)
    {
        (double w, double x, double y, double z) = (quaternion[0], quaternion[1], quaternion[2], quaternion[3]);
        return axis switch
        {
            0 => (1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)),
            1 => (2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)),
            _ => (2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)),
        };
    }
}
