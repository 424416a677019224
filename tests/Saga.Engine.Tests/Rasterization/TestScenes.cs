using Saga.Engine.Cameras;
using Saga.Engine.Scenes;
using Saga.Tests;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>Scenes and cameras made in code, or read from the golden numbers.</summary>
internal static class TestScenes
{
    public static GaussianScene Create(
        float[] means, float[] logScales, float[] rotations, float[] opacityLogits, float[]? sh = null, int shDegree = 0) => new()
        {
            Means = means,
            LogScales = logScales,
            Rotations = rotations,
            OpacityLogits = opacityLogits,
            ShCoefficients = sh ?? [],
            ShDegree = shDegree,
            FileIndices = [.. Enumerable.Range(0, opacityLogits.Length)],
            FileGaussianCount = opacityLogits.Length,
            Problems = [],
        };

    /// <summary>A cloud around the origin with Gaussians of all shapes: dots, needles, disks and a few large ones.</summary>
    public static GaussianScene Random(int count, int seed, int shDegree = 0)
    {
        Random random = new(seed);
        float Uniform(double low, double high) => (float)(low + (high - low) * random.NextDouble());
        float[] sh = new float[count * (shDegree + 1) * (shDegree + 1) * 3];
        float[] means = new float[3 * count], scales = new float[3 * count], rotations = new float[4 * count];
        float[] logits = new float[count];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < 3; k++)
            {
                means[3 * i + k] = Uniform(-1, 1);
                scales[3 * i + k] = (float)Math.Log(0.003) + Uniform(0, 4.5);
            }

            for (int k = 0; k < 4; k++)
            {
                rotations[4 * i + k] = Uniform(-1, 1);
            }

            logits[i] = Uniform(-6, 5);
        }

        for (int k = 0; k < sh.Length; k++)
        {
            sh[k] = Uniform(-1, 1);
        }

        return Create(means, scales, rotations, logits, sh, shDegree);
    }

    /// <summary>A scene of one Gaussian on the optical axis of <see cref="Frontal"/>.</summary>
    public static GaussianScene Single(float logScale, float logit, float z = 0) =>
        Create([0, 0, z], [logScale, logScale, logScale], [1, 0, 0, 0], [logit], [1, 1, 1]);

    /// <summary>A camera on the -z axis that looks at the origin.</summary>
    public static PinholeCamera Frontal(int width, int height, double distance = 3, double focal = 80) => new(
        width, height, focal, focal * 1.1, width * 0.49, height * 0.52, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, distance));

    /// <summary>A camera somewhere within a distance of the origin, looking anywhere.</summary>
    public static PinholeCamera Anywhere(int width, int height, double within, int seed)
    {
        Random random = new(seed);
        double[] q = [.. Enumerable.Range(0, 4).Select(_ => 2 * random.NextDouble() - 1)];
        double norm = Math.Sqrt(q.Sum(v => v * v));
        double w = q[0] / norm, x = q[1] / norm, y = q[2] / norm, z = q[3] / norm;
        return new PinholeCamera(width, height, 70, 55, width * 0.6, height * 0.4, new CameraPose(
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), within * (random.NextDouble() - 0.5),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x), within * (random.NextDouble() - 0.5),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), within * (random.NextDouble() - 0.5)));
    }

    public static GaussianScene Golden() => Create(
        Golden("mean").Floats,
        Golden("log_scale").Floats,
        Golden("quaternion_wxyz").Floats,
        Golden("opacity_logit").Floats,
        Golden("sh_degree3").Floats,
        shDegree: 3);

    public static PinholeCamera GoldenCamera(int view)
    {
        double[] k = Golden($"view{view}_intrinsics_fx_fy_cx_cy").Values;
        int[] shape = Golden($"view{view}_depth").Shape;
        return new PinholeCamera(
            shape[1], shape[0], k[0], k[1], k[2], k[3],
            CameraPose.FromRowMajor(Golden($"view{view}_world_to_camera").Values));
    }

    public static Npy Golden(string name) => Npy.Read(SharedData.Require("fixtures", "render", name + ".npy"));
}
