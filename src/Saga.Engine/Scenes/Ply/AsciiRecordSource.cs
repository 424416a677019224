using System.Globalization;
using System.Text;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Text records, one a line.</summary>
internal sealed class AsciiRecordSource : GaussianRecordSource
{
    private readonly FileStream _file;
    private readonly PlyHeader _header;
    private readonly string _fileName;

    private AsciiRecordSource(FileStream file, PlyHeader header, GaussianRecordLayout layout, int count, string fileName)
        : base(file, layout, count)
    {
        _file = file;
        _header = header;
        _fileName = fileName;
    }

    public static AsciiRecordSource Open(FileStream file, PlyHeader header, GaussianRecordLayout layout, string fileName)
    {
        // A value takes a character and a separator at least: that bounds the count before anything is allocated.
        long available = file.Length - header.DataOffset + 1;
        long leastBytes = 2L * layout.Vertex.Properties.Count;
        if (available / leastBytes < layout.Vertex.Count)
        {
            throw new InvalidSceneException(
                $"{fileName}: the header promises {layout.Vertex.Count} Gaussians of at least {leastBytes} characters, "
                + $"but only {available - 1} bytes follow it; the file is truncated, upload it again.");
        }

        return new AsciiRecordSource(file, header, layout, RefuseHugeCount(layout, fileName), fileName);
    }

    public override void ForEach(GaussianRecordAction action, CancellationToken cancellationToken) =>
        ForEachInOrder(action, cancellationToken);

    public override void ForEachShape(GaussianRecordAction action, CancellationToken cancellationToken) =>
        ForEachInOrder(action, cancellationToken);

    public override void ForEachInOrder(GaussianRecordAction action, CancellationToken cancellationToken)
    {
        PlyLineReader lines = FirstVertex(cancellationToken);
        PlyElement vertex = Layout.Vertex;
        var fields = new float[vertex.Properties.Count];
        var values = new float[Layout.Columns.Length];
        bool[] used = new bool[fields.Length];
        foreach (int column in Layout.Columns)
        {
            used[column] = true;
        }

        for (int i = 0; i < Count; i++)
        {
            ParseLine(NextLine(lines, vertex, i), fields, used, i);
            for (int v = 0; v < values.Length; v++)
            {
                values[v] = fields[Layout.Columns[v]];
            }

            action(i, values);
            ThrowIfCancelled(i, cancellationToken);
        }
    }

    public override void CopyRecords(
        Func<int, bool> keep, Func<int, uint>? labelOf, Stream target, CancellationToken cancellationToken)
    {
        PlyLineReader lines = FirstVertex(cancellationToken);
        var buffered = new BufferedStream(target, 1 << 16);
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> line = NextLine(lines, Layout.Vertex, i);
            if (keep(i))
            {
                buffered.Write(line);
                if (labelOf is not null)
                {
                    buffered.Write(Encoding.ASCII.GetBytes(FormattableString.Invariant($" {labelOf(i)}")));
                }

                buffered.WriteByte((byte)'\n');
            }

            ThrowIfCancelled(i, cancellationToken);
        }

        buffered.Flush();
    }

    // Lines have no known length: where a record starts is only known once those before it were read.
    protected override int RecordsPerBlock => Count;

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly) =>
        ForEachInOrder(action, CancellationToken.None);

    private PlyLineReader FirstVertex(CancellationToken cancellationToken)
    {
        var lines = new PlyLineReader(_file, _header.DataOffset, _fileName);
        foreach (PlyElement element in _header.Elements.Take(_header.VertexElement))
        {
            for (long i = 0; i < element.Count && element.Properties.Count > 0; i++)
            {
                _ = NextLine(lines, element, i);
                ThrowIfCancelled(i, cancellationToken);
            }
        }

        return lines;
    }

    private ReadOnlySpan<byte> NextLine(PlyLineReader lines, PlyElement element, long record) =>
        lines.TryRead(out ReadOnlySpan<byte> line)
            ? line
            : throw new InvalidSceneException(
                $"{_fileName}: the header promises {element.Count} records of element {PlyHeaderReader.Shorten(element.Name)}, "
                + $"but the file ({_file.Length} bytes) ends before record {record}; the file is truncated, upload it again.");

    private void ParseLine(ReadOnlySpan<byte> line, float[] fields, bool[] used, int record)
    {
        int found = 0;
        for (ReadOnlySpan<byte> rest = line; ;)
        {
            int start = rest.IndexOfAnyExcept(" \t"u8);
            if (start < 0)
            {
                break;
            }

            rest = rest[start..];
            int end = rest.IndexOfAny(" \t"u8);
            ReadOnlySpan<byte> word = end < 0 ? rest : rest[..end];
            rest = rest[word.Length..];
            if (found < fields.Length && used[found])
            {
                fields[found] = ParseNumber(word, record, found);
            }

            found++;
        }

        if (found != fields.Length)
        {
            throw new InvalidSceneException(
                $"{_fileName}: record {record} of element vertex has {found} values; the header lists {fields.Length} properties.");
        }
    }

    private float ParseNumber(ReadOnlySpan<byte> word, int record, int column)
    {
        if (float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
        {
            return value;
        }

        // C prints what .NET does not read: nan, -nan, nan(ind), inf, -inf.
        string text = Encoding.Latin1.GetString(word[..Math.Min(word.Length, 80)]);
        string bare = text.TrimStart('+', '-');
        if (bare.StartsWith("nan", StringComparison.OrdinalIgnoreCase))
        {
            return float.NaN;
        }

        if (bare.Equals("inf", StringComparison.OrdinalIgnoreCase) || bare.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            return text[0] == '-' ? float.NegativeInfinity : float.PositiveInfinity;
        }

        throw new InvalidSceneException(
            $"{_fileName}: record {record} has «{PlyHeaderReader.Shorten(text)}» for property "
            + $"{PlyHeaderReader.Shorten(Layout.Vertex.Properties[column].Name)}; expected a number.");
    }

    private static void ThrowIfCancelled(long record, CancellationToken cancellationToken)
    {
        if ((record & 0xFFF) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
