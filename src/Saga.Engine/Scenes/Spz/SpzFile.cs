using System.Buffers.Binary;
using System.IO.Compression;
using Saga.Engine.Archives;
using ZstdSharp;

namespace Saga.Engine.Scenes.Spz;

/// <summary>
/// Opens .spz files: before version 4 one gzip stream of header and attributes, in version 4 a plain header, a table, and one
/// Zstandard stream per attribute.
/// </summary>
internal static class SpzFile
{
    /// <summary>
    /// Real scenes unpack to two to six times their size. What unpacks to more than this many times and to more than
    /// <see cref="SmallBytes"/> is a decompression bomb.
    /// </summary>
    private const long MaxRatio = 200;

    private const long SmallBytes = 16 << 20;

    /// <summary>How far back a Zstandard stream may ask to look, as a power of two; Zstandard's own tools go to 27.</summary>
    private const int MaxWindowLog = 27;

    private const long MaxExtensionBytes = 1 << 20;

    /// <summary>Unpacks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="InvalidSceneException">Not an .spz file, damaged, truncated, or a decompression bomb.</exception>
    public static GaussianSource Open(string path, string fileName, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Unpack(file, fileName, cancellationToken);
        }
        catch (Exception error) when (error is ZstdException || DamagedStreams.Explain(error))
        {
            throw new InvalidSceneException($"{fileName}: the compressed data is damaged or truncated; upload the file again.", error);
        }
    }

    private static SpzSource Unpack(FileStream file, string fileName, CancellationToken cancellationToken)
    {
        Span<byte> start = stackalloc byte[SpzHeader.Bytes];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..read];
        file.Position = 0;
        if (!start.StartsWith(SpzHeader.Magic))
        {
            using var unzipped = new GZipStream(file, CompressionMode.Decompress);
            return ReadLegacy(unzipped, file.Length, fileName, cancellationToken);
        }

        SpzHeader header = SpzHeader.Parse(start, fileName);
        return header.Version == 4
            ? ReadStreams(file, header, fileName, cancellationToken)
            : ReadLegacy(file, file.Length, fileName, cancellationToken);
    }

    private static SpzSource ReadLegacy(Stream stream, long fileBytes, string fileName, CancellationToken cancellationToken)
    {
        Span<byte> start = stackalloc byte[SpzHeader.LegacyBytes];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        SpzHeader header = SpzHeader.Parse(start[..read], fileName);
        if (header.Version == 4)
        {
            throw new InvalidSceneException(
                $"{fileName}: a gzip file holds .spz version 4, which is never compressed as a whole; unpack it once.");
        }

        RefuseBomb(header, fileBytes, fileName);
        SpzPlanes planes = SpzPlanes.Read(
            header, length => BoundedBytes.TryRead(stream, length, cancellationToken) ?? throw SpzHeader.Truncated(fileName));
        byte[] extensions = header.HasExtensions ? ReadRest(stream, fileName) : [];
        return new SpzSource(header, planes, SpzExtensions.FlipsOf(extensions, fileName));
    }

    private static SpzSource ReadStreams(FileStream file, SpzHeader header, string fileName, CancellationToken cancellationToken)
    {
        RefuseBomb(header, file.Length, fileName);
        int expected = header.ShDegree > 0 ? SpzHeader.MaxStreams : SpzHeader.MaxStreams - 1;
        long tocEnd = header.TocOffset + 16L * header.Streams;

        // Writers may leave the empty stream of harmonics in or out.
        if (header.Streams < expected || header.Streams > SpzHeader.MaxStreams || header.TocOffset < SpzHeader.Bytes || tocEnd > file.Length)
        {
            throw new InvalidSceneException(
                $"{fileName}: the header promises {header.Streams} streams listed at byte {header.TocOffset} of {file.Length}; "
                + $"{expected} streams listed behind the header were expected. The file is damaged or truncated.");
        }

        byte[] extensions = [];
        if (header.HasExtensions)
        {
            RefuseLongExtensions(header.TocOffset - SpzHeader.Bytes, fileName);
            file.Position = SpzHeader.Bytes;
            extensions = new byte[header.TocOffset - SpzHeader.Bytes];
            file.ReadExactly(extensions);
        }

        byte[] table = new byte[16 * header.Streams];
        file.Position = header.TocOffset;
        file.ReadExactly(table);
        int next = 0;
        long offset = tocEnd;
        SpzPlanes planes = SpzPlanes.Read(header, length =>
        {
            ulong packed = BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(16 * next));
            ulong unpacked = BinaryPrimitives.ReadUInt64LittleEndian(table.AsSpan(16 * next + 8));
            if (packed > (ulong)(file.Length - offset) || unpacked != (ulong)length)
            {
                throw new InvalidSceneException(
                    $"{fileName}: stream {next} is listed with {packed} bytes that unpack to {unpacked}; the file has {file.Length - offset} "
                    + $"left there, and {header.Count} Gaussians take {length}. The file is damaged or truncated.");
            }

            byte[] bytes = Decompress(file, offset, (long)packed, length, fileName, cancellationToken);
            offset += (long)packed;
            next++;
            return bytes;
        });
        return new SpzSource(header, planes, SpzExtensions.FlipsOf(extensions, fileName));
    }

    private static byte[] Decompress(
        FileStream file, long offset, long packed, long length, string fileName, CancellationToken cancellationToken)
    {
        file.Position = offset;
        using var decompressor = new Decompressor();
        decompressor.SetParameter(ZstdSharp.Unsafe.ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        using var stream = new DecompressionStream(new LimitedStream(file, packed), decompressor, leaveOpen: true);
        return BoundedBytes.TryRead(stream, length, cancellationToken) ?? throw SpzHeader.Truncated(fileName);
    }

    private static void RefuseBomb(SpzHeader header, long fileBytes, string fileName)
    {
        long unpacked = (long)header.Count * header.GaussianBytes;
        if (unpacked > SmallBytes && unpacked / MaxRatio > fileBytes)
        {
            throw new InvalidSceneException(
                $"{fileName}: {fileBytes} bytes promise {header.Count} Gaussians, which take {unpacked}: more than {MaxRatio} times as many. "
                + "The file is truncated or a decompression bomb.");
        }
    }

    private static byte[] ReadRest(Stream stream, string fileName)
    {
        using var rest = new MemoryStream();
        byte[] block = new byte[4096];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            rest.Write(block, 0, read);
            RefuseLongExtensions(rest.Length, fileName);
        }

        return rest.ToArray();
    }

    private static void RefuseLongExtensions(long bytes, string fileName)
    {
        if (bytes > MaxExtensionBytes)
        {
            throw new InvalidSceneException($"{fileName}: the extensions take more than {MaxExtensionBytes} bytes; that is no scene.");
        }
    }
}
