using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Scenes.CompressedPly;

/// <summary>
/// Where the parts of PlayCanvas' compressed PLY lie: a table of chunks (bounds of 256 Gaussians each), four packed 32-bit fields per
/// Gaussian, and, where there are view-dependent colours, a byte for each of their coefficients.
/// </summary>
/// <param name="Count">Gaussians.</param>
/// <param name="ShDegree">0..3.</param>
/// <param name="ChunkOffset">First byte of the chunks.</param>
/// <param name="ChunkFloats">Floats of a chunk: 12, or 18 with bounds of the colours.</param>
/// <param name="VertexOffset">First byte of the packed fields, 16 for each Gaussian.</param>
/// <param name="HarmonicsOffset">First byte of the coefficients.</param>
internal sealed record CompressedPlyLayout(
    int Count, int ShDegree, long ChunkOffset, int ChunkFloats, long VertexOffset, long HarmonicsOffset)
{
    /// <summary>Gaussians that share their bounds.</summary>
    public const int ChunkSize = 256;

    public const int VertexBytes = 16;

    /// <summary>Floats of a chunk without bounds of the colours, which older writers left at 0 and 1.</summary>
    public const int ShapeFloats = 12;

    public const int ColoredFloats = 18;

    /// <summary>Marks the format: no other PLY has this property.</summary>
    public const string Marker = "packed_position";

    public static readonly string[] ChunkNames =
    [
        "min_x", "min_y", "min_z", "max_x", "max_y", "max_z",
        "min_scale_x", "min_scale_y", "min_scale_z", "max_scale_x", "max_scale_y", "max_scale_z",
        "min_r", "min_g", "min_b", "max_r", "max_g", "max_b",
    ];

    public static readonly string[] VertexNames = [Marker, "packed_rotation", "packed_scale", "packed_color"];

    /// <summary>Coefficients of one Gaussian above degree 0.</summary>
    public int RestCount => GaussianValues.ColorCount(ShDegree) - 3;

    public int ChunkCount => (int)(((long)Count + ChunkSize - 1) / ChunkSize);

    /// <summary>True for a PLY whose Gaussians are packed.</summary>
    public static bool Fits(PlyHeader header) =>
        header.VertexElement >= 0 && header.Elements[header.VertexElement].Properties.Any(property => property.Name == Marker);

    /// <summary>Finds the parts and holds what the header claims against the file's length.</summary>
    /// <exception cref="InvalidSceneException">Not this layout, or truncated.</exception>
    public static CompressedPlyLayout Find(PlyHeader header, long fileLength, string fileName)
    {
        if (header.Format != PlyFormat.BinaryLittleEndian)
        {
            throw Unknown(fileName, $"its format is {header.Format}, binary_little_endian was expected");
        }

        PlyElement chunk = Require(header, 0, "chunk", PlyScalar.Float32, fileName);
        PlyElement vertex = Require(header, 1, "vertex", PlyScalar.UInt32, fileName);
        bool hasColors = chunk.Properties.Count == ColoredFloats;
        RequireNames(chunk, hasColors ? ChunkNames : ChunkNames[..ShapeFloats], fileName);
        RequireNames(vertex, VertexNames, fileName);
        int degree = 0;
        if (header.Elements.Count > 2)
        {
            PlyElement harmonics = Require(header, 2, "sh", PlyScalar.UInt8, fileName);
            degree = harmonics.Properties.Count switch
            {
                9 => 1,
                24 => 2,
                45 => 3,
                _ => throw Unknown(fileName, $"element sh has {harmonics.Properties.Count} properties, 9, 24 or 45 were expected"),
            };
            RequireNames(harmonics, [.. Enumerable.Range(0, harmonics.Properties.Count).Select(i => $"f_rest_{i}")], fileName);
            RequireCount(harmonics, vertex.Count, fileName);
        }

        long most = Array.MaxLength / GaussianValues.ColorCount(GaussianValues.MaxShDegree);
        if (vertex.Count is < 1 || vertex.Count > most)
        {
            throw Unknown(fileName, $"element vertex has {vertex.Count} records, 1 to {most} were expected");
        }

        RequireCount(chunk, (vertex.Count + ChunkSize - 1) / ChunkSize, fileName);
        long chunks = header.DataOffset;
        long vertices = chunks + chunk.RecordBytes * chunk.Count;
        long rest = vertices + VertexBytes * vertex.Count;
        var layout = new CompressedPlyLayout((int)vertex.Count, degree, chunks, chunk.Properties.Count, vertices, rest);
        long end = rest + (long)layout.RestCount * layout.Count;
        return end <= fileLength ? layout : throw new InvalidSceneException(
            $"{fileName}: the header promises {layout.Count} packed Gaussians in {end} bytes, but the file has {fileLength}; "
            + "it is truncated, upload it again.");
    }

    private static PlyElement Require(PlyHeader header, int index, string name, PlyScalar type, string fileName)
    {
        PlyElement? element = header.Elements.Count > index ? header.Elements[index] : null;
        return element is not null && element.Name == name && element.Properties.All(p => p.Type == type && p.ListCountType is null)
            ? element
            : throw Unknown(fileName, $"element {index} should be {name}, of {type} alone");
    }

    private static void RequireNames(PlyElement element, string[] names, string fileName)
    {
        if (!element.Properties.Select(property => property.Name).SequenceEqual(names))
        {
            throw Unknown(fileName, $"the properties of element {element.Name} should be {names[0]} to {names[^1]}, {names.Length} in all");
        }
    }

    private static void RequireCount(PlyElement element, long expected, string fileName)
    {
        if (element.Count != expected)
        {
            throw Unknown(fileName, $"element {element.Name} has {element.Count} records, {expected} were expected");
        }
    }

    private static InvalidSceneException Unknown(string fileName, string what) => new(
        $"{fileName}: this is a compressed PLY of a layout that is not known: {what}. Export the scene again, or as an uncompressed PLY.");
}
