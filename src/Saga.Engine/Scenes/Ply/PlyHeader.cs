namespace Saga.Engine.Scenes.Ply;

/// <summary>How a PLY file stores its numbers.</summary>
public enum PlyFormat
{
    /// <summary>Text, one record a line.</summary>
    Ascii,

    /// <summary>Binary, least significant byte first.</summary>
    BinaryLittleEndian,

    /// <summary>Binary, most significant byte first.</summary>
    BinaryBigEndian,
}

/// <summary>The number types of the PLY format.</summary>
internal enum PlyScalar
{
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Float32,
    Float64,
}

/// <summary>One property of an element.</summary>
/// <param name="Name">As in the header.</param>
/// <param name="Type">Of the value, or of each value of a list.</param>
/// <param name="ListCountType">Type of a list's leading count; null for a single value.</param>
internal sealed record PlyProperty(string Name, PlyScalar Type, PlyScalar? ListCountType = null);

/// <summary>One element: a table of records.</summary>
/// <param name="Name">As in the header.</param>
/// <param name="Count">Records that the header claims; not to be believed before it is held against the file's length.</param>
/// <param name="Properties">In file order.</param>
internal sealed record PlyElement(string Name, long Count, IReadOnlyList<PlyProperty> Properties)
{
    public bool HasLists => Properties.Any(p => p.ListCountType is not null);

    /// <summary>Bytes of one binary record; meaningless with lists.</summary>
    public int RecordBytes => Properties.Sum(p => PlyScalars.ByteCount(p.Type));
}

/// <summary>A parsed header.</summary>
/// <param name="Format">How the data is stored.</param>
/// <param name="Elements">In file order.</param>
/// <param name="DataOffset">Bytes of the header, end_header and its line end included.</param>
/// <param name="Lines">The header's lines without line ends, from <c>ply</c> to <c>end_header</c>.</param>
internal sealed record PlyHeader(PlyFormat Format, IReadOnlyList<PlyElement> Elements, int DataOffset, IReadOnlyList<string> Lines)
{
    /// <summary>Position of the element <c>vertex</c> in <see cref="Elements"/>, or -1.</summary>
    public int VertexElement => Elements.ToList().FindIndex(e => e.Name == "vertex");
}

/// <summary>Names and sizes of the number types.</summary>
internal static class PlyScalars
{
    public static PlyScalar? Parse(string name) => name switch
    {
        "char" or "int8" => PlyScalar.Int8,
        "uchar" or "uint8" => PlyScalar.UInt8,
        "short" or "int16" => PlyScalar.Int16,
        "ushort" or "uint16" => PlyScalar.UInt16,
        "int" or "int32" => PlyScalar.Int32,
        "uint" or "uint32" => PlyScalar.UInt32,
        "float" or "float32" => PlyScalar.Float32,
        "double" or "float64" => PlyScalar.Float64,
        _ => null,
    };

    public static int ByteCount(PlyScalar type) => type switch
    {
        PlyScalar.Int8 or PlyScalar.UInt8 => 1,
        PlyScalar.Int16 or PlyScalar.UInt16 => 2,
        PlyScalar.Float64 => 8,
        _ => 4,
    };
}
