using System.Numerics;
using Saga.Cli.Evaluation;

namespace Saga.Benchmarks.Furniture;

/// <summary>A scene of triangles whose objects and parts are known. Object 0 and part 0 are the ground.</summary>
/// <param name="Objects">Names of the objects; the index is the label.</param>
/// <param name="Parts">The parts; the index is the label.</param>
/// <param name="Triangles">World units, y up; the ground at y = 0.</param>
internal sealed record LabeledSurface(string[] Objects, LabeledPart[] Parts, SurfaceTriangle[] Triangles)
{
    /// <summary>Label of the ground, as object and as part.</summary>
    public const int Ground = 0;
}

/// <summary>A triangle of the scene.</summary>
/// <param name="A">First corner.</param>
/// <param name="B">Second corner.</param>
/// <param name="C">Third corner.</param>
/// <param name="Part">Label of its part.</param>
/// <param name="Color">Colour as seen, light included, each channel in [0, 1].</param>
internal readonly record struct SurfaceTriangle(Vector3 A, Vector3 B, Vector3 C, ushort Part, Vector3 Color)
{
    /// <summary>Length of the normal's cross product: twice the area.</summary>
    public Vector3 Cross => Vector3.Cross(B - A, C - A);

    /// <summary>Surface, squared world units.</summary>
    public float Area => Cross.Length() / 2;
}
