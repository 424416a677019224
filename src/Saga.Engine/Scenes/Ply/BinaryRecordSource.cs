using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Binary records, read in blocks by several threads.</summary>
internal sealed class BinaryRecordSource : GaussianRecordSource
{
    /// <summary>A block stays in the second-level cache between its copy from the file and its decoding.</summary>
    private const int BlockBytes = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly string _fileName;
    private readonly long _offset;
    private readonly int _recordBytes;
    private readonly int[] _fieldOffsets;
    private readonly PlyScalar[] _fieldTypes;
    private readonly bool _bigEndian;
    private readonly bool _plainFloats;

    // Offset of the colours in a record when they are floats that stand together, in any order; otherwise -1.
    private readonly int _colorStart;

    private BinaryRecordSource(
        FileStream file, PlyHeader header, GaussianRecordLayout layout, int count, long offset, string fileName)
        : base(file, layout, count)
    {
        _file = file.SafeFileHandle;
        _fileName = fileName;
        _offset = offset;
        _recordBytes = layout.Vertex.RecordBytes;
        _bigEndian = header.Format == PlyFormat.BinaryBigEndian;
        _fieldTypes = [.. layout.Columns.Select(c => layout.Vertex.Properties[c].Type)];
        _plainFloats = !_bigEndian && BitConverter.IsLittleEndian && _fieldTypes.All(t => t == PlyScalar.Float32);

        var starts = new int[layout.Vertex.Properties.Count];
        for (int i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + PlyScalars.ByteCount(layout.Vertex.Properties[i - 1].Type);
        }

        _fieldOffsets = [.. layout.Columns.Select(c => starts[c])];
        _colorStart = _plainFloats ? StartOfColors(_fieldOffsets.AsSpan(GaussianValues.Color)) : -1;
    }

    public static BinaryRecordSource Open(
        FileStream file, PlyHeader header, GaussianRecordLayout layout, string fileName, CancellationToken cancellationToken)
    {
        long offset = PlyElementSkipper.VertexOffset(file, header, fileName, cancellationToken);
        long available = Math.Max(0, file.Length - offset);
        int recordBytes = layout.Vertex.RecordBytes;
        long whole = available / recordBytes;
        if (whole < layout.Vertex.Count)
        {
            throw new InvalidSceneException(
                $"{fileName}: the header promises {layout.Vertex.Count} Gaussians of {recordBytes} bytes, but the file ends in record {whole}, "
                + $"after {available} bytes of them; the file is truncated, upload it again.");
        }

        return new BinaryRecordSource(file, header, layout, RefuseHugeCount(layout, fileName), offset, fileName);
    }

    protected override int RecordsPerBlock => Math.Max(1, BlockBytes / _recordBytes);

    public override void CopyRecords(
        Func<int, bool> keep, Func<int, uint>? labelOf, Stream target, CancellationToken cancellationToken)
    {
        int perBlock = RecordsPerBlock;
        int writtenBytes = _recordBytes + (labelOf is null ? 0 : sizeof(uint));
        var block = new byte[perBlock * _recordBytes];
        var written = new byte[perBlock * writtenBytes];
        for (long first = 0; first < Count; first += perBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(perBlock, Count - first);
            Fill(block.AsSpan(0, count * _recordBytes), _offset + first * _recordBytes, (int)first);

            // Kept records leave with one write.
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                int record = (int)first + i;
                if (keep(record))
                {
                    Span<byte> place = written.AsSpan(writtenBytes * kept++, writtenBytes);
                    block.AsSpan(i * _recordBytes, _recordBytes).CopyTo(place);
                    if (labelOf is not null)
                    {
                        WriteLabel(place[_recordBytes..], labelOf(record));
                    }
                }
            }

            target.Write(written, 0, kept * writtenBytes);
        }
    }

    private void WriteLabel(Span<byte> place, uint label)
    {
        if (_bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(place, label);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(place, label);
        }
    }

    protected override void ReadBlock(int first, int count, GaussianRecordAction action, bool shapesOnly)
    {
        bool withoutGoodColors = shapesOnly && _colorStart >= 0;
        int bytes = count * _recordBytes;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            Fill(buffer.AsSpan(0, bytes), _offset + (long)first * _recordBytes, first);
            Span<float> values = stackalloc float[Layout.Columns.Length];
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> record = buffer.AsSpan(i * _recordBytes, _recordBytes);
                if (withoutGoodColors && ColorsAreUsable(record))
                {
                    GatherFloats(record, values[..GaussianValues.Color]);
                    action(first + i, values[..GaussianValues.Color]);
                    continue;
                }

                if (_plainFloats)
                {
                    GatherFloats(record, values);
                }
                else
                {
                    Gather(record, values);
                }

                action(first + i, values);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Fill(Span<byte> buffer, long offset, int first)
    {
        while (buffer.Length > 0)
        {
            int read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0)
            {
                throw new InvalidSceneException($"{_fileName}: the file became shorter while it was read (near record {first}).");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }

    private static int StartOfColors(ReadOnlySpan<int> offsets)
    {
        int[] ascending = offsets.ToArray();
        Array.Sort(ascending);
        return ascending[^1] - ascending[0] == sizeof(float) * (ascending.Length - 1) ? ascending[0] : -1;
    }

    // Whatever their order in the record, as they are only compared.
    private bool ColorsAreUsable(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<float> colors = MemoryMarshal.Cast<byte, float>(record.Slice(_colorStart, sizeof(float) * Layout.ColorCount));
        var limit = new Vector<float>(GaussianChecks.MaxColorCoefficient);
        int c = 0;
        for (; c <= colors.Length - Vector<float>.Count; c += Vector<float>.Count)
        {
            // NaN is not within.
            if (!Vector.LessThanOrEqualAll(Vector.Abs(new Vector<float>(colors[c..])), limit))
            {
                return false;
            }
        }

        for (; c < colors.Length; c++)
        {
            if (!(MathF.Abs(colors[c]) <= GaussianChecks.MaxColorCoefficient))
            {
                return false;
            }
        }

        return true;
    }

    private void GatherFloats(ReadOnlySpan<byte> record, Span<float> values)
    {
        int[] offsets = _fieldOffsets;
        for (int i = 0; i < values.Length && i < offsets.Length; i++)
        {
            values[i] = Unsafe.ReadUnaligned<float>(in record[offsets[i]]);
        }
    }

    private void Gather(ReadOnlySpan<byte> record, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> field = record[_fieldOffsets[i]..];
            values[i] = (_fieldTypes[i], _bigEndian) switch
            {
                (PlyScalar.Float32, false) => BinaryPrimitives.ReadSingleLittleEndian(field),
                (PlyScalar.Float32, true) => BinaryPrimitives.ReadSingleBigEndian(field),
                (_, false) => (float)BinaryPrimitives.ReadDoubleLittleEndian(field),
                (_, true) => (float)BinaryPrimitives.ReadDoubleBigEndian(field),
            };
        }
    }
}
