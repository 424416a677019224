using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Saga.Engine.Tests.Fuzzing;

/// <summary>What files are packed in: opened, damaged inside and closed again, damage gets past checksums and compression.</summary>
internal abstract class Container
{
    /// <summary>The pieces inside.</summary>
    public abstract byte[][] Open(byte[] file);

    /// <summary>A file of these pieces, as many as were opened.</summary>
    public abstract byte[] Close(byte[] original, byte[][] pieces);
}

internal sealed class ZipContainer : Container
{
    public override byte[][] Open(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return [.. zip.Entries.Select(entry =>
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        })];
    }

    public override byte[] Close(byte[] original, byte[][] pieces)
    {
        using var zip = new ZipArchive(new MemoryStream(original));
        string[] names = [.. zip.Entries.Select(entry => entry.FullName)];
        using var bytes = new MemoryStream();
        using (var packed = new ZipArchive(bytes, ZipArchiveMode.Create, true))
        {
            for (int i = 0; i < names.Length; i++)
            {
                using Stream entry = packed.CreateEntry(names[i], CompressionLevel.NoCompression).Open();
                entry.Write(pieces[i]);
            }
        }

        return bytes.ToArray();
    }
}

internal sealed class GzipContainer : Container
{
    public override byte[][] Open(byte[] file)
    {
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return [bytes.ToArray()];
    }

    public override byte[] Close(byte[] original, byte[][] pieces)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, true))
        {
            gzip.Write(pieces[0]);
        }

        return bytes.ToArray();
    }
}

/// <summary>A PNG with one IDAT: header, pixels uncompressed; checksums are made anew.</summary>
internal sealed class PngContainer : Container
{
    private const int SignatureBytes = 8;

    public override byte[][] Open(byte[] file)
    {
        byte[] header = [];
        using var packed = new MemoryStream();
        for (int at = SignatureBytes; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = Encoding.ASCII.GetString(file, at + 4, 4);
            ReadOnlySpan<byte> data = file.AsSpan(at + 8, length);
            if (type == "IHDR")
            {
                header = data.ToArray();
            }
            else if (type == "IDAT")
            {
                packed.Write(data);
            }

            at += length + 12;
        }

        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        using var pixels = new MemoryStream();
        zlib.CopyTo(pixels);
        return [header, pixels.ToArray()];
    }

    public override byte[] Close(byte[] original, byte[][] pieces)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, true))
        {
            zlib.Write(pieces[1]);
        }

        using var file = new MemoryStream();
        file.Write(original.AsSpan(0, SignatureBytes));
        Chunk(file, "IHDR", pieces[0]);
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        byte[] named = [.. Encoding.ASCII.GetBytes(type), .. data];
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(named));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }
}
