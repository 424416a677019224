using System.Globalization;
using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Parses the text at the start of a PLY file, believing nothing.</summary>
internal static class PlyHeaderReader
{
    /// <summary>Real headers of Gaussian scenes are 0.5–2 KB; more than this is not a header.</summary>
    public const int MaxHeaderBytes = 256 * 1024;

    /// <summary>INRIA's files have 62 properties; bounds the size of one record.</summary>
    private const int MaxProperties = 4096;

    private const int MaxElements = 64;

    /// <summary>Reads the header at the start of a file.</summary>
    /// <param name="stream">At the start of the file; left somewhere after the header.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidSceneException">Not a PLY file, or its header is damaged.</exception>
    public static PlyHeader Read(Stream stream, string fileName)
    {
        var buffer = new byte[8192];
        int length = 0;
        int end;
        while ((end = EndOfHeader(buffer.AsSpan(0, length))) < 0)
        {
            if (length >= 4 && !LooksLikePly(buffer))
            {
                break;
            }

            if (length == buffer.Length)
            {
                if (length >= MaxHeaderBytes)
                {
                    throw new InvalidSceneException(
                        $"{fileName}: no end_header in the first {MaxHeaderBytes} bytes; the file is not a PLY scene or is damaged.");
                }

                Array.Resize(ref buffer, length * 2);
            }

            int read = stream.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        if (!LooksLikePly(buffer))
        {
            throw new InvalidSceneException($"{fileName}: the file does not start with «ply»; a Gaussian scene is a PLY file.");
        }

        return end >= 0
            ? Parse(Encoding.Latin1.GetString(buffer, 0, end), end, fileName)
            : throw new InvalidSceneException(
                $"{fileName}: the file ends after {length} bytes without end_header; it is truncated, upload it again.");
    }

    private static bool LooksLikePly(ReadOnlySpan<byte> start) =>
        start.StartsWith("ply\n"u8) || start.StartsWith("ply\r"u8);

    /// <summary>Bytes up to and with the line end of end_header, or -1.</summary>
    private static int EndOfHeader(ReadOnlySpan<byte> bytes)
    {
        int from = 0;
        while (true)
        {
            int found = bytes[from..].IndexOf("end_header"u8);
            if (found < 0)
            {
                return -1;
            }

            int start = from + found;
            int rest = start + "end_header".Length;
            bool atLineStart = start == 0 || bytes[start - 1] is (byte)'\n' or (byte)'\r';
            if (atLineStart)
            {
                int lineEnd = bytes[rest..].IndexOf((byte)'\n');
                if (lineEnd < 0)
                {
                    return -1;
                }

                // Only blanks may stand between the word and its line end (\r\n files have a \r here).
                if (bytes.Slice(rest, lineEnd).IndexOfAnyExcept(" \t\r"u8) < 0)
                {
                    return rest + lineEnd + 1;
                }
            }

            from = rest;
        }
    }

    private static PlyHeader Parse(string text, int dataOffset, string fileName)
    {
        string[] lines = [.. text.Split('\n').Select(l => l.TrimEnd('\r', ' ', '\t')).Where(l => l.Length > 0)];
        PlyFormat? format = null;
        var elements = new List<PlyElement>();
        var properties = new List<PlyProperty>();
        foreach (string line in lines.Skip(1))
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "comment" or "obj_info":
                    break;
                case "end_header":
                    break;
                case "format" when words.Length == 3:
                    format = ParseFormat(words[1], words[2], fileName);
                    break;
                case "element" when words.Length == 3:
                    properties = [];
                    elements.Add(new PlyElement(words[1], ParseCount(words[2], line, fileName), properties));
                    break;
                case "property" when elements.Count > 0 && (words.Length == 3 || (words.Length == 5 && words[1] == "list")):
                    properties.Add(ParseProperty(words, fileName));
                    break;
                default:
                    throw new InvalidSceneException($"{fileName}: the header line «{Shorten(line)}» is not understood.");
            }

            if (elements.Count > MaxElements || properties.Count > MaxProperties)
            {
                throw new InvalidSceneException(
                    $"{fileName}: the header lists more than {MaxElements} elements or {MaxProperties} properties; that is no Gaussian scene.");
            }
        }

        string? repeated = elements.GroupBy(e => e.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (repeated is not null)
        {
            throw new InvalidSceneException($"{fileName}: the header lists element {Shorten(repeated)} twice.");
        }

        foreach (PlyElement element in elements)
        {
            string? twice = element.Properties.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1)?.Key;
            if (twice is not null)
            {
                throw new InvalidSceneException($"{fileName}: element {Shorten(element.Name)} lists property {Shorten(twice)} twice.");
            }
        }

        return new PlyHeader(
            format ?? throw new InvalidSceneException($"{fileName}: the header has no format line."), elements, dataOffset, lines);
    }

    private static PlyFormat ParseFormat(string name, string version, string fileName)
    {
        PlyFormat? format = name switch
        {
            "ascii" => PlyFormat.Ascii,
            "binary_little_endian" => PlyFormat.BinaryLittleEndian,
            "binary_big_endian" => PlyFormat.BinaryBigEndian,
            _ => null,
        };
        return format is { } known && version == "1.0"
            ? known
            : throw new InvalidSceneException(
                $"{fileName}: format {Shorten(name)} {Shorten(version)} is not known; "
                + "expected ascii, binary_little_endian or binary_big_endian 1.0.");
    }

    private static long ParseCount(string text, string line, string fileName) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? count
            : throw new InvalidSceneException($"{fileName}: the header line «{Shorten(line)}» has no usable count.");

    private static PlyProperty ParseProperty(string[] words, string fileName)
    {
        PlyScalar Type(string name) => PlyScalars.Parse(name)
            ?? throw new InvalidSceneException(
                $"{fileName}: property {Shorten(words[^1])} has the unknown type {Shorten(name)}; "
                + "the PLY types are char, uchar, short, ushort, int, uint, float and double.");

        return words.Length == 5
            ? new PlyProperty(words[4], Type(words[3]), Type(words[2]))
            : new PlyProperty(words[2], Type(words[1]));
    }

    /// <summary>Keeps a stranger's text short and printable in messages.</summary>
    internal static string Shorten(string text)
    {
        const int longest = 60;
        string printable = new([.. text.Take(longest).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > longest ? printable + "…" : printable;
    }
}
