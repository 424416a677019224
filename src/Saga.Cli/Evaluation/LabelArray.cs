using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Saga.Cli.Evaluation;

/// <summary>Reads the one kind of .npy file that holds labels: uint16, C order, shape [count, 2]. Nothing in it is executed.</summary>
public static partial class LabelArray
{
    /// <summary>Longest header read, bytes; numpy writes about 120.</summary>
    private const int MaxHeaderBytes = 64 * 1024;

    /// <summary>Reads object and part of every Gaussian.</summary>
    /// <param name="path">The .npy file.</param>
    /// <returns>Objects and parts, [count] each, in file order.</returns>
    /// <exception cref="InvalidDataException">Not such a file; the message says what was found and what was expected.</exception>
    public static (ushort[] Objects, ushort[] Parts) Read(string path) => Parse(File.ReadAllBytes(path), Path.GetFileName(path));

    /// <summary>Reads the bytes of such a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How messages call it.</param>
    public static (ushort[] Objects, ushort[] Parts) Parse(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 12 || file[0] != 0x93 || !file[1..].StartsWith("NUMPY"u8))
        {
            throw new InvalidDataException($"{name}: not a .npy file (its first bytes are not \\x93NUMPY).");
        }

        int lengthBytes = file[6] switch
        {
            1 => 2,
            2 or 3 => 4,
            _ => throw new InvalidDataException($"{name}: .npy version {file[6]}; versions 1 to 3 are read."),
        };
        long headerLength = lengthBytes == 2
            ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(file[8..]);
        int headerStart = 8 + lengthBytes;
        if (headerLength > MaxHeaderBytes || headerStart + headerLength > file.Length)
        {
            throw new InvalidDataException(
                $"{name}: the header claims {headerLength} bytes, but the file has {file.Length}; it is truncated or damaged.");
        }

        string header = Encoding.ASCII.GetString(file.Slice(headerStart, (int)headerLength));
        string type = TypePattern().Match(header).Groups[1].Value;
        if (type != "<u2" || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name}: the header is {header.Trim()}; labels are little-endian uint16 ('<u2') in C order.");
        }

        Match shape = ShapePattern().Match(header);
        if (!shape.Success
            || !int.TryParse(shape.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new InvalidDataException($"{name}: the header is {header.Trim()}; labels have the shape (count, 2).");
        }

        ReadOnlySpan<byte> body = file[(headerStart + (int)headerLength)..];
        if (body.Length != 4L * count)
        {
            throw new InvalidDataException($"{name}: {count} rows take {4L * count} bytes, but {body.Length} follow the header.");
        }

        var objects = new ushort[count];
        var parts = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            objects[i] = BinaryPrimitives.ReadUInt16LittleEndian(body[(4 * i)..]);
            parts[i] = BinaryPrimitives.ReadUInt16LittleEndian(body[(4 * i + 2)..]);
        }

        return (objects, parts);
    }

    [GeneratedRegex("'descr': '([^']*)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape': \(([0-9]{1,10}), 2\)")]
    private static partial Regex ShapePattern();
}
