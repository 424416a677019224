using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Saga.Engine.Tests.Scenes;

/// <summary>A table of a PLY file: columns with types, rows of numbers; <see cref="Lists"/> adds one list property behind them.</summary>
internal sealed class PlyTestElement(string name, (string Name, string Type)[] columns, double[][] rows)
{
    public string Name { get; } = name;

    public (string Name, string Type)[] Columns { get; set; } = columns;

    public double[][] Rows { get; set; } = rows;

    /// <summary>Per row the values of a trailing <c>list uchar int</c>; null for none.</summary>
    public int[][]? Lists { get; init; }

    /// <summary>What the header claims; null for the truth.</summary>
    public string? ClaimedCount { get; set; }
}

/// <summary>Writes PLY files of every kind, right and wrong, straight from the format's description.</summary>
internal sealed class PlyTestFile(string format, params PlyTestElement[] elements)
{
    public string LineEnd { get; init; } = "\n";

    public string Comment { get; init; } = "comment made by a test";

    public string Header()
    {
        var text = new StringBuilder($"ply{LineEnd}format {format} 1.0{LineEnd}{Comment}{LineEnd}");
        foreach (PlyTestElement element in elements)
        {
            text.Append(CultureInfo.InvariantCulture, $"element {element.Name} {element.ClaimedCount ?? element.Rows.Length.ToString(CultureInfo.InvariantCulture)}{LineEnd}");
            foreach ((string name, string type) in element.Columns)
            {
                text.Append(CultureInfo.InvariantCulture, $"property {type} {name}{LineEnd}");
            }

            text.Append(element.Lists is null ? "" : $"property list uchar int numbers{LineEnd}");
        }

        return text.Append("end_header").Append(LineEnd).ToString();
    }

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        stream.Write(Encoding.Latin1.GetBytes(Header()));
        foreach (PlyTestElement element in elements)
        {
            for (int row = 0; row < element.Rows.Length; row++)
            {
                stream.Write(Row(element, row));
            }
        }

        return stream.ToArray();
    }

    public byte[] Row(PlyTestElement element, int row)
    {
        IEnumerable<(double Value, string Type)> values = element.Columns.Select((c, i) => (element.Rows[row][i], c.Type));
        if (element.Lists is { } lists)
        {
            values = values.Append((lists[row].Length, "uchar")).Concat(lists[row].Select(v => ((double)v, "int")));
        }

        return format == "ascii"
            ? Encoding.ASCII.GetBytes(string.Join(' ', values.Select(v => Text(v.Value, v.Type))) + LineEnd)
            : [.. values.SelectMany(v => Bytes(v.Value, v.Type))];
    }

    private static string Text(double value, string type) => type is "float" or "float32"
        ? ((float)value).ToString("R", CultureInfo.InvariantCulture)
        : value.ToString("R", CultureInfo.InvariantCulture);

    private byte[] Bytes(double value, string type)
    {
        var bytes = new byte[8];
        int length = 0;
        switch (type)
        {
            case "float" or "float32":
                BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
                length = 4;
                break;
            case "double" or "float64":
                BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
                length = 8;
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)value);
                length = type.Contains("char", StringComparison.Ordinal) ? 1 : type.Contains("short", StringComparison.Ordinal) ? 2 : 4;
                break;
        }

        Array.Resize(ref bytes, length);
        if (format == "binary_big_endian")
        {
            Array.Reverse(bytes);
        }

        return bytes;
    }
}
