using System.Buffers.Binary;

namespace Saga.Engine.Scenes.Ply;

/// <summary>Finds the vertex records of a binary file behind elements that nobody asked for.</summary>
internal static class PlyElementSkipper
{
    /// <summary>Byte offset of the first vertex record.</summary>
    /// <param name="file">Seekable; its position changes.</param>
    /// <param name="header">Of the same file, binary, with a vertex element.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="cancellationToken">Stops the walk over elements with lists.</param>
    /// <exception cref="InvalidSceneException">The file ends, or a list has a negative length, before the vertices.</exception>
    public static long VertexOffset(FileStream file, PlyHeader header, string fileName, CancellationToken cancellationToken)
    {
        long offset = header.DataOffset;
        foreach (PlyElement element in header.Elements.Take(header.VertexElement))
        {
            offset = element.HasLists
                ? SkipLists(file, offset, element, header.Format == PlyFormat.BinaryBigEndian, fileName, cancellationToken)
                : SkipFixed(file, offset, element, fileName);
        }

        return offset;
    }

    private static long SkipFixed(FileStream file, long offset, PlyElement element, string fileName)
    {
        int recordBytes = element.RecordBytes;
        long available = Math.Max(0, file.Length - offset);
        if (recordBytes > 0 && available / recordBytes < element.Count)
        {
            throw Truncated(fileName, element, available / recordBytes, file.Length);
        }

        return offset + recordBytes * element.Count;
    }

    private static long SkipLists(
        FileStream file, long offset, PlyElement element, bool bigEndian, string fileName, CancellationToken cancellationToken)
    {
        // Every record holds at least its list counts, so the file's length bounds this walk whatever the header claims.
        file.Position = offset;

        // Not disposed: that would close the file, which is the caller's; nothing is written, so nothing is lost.
        var reader = new BufferedStream(file, 1 << 16);
        long position = offset;
        Span<byte> countBytes = stackalloc byte[8];
        for (long record = 0; record < element.Count; record++)
        {
            if ((record & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            foreach (PlyProperty property in element.Properties)
            {
                long skip = PlyScalars.ByteCount(property.Type);
                if (property.ListCountType is { } countType)
                {
                    Span<byte> field = countBytes[..PlyScalars.ByteCount(countType)];
                    if (reader.ReadAtLeast(field, field.Length, throwOnEndOfStream: false) < field.Length)
                    {
                        throw Truncated(fileName, element, record, file.Length);
                    }

                    long length = ReadCount(field, countType, bigEndian);
                    if (length < 0)
                    {
                        throw new InvalidSceneException(
                            $"{fileName}: record {record} of element {PlyHeaderReader.Shorten(element.Name)} has a list without a usable length.");
                    }

                    position += field.Length;
                    skip *= length;
                }

                if (skip > file.Length - position)
                {
                    throw Truncated(fileName, element, record, file.Length);
                }

                position += skip;
                reader.Position = position;
            }
        }

        return position;
    }

    private static long ReadCount(ReadOnlySpan<byte> field, PlyScalar type, bool bigEndian) => type switch
    {
        PlyScalar.UInt8 => field[0],
        PlyScalar.Int8 => (sbyte)field[0],
        PlyScalar.UInt16 => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(field) : BinaryPrimitives.ReadUInt16LittleEndian(field),
        PlyScalar.Int16 => bigEndian ? BinaryPrimitives.ReadInt16BigEndian(field) : BinaryPrimitives.ReadInt16LittleEndian(field),
        PlyScalar.UInt32 => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(field) : BinaryPrimitives.ReadUInt32LittleEndian(field),
        PlyScalar.Int32 => bigEndian ? BinaryPrimitives.ReadInt32BigEndian(field) : BinaryPrimitives.ReadInt32LittleEndian(field),
        _ => -1,
    };

    private static InvalidSceneException Truncated(string fileName, PlyElement element, long record, long length) => new(
        $"{fileName}: the header promises {element.Count} records of element {PlyHeaderReader.Shorten(element.Name)}, "
        + $"but the file ({length} bytes) ends in record {record}, before the Gaussians; the file is truncated, upload it again.");
}
