using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>Whole scenes with other axes.</summary>
internal static class SceneTurns
{
    /// <summary>A copy of a scene with its axes turned around.</summary>
    public static GaussianScene Turned(this GaussianScene scene, AxisFlips flips)
    {
        int colors = 3 * (scene.ShDegree + 1) * (scene.ShDegree + 1);
        float[] means = [.. scene.Means];
        float[] rotations = [.. scene.Rotations];
        float[] coefficients = [.. scene.ShCoefficients];
        float[] values = new float[11 + colors];
        for (int i = 0; i < scene.Count; i++)
        {
            scene.CopyValues(i, values);
            flips.Apply(values);
            values.AsSpan(0, 3).CopyTo(means.AsSpan(3 * i));
            values.AsSpan(7, 4).CopyTo(rotations.AsSpan(4 * i));
            values.AsSpan(11).CopyTo(coefficients.AsSpan(colors * i));
        }

        return new GaussianScene
        {
            Means = means,
            LogScales = scene.LogScales,
            Rotations = rotations,
            OpacityLogits = scene.OpacityLogits,
            ShCoefficients = coefficients,
            ShDegree = scene.ShDegree,
            FileIndices = scene.FileIndices,
            FileGaussianCount = scene.FileGaussianCount,
            Problems = scene.Problems,
        };
    }
}
