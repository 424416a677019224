using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>How far a format may move a Gaussian's values, and the comparison itself.</summary>
/// <param name="Mean">World units.</param>
/// <param name="LogScale">Of the logarithm.</param>
/// <param name="Rotation">1 − |cosine| of the two quaternions: about half the squared length of their difference.</param>
/// <param name="Opacity">After the sigmoid.</param>
/// <param name="Dc">Of f_dc.</param>
/// <param name="Rest">Of view-dependent coefficients; those of neither more than ±1 are compared.</param>
internal sealed record SceneTolerance(double Mean, double LogScale, double Rotation, double Opacity, double Dc, double Rest)
{
    /// <summary>Means, scales are kept as floats; the rest is in 8 bits.</summary>
    public static SceneTolerance Splat { get; } = new(0, 1e-5, 1e-4, 0.5 / 255 + 1e-6, 0.5 / 255 / 0.2820 + 1e-5, double.NaN);

    /// <summary>1/4096 of a unit, 1/16 of a log-scale, 5 and 4 bits of the harmonics; nine bits of three quaternion numbers.</summary>
    public static SceneTolerance Spz { get; } =
        new(0.5 / 4096 + 1e-6, 0.5 / 16 + 1e-5, 1e-5, 0.5 / 255 + 1e-6, 0.5 / 255 / 0.15 + 1e-5, 8.0 / 128 + 1e-6);

    /// <summary>As <see cref="Spz"/>, but w of the quaternion follows from three bytes, which says little about it where it is near 0.</summary>
    public static SceneTolerance Spz2 { get; } = Spz with { Rotation = 0.01 };

    /// <summary>Of a scene with the given extent whose chunks may span all of it.</summary>
    public static SceneTolerance CompressedPly(double extent, double logScales, double colors) =>
        new(0.5 * extent / 1023 + 1e-6, 0.5 * logScales / 1023 + 1e-5, 1e-5, 0.5 / 255 + 1e-6, 0.5 * colors / 255 + 1e-5, 8.0 / 256 + 1e-6);

    /// <summary>Holds record after record of one scene against the same record of another.</summary>
    /// <param name="expected">The truth.</param>
    /// <param name="actual">What came back.</param>
    /// <param name="recordOf">The truth's record for a record of <paramref name="actual"/>; null for the same.</param>
    public void Check(GaussianScene expected, GaussianScene actual, Func<int, int>? recordOf = null)
    {
        Dictionary<int, int> places = expected.FileIndices.Select((record, i) => (record, i)).ToDictionary(p => p.record, p => p.i);
        int degree = Math.Min(expected.ShDegree, actual.ShDegree);
        for (int a = 0; a < actual.Count; a++)
        {
            int record = actual.FileIndices[a];
            int e = places[recordOf?.Invoke(record) ?? record];
            for (int axis = 0; axis < 3; axis++)
            {
                Near("mean", record, expected.Means[3 * e + axis], actual.Means[3 * a + axis], Mean);
                Near("log-scale", record, expected.LogScales[3 * e + axis], actual.LogScales[3 * a + axis], LogScale);
                Near("f_dc", record, Coefficient(expected, e, axis), Coefficient(actual, a, axis), Dc);
            }

            Near("opacity", record, Opacities(expected, e), Opacities(actual, a), Opacity);
            double dot = Enumerable.Range(0, 4).Sum(c => (double)expected.Rotations[4 * e + c] * actual.Rotations[4 * a + c]);
            Near("rotation", record, 1, Math.Abs(dot), Rotation);
            for (int c = 3; c < 3 * (degree + 1) * (degree + 1); c++)
            {
                float truth = Coefficient(expected, e, c);
                if (Math.Abs(truth) < 0.9f)
                {
                    Near($"coefficient {c}", record, truth, Coefficient(actual, a, c), Rest);
                }
            }
        }
    }

    private static float Coefficient(GaussianScene scene, int i, int c) =>
        scene.ShCoefficients[3 * (scene.ShDegree + 1) * (scene.ShDegree + 1) * i + c];

    private static double Opacities(GaussianScene scene, int i) => 1 / (1 + Math.Exp(-scene.OpacityLogits[i]));

    private static void Near(string what, int record, double expected, double actual, double tolerance)
    {
        if (!(Math.Abs(expected - actual) <= tolerance))
        {
            Assert.Fail($"{what} of record {record}: {actual} instead of {expected}, more than {tolerance} away");
        }
    }
}
