using System.Numerics;

namespace Saga.Benchmarks.Furniture;

/// <summary>A model as an OBJ file describes it: triangles that belong to named groups and are made of named materials.</summary>
/// <param name="Vertices">Positions in the model's own units; y is up.</param>
/// <param name="Triangles">Faces, cut into triangles, in file order.</param>
/// <param name="Groups">Names of the groups that have faces, in the order of their first face.</param>
/// <param name="Materials">Names of the materials, in the order of their first use; the empty name stands for none.</param>
/// <param name="MaterialLibrary">The file that describes the materials, or null.</param>
internal sealed record ObjMesh(
    Vector3[] Vertices, ObjTriangle[] Triangles, string[] Groups, string[] Materials, string? MaterialLibrary);

/// <summary>A triangle of a model.</summary>
/// <param name="A">First vertex.</param>
/// <param name="B">Second vertex.</param>
/// <param name="C">Third vertex.</param>
/// <param name="Group">Index of its group.</param>
/// <param name="Material">Index of its material.</param>
internal readonly record struct ObjTriangle(int A, int B, int C, int Group, int Material);
