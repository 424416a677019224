using System.Numerics;
using Saga.Cli.Evaluation;
using Saga.Engine.Scenes;

namespace Saga.Benchmarks.Furniture;

/// <summary>A Gaussian of a known part.</summary>
/// <param name="Mean">World units.</param>
/// <param name="Scales">Standard deviations along its own axes, world units.</param>
/// <param name="Rotation">Own frame to world, unit length.</param>
/// <param name="OpacityLogit">Opacity before the sigmoid.</param>
/// <param name="Color">Each channel in [0, 1].</param>
/// <param name="Part">Label of its part; <see cref="LabeledScene.None"/> for a floater.</param>
internal readonly record struct LabeledGaussian(
    Vector3 Mean, Vector3 Scales, Quaternion Rotation, float OpacityLogit, Vector3 Color, ushort Part);

/// <summary>A scene of Gaussians and the object and part of each, in the same order.</summary>
internal sealed record LabeledGaussians(GaussianScene Scene, ushort[] Objects, ushort[] Parts)
{
    /// <summary>Value of the constant spherical harmonic: a colour is 0.5 + this · coefficient.</summary>
    private const float ShBand0 = 0.28209479f;

    /// <summary>Puts Gaussians into the arrays of a scene; colours become degree 0.</summary>
    public static LabeledGaussians Pack(LabeledSurface surface, LabeledGaussian[] gaussians)
    {
        int count = gaussians.Length;
        var scene = new GaussianScene
        {
            Means = new float[3 * count],
            LogScales = new float[3 * count],
            Rotations = new float[4 * count],
            OpacityLogits = new float[count],
            ShCoefficients = new float[3 * count],
            ShDegree = 0,
            FileIndices = [.. Enumerable.Range(0, count)],
            FileGaussianCount = count,
            Problems = [],
        };
        var objects = new ushort[count];
        var parts = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            LabeledGaussian gaussian = gaussians[i];
            gaussian.Mean.CopyTo(scene.Means, 3 * i);
            ((gaussian.Color - new Vector3(0.5f)) / ShBand0).CopyTo(scene.ShCoefficients, 3 * i);
            scene.OpacityLogits[i] = gaussian.OpacityLogit;
            for (int axis = 0; axis < 3; axis++)
            {
                scene.LogScales[3 * i + axis] = MathF.Log(gaussian.Scales[axis]);
            }

            Quaternion q = gaussian.Rotation;
            ((ReadOnlySpan<float>)[q.W, q.X, q.Y, q.Z]).CopyTo(scene.Rotations.AsSpan(4 * i));
            parts[i] = gaussian.Part;
            objects[i] = gaussian.Part == LabeledScene.None ? LabeledScene.None : (ushort)surface.Parts[gaussian.Part].Owner;
        }

        return new LabeledGaussians(scene, objects, parts);
    }
}
