using System.Buffers.Binary;
using System.IO.Compression;
using Saga.Engine.Archives;

namespace Saga.Engine.Images;

/// <summary>
/// Reads the numbers of a grey or palette PNG. libvips turns a palette into its colours, which loses the index; labels need it.
/// </summary>
/// <remarks>
/// Chunk checksums are not compared: the pixel data carries its own, and a wrong header fails the sizes. Only as much is
/// inflated as the header's size needs.
/// </remarks>
internal static class PngLabelReader
{
    private const int SignatureLength = 8;
    private const int ChunkOverhead = 12;

    // A deflated byte stands for at most 258 bytes for each two bits: 1032.
    private const long MaxExpansion = 1032;
    private const int Gray = 0;
    private const int Palette = 3;

    public static LabelMap Read(byte[] file, ImageLimits limits)
    {
        Header header = ReadHeader(file, limits);
        using MemoryStream compressed = new();
        for (int at = SignatureLength; at + ChunkOverhead <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - ChunkOverhead)
            {
                throw Truncated();
            }

            ReadOnlySpan<byte> type = file.AsSpan(at + 4, 4);
            if (type.SequenceEqual("IDAT"u8))
            {
                compressed.Write(file, at + 8, (int)length);
            }
            else if (type.SequenceEqual("IEND"u8))
            {
                break;
            }

            at += ChunkOverhead + (int)length;
        }

        // A header may promise what no stream of this length unpacks to; room for it is not made.
        if (header.Height * (header.RowBytes + 1L) > MaxExpansion * (compressed.Length + 1))
        {
            throw Truncated();
        }

        compressed.Position = 0;
        try
        {
            using ZLibStream inflated = new(compressed, CompressionMode.Decompress);
            return ReadRows(header, inflated);
        }
        catch (Exception exception) when (DamagedStreams.Explain(exception))
        {
            throw Truncated(exception);
        }
    }

    private static Header ReadHeader(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        ReadOnlySpan<byte> chunk = file[SignatureLength..];
        if (chunk.Length < 25 || !chunk[4..8].SequenceEqual("IHDR"u8))
        {
            throw Truncated();
        }

        uint width = BinaryPrimitives.ReadUInt32BigEndian(chunk[8..]);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(chunk[12..]);
        limits.Check(width, height);
        int bits = chunk[16], colorType = chunk[17], interlace = chunk[20];
        if (colorType is not (Gray or Palette))
        {
            throw new InvalidImageException(
                $"The PNG has colour type {colorType} (colour or alpha); a label map must be grey (0) or indexed (3).");
        }

        if (bits is not (1 or 2 or 4 or 8) && !(bits == 16 && colorType == Gray))
        {
            throw new InvalidImageException($"The PNG has {bits} bits per pixel, which colour type {colorType} does not allow.");
        }

        if (interlace != 0)
        {
            throw new InvalidImageException("The PNG is interlaced; save the label map without interlacing.");
        }

        return new Header((int)width, (int)height, bits);
    }

    private static LabelMap ReadRows(Header header, ZLibStream inflated)
    {
        ushort[] labels = new ushort[header.Width * header.Height];
        int step = Math.Max(1, header.Bits / 8);
        byte[] row = new byte[header.RowBytes], above = new byte[header.RowBytes];
        for (int y = 0; y < header.Height; y++)
        {
            int filter = inflated.ReadByte();
            inflated.ReadExactly(row);
            Unfilter(filter, row, above, step);
            Unpack(row, header.Bits, labels.AsSpan(y * header.Width, header.Width));
            (row, above) = (above, row);
        }

        return new LabelMap(header.Width, header.Height, labels);
    }

    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0;
            int aboveLeft = i >= step ? above[i - step] : 0;
            row[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                4 => Paeth(left, above[i], aboveLeft),
                -1 => throw new EndOfStreamException(),
                _ => throw new InvalidDataException($"Row filter {filter} does not exist."),
            });
        }
    }

    /// <summary>Whichever of the three neighbours is nearest to left + above - aboveLeft, in this order.</summary>
    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - 2 * aboveLeft);
        if (toLeft <= toAbove && toLeft <= toAboveLeft)
        {
            return left;
        }

        return toAbove <= toAboveLeft ? above : aboveLeft;
    }

    private static void Unpack(ReadOnlySpan<byte> row, int bits, Span<ushort> labels)
    {
        for (int x = 0; x < labels.Length; x++)
        {
            labels[x] = bits switch
            {
                16 => BinaryPrimitives.ReadUInt16BigEndian(row[(2 * x)..]),
                8 => row[x],
                _ => (ushort)((row[x * bits / 8] >> (8 - bits - x * bits % 8)) & ((1 << bits) - 1)),
            };
        }
    }

    private static InvalidImageException Truncated(Exception? inner = null) =>
        new("The PNG label map is damaged or incomplete; save or upload it again.", inner);

    private readonly record struct Header(int Width, int Height, int Bits)
    {
        public int RowBytes => (int)(((long)Width * Bits + 7) / 8);
    }
}
