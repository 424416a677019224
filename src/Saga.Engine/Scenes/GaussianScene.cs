namespace Saga.Engine.Scenes;

/// <summary>
/// The usable Gaussians of a scene, in the engine's own order: sorted along a Morton curve, invalid records left out.
/// </summary>
/// <remarks>
/// Structure of arrays. <see cref="FileIndices"/> maps back to the uploaded file; everything that leaves the engine (masks,
/// indices, exports) speaks of file indices. Instances are immutable after construction and safe to share between threads.
/// </remarks>
public sealed partial class GaussianScene
{
    /// <summary>Means, world units, [count, 3] interleaved x y z.</summary>
    public required float[] Means { get; init; }

    /// <summary>Natural logarithms of the standard deviations along the Gaussian's own axes, [count, 3].</summary>
    public required float[] LogScales { get; init; }

    /// <summary>Unit quaternions w x y z, Gaussian frame to world, [count, 4].</summary>
    public required float[] Rotations { get; init; }

    /// <summary>Opacity before the sigmoid, [count].</summary>
    public required float[] OpacityLogits { get; init; }

    /// <summary>
    /// Spherical-harmonics colour, [count, (ShDegree+1)², 3] (coefficient-major, rgb innermost), or empty when the scene was
    /// read without colours.
    /// </summary>
    public required float[] ShCoefficients { get; init; }

    /// <summary>Spherical-harmonics degree, 0..3.</summary>
    public required int ShDegree { get; init; }

    /// <summary>For each Gaussian its record index in the uploaded file, [count]. A permutation of the valid records.</summary>
    public required int[] FileIndices { get; init; }

    /// <summary>Number of records in the uploaded file, valid or not: the N of every mask over this scene.</summary>
    public required int FileGaussianCount { get; init; }

    /// <summary>What was wrong with the file and left out, for the scene's owner.</summary>
    public required IReadOnlyList<SceneProblem> Problems { get; init; }

    /// <summary>Number of usable Gaussians.</summary>
    public int Count => OpacityLogits.Length;

    /// <summary>Bytes that the arrays take: 48 a Gaussian and its colours.</summary>
    public long ByteCount => sizeof(float)
        * ((long)Means.Length + LogScales.Length + Rotations.Length + OpacityLogits.Length + ShCoefficients.Length + FileIndices.Length);

    /// <summary>True when colours were read.</summary>
    public bool HasColors => ShCoefficients.Length > 0;
}
