using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes;

/// <summary>Holds a scene against the rows of the file it was read from.</summary>
internal static class SceneAssert
{
    /// <summary>Every Gaussian of the scene carries the values of its file record, looked up by name.</summary>
    public static void HoldsRows(PlyTestElement vertex, int degree, GaussianScene scene)
    {
        // One rounding of a unit number; all other values are copied.
        const double tolerance = 1e-7;
        int coefficients = (degree + 1) * (degree + 1);
        int rest = coefficients - 1;
        Dictionary<string, int> columns = vertex.Columns.Select((c, i) => (c.Name, i)).ToDictionary(c => c.Name, c => c.i);
        int[] xyz = [columns["x"], columns["y"], columns["z"]];
        int[] scales = [.. Enumerable.Range(0, 3).Select(i => columns[$"scale_{i}"])];
        int[] rotations = [.. Enumerable.Range(0, 4).Select(i => columns[$"rot_{i}"])];
        int[] dc = [.. Enumerable.Range(0, 3).Select(i => columns[$"f_dc_{i}"])];
        int[] rests = [.. Enumerable.Range(0, 3 * rest).Select(i => columns[$"f_rest_{i}"])];
        Assert.Equal(degree, scene.ShDegree);
        Assert.Equal(vertex.Rows.Length, scene.FileGaussianCount);
        for (int i = 0; i < scene.Count; i++)
        {
            double[] row = vertex.Rows[scene.FileIndices[i]];
            for (int axis = 0; axis < 3; axis++)
            {
                Equal((float)row[xyz[axis]], scene.Means[3 * i + axis], i);
                Equal((float)row[scales[axis]], scene.LogScales[3 * i + axis], i);
            }

            // Real files hold infinite logits: opacity exactly 1.
            float logit = (float)row[columns["opacity"]];
            float limit = GaussianChecks.InfiniteLogit;
            Equal(float.IsInfinity(logit) ? Math.Clamp(logit, -limit, limit) : logit, scene.OpacityLogits[i], i);
            double norm = Math.Sqrt(rotations.Sum(c => (double)(float)row[c] * (float)row[c]));
            for (int q = 0; q < 4; q++)
            {
                Equal((float)row[rotations[q]] / norm, scene.Rotations[4 * i + q], i, tolerance);
            }

            for (int channel = 0; channel < 3 && scene.HasColors; channel++)
            {
                int start = 3 * coefficients * i + channel;
                Equal((float)row[dc[channel]], scene.ShCoefficients[start], i);
                for (int k = 0; k < rest; k++)
                {
                    Equal((float)row[rests[channel * rest + k]], scene.ShCoefficients[start + 3 * (k + 1)], i);
                }
            }
        }
    }

    // Millions of these: xunit's own comparison would take most of the test's time.
    private static void Equal(double expected, double actual, int gaussian, double tolerance = 0)
    {
        if (!(Math.Abs(expected - actual) <= tolerance))
        {
            Assert.Fail($"Gaussian {gaussian}: {actual} instead of {expected}");
        }
    }
}
