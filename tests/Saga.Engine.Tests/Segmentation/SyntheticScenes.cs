using Saga.Engine.Cameras;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Segmentation;

/// <summary>Small scenes and cameras made from a seed.</summary>
internal static class SyntheticScenes
{
    /// <summary>A scene from plain arrays: identity file order, no colours.</summary>
    public static GaussianScene Scene(
        float[] means, float[] logScales, float[] opacityLogits, float[]? rotations = null, int[]? fileIndices = null, int? fileCount = null)
    {
        int count = opacityLogits.Length;
        if (rotations is null)
        {
            rotations = new float[4 * count];
            for (int i = 0; i < count; i++)
            {
                rotations[4 * i] = 1;
            }
        }

        return new GaussianScene
        {
            Means = means,
            LogScales = logScales,
            Rotations = rotations,
            OpacityLogits = opacityLogits,
            ShCoefficients = [],
            ShDegree = 0,
            FileIndices = fileIndices ?? [.. Enumerable.Range(0, count)],
            FileGaussianCount = fileCount ?? count,
            Problems = [],
        };
    }

    /// <summary>A cloud in [-1, 1]³ in spatially sorted order, with sizes between two bounds and any orientation.</summary>
    public static GaussianScene Cloud(Random random, int count, double smallest, double largest)
    {
        (double X, double Y, double Z)[] points = [.. Enumerable.Range(0, count)
            .Select(_ => (Signed(random), Signed(random), Signed(random)))
            .OrderBy(p => Morton(p.Item1) | Morton(p.Item2) << 1 | Morton(p.Item3) << 2)];
        float[] means = new float[3 * count];
        float[] logScales = new float[3 * count];
        float[] rotations = new float[4 * count];
        float[] logits = new float[count];
        for (int i = 0; i < count; i++)
        {
            (means[3 * i], means[3 * i + 1], means[3 * i + 2]) = ((float)points[i].X, (float)points[i].Y, (float)points[i].Z);
            for (int axis = 0; axis < 3; axis++)
            {
                logScales[3 * i + axis] = (float)(Math.Log(smallest) + random.NextDouble() * Math.Log(largest / smallest));
            }

            double[] q = [Signed(random), Signed(random), Signed(random), Signed(random)];
            double norm = Math.Sqrt(q.Sum(v => v * v));
            for (int c = 0; c < 4; c++)
            {
                rotations[4 * i + c] = (float)(q[c] / norm);
            }

            // From certainly invisible (σ < 1/255) to nearly opaque.
            logits[i] = (float)(-7 + 14 * random.NextDouble());
        }

        return Scene(means, logScales, logits, rotations);
    }

    /// <summary>A camera at a place that looks at another, x right, y down.</summary>
    public static PinholeCamera LookAt(
        double[] from, double[] to, int width = 96, int height = 72, double fx = 90, double fy = 88)
    {
        double[] forward = Normalize([to[0] - from[0], to[1] - from[1], to[2] - from[2]]);
        double[] up = Math.Abs(forward[1]) > 0.99 ? [1, 0, 0] : [0, -1, 0];
        double[] right = Normalize(Cross(forward, up));
        double[] down = Cross(forward, right);
        var pose = new CameraPose(
            right[0], right[1], right[2], -Dot(right, from),
            down[0], down[1], down[2], -Dot(down, from),
            forward[0], forward[1], forward[2], -Dot(forward, from));
        return new PinholeCamera(width, height, fx, fy, width / 2.0 + 0.7, height / 2.0 - 1.3, pose);
    }

    public static double Signed(Random random) => 2 * random.NextDouble() - 1;

    private static double[] Cross(double[] a, double[] b) =>
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

    private static double Dot(double[] a, double[] b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

    private static double[] Normalize(double[] v)
    {
        double norm = Math.Sqrt(Dot(v, v));
        return [v[0] / norm, v[1] / norm, v[2] / norm];
    }

    private static long Morton(double coordinate)
    {
        long cell = (long)((coordinate + 1) / 2 * 1023);
        long spread = 0;
        for (int bit = 0; bit < 10; bit++)
        {
            spread |= (cell >> bit & 1) << (3 * bit);
        }

        return spread;
    }
}
