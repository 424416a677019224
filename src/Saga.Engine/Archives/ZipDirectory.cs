using System.Buffers.Binary;

namespace Saga.Engine.Archives;

/// <summary>
/// Counts the entries of a zip's directory before anything is built from it: opening an archive allocates per entry, and a
/// directory may hold millions, whatever number it states.
/// </summary>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054B50;
    private const uint Zip64LocatorSignature = 0x07064B50;
    private const uint Zip64EndSignature = 0x06064B50;
    private const uint EntrySignature = 0x02014B50;
    private const int EndBytes = 22;
    private const int Zip64LocatorBytes = 20;
    private const int Zip64EndBytes = 56;
    private const int EntryBytes = 46;
    private const int MaxCommentBytes = 65535;

    // Names, extra fields and comments of all entries; a thousand bytes for each of 64 thousand.
    private const long MaxDirectoryBytes = 64L << 20;

    /// <summary>Refuses a directory with too many entries. What is no zip at all passes: opening it says so.</summary>
    /// <param name="stream">Seekable; left at its start.</param>
    /// <param name="maxEntries">Most entries, folders included.</param>
    /// <exception cref="InvalidArchiveException">Too many entries, or entries too large.</exception>
    public static void CheckSize(Stream stream, int maxEntries)
    {
        foreach (long start in FindDirectories(stream))
        {
            if (start >= 0 && start < stream.Length)
            {
                Walk(stream, start, maxEntries);
            }
        }

        stream.Position = 0;
    }

    private static void Walk(Stream stream, long start, int maxEntries)
    {
        var buffered = new BufferedStream(stream, 1 << 16);
        buffered.Position = start;
        Span<byte> header = stackalloc byte[EntryBytes];
        for (int count = 0; ; count++)
        {
            if (buffered.ReadAtLeast(header, EntryBytes, throwOnEndOfStream: false) < EntryBytes
                || BinaryPrimitives.ReadUInt32LittleEndian(header) != EntrySignature)
            {
                return;
            }

            if (count == maxEntries)
            {
                throw new InvalidArchiveException($"The zip holds more than {maxEntries} entries; pack fewer files.");
            }

            buffered.Position += BinaryPrimitives.ReadUInt16LittleEndian(header[28..])
                + BinaryPrimitives.ReadUInt16LittleEndian(header[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
            if (buffered.Position - start > MaxDirectoryBytes)
            {
                throw new InvalidArchiveException($"The zip's directory is larger than {MaxDirectoryBytes} bytes.");
            }
        }
    }

    // Where the directory begins, as the zip32 and the zip64 record say: which of them a reader believes is its own choice.
    private static List<long> FindDirectories(Stream stream)
    {
        var starts = new List<long>();
        int tailBytes = (int)Math.Min(stream.Length, EndBytes + MaxCommentBytes);
        byte[] tail = new byte[tailBytes];
        stream.Position = stream.Length - tailBytes;
        stream.ReadExactly(tail);
        for (int i = tailBytes - EndBytes; i >= 0; i--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i)) == EndSignature)
            {
                starts.Add(BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(i + 16)));
                long locator = stream.Length - tailBytes + i - Zip64LocatorBytes;
                if (FindZip64Directory(stream, locator) is long zip64)
                {
                    starts.Add(zip64);
                }

                break;
            }
        }

        return starts;
    }

    private static long? FindZip64Directory(Stream stream, long locatorPosition)
    {
        Span<byte> record = stackalloc byte[Zip64EndBytes];
        if (!TryRead(stream, locatorPosition, record[..Zip64LocatorBytes])
            || BinaryPrimitives.ReadUInt32LittleEndian(record) != Zip64LocatorSignature)
        {
            return null;
        }

        long end = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
        return TryRead(stream, end, record) && BinaryPrimitives.ReadUInt32LittleEndian(record) == Zip64EndSignature
            ? BinaryPrimitives.ReadInt64LittleEndian(record[48..])
            : null;
    }

    private static bool TryRead(Stream stream, long position, Span<byte> target)
    {
        if (position < 0 || position > stream.Length - target.Length)
        {
            return false;
        }

        stream.Position = position;
        stream.ReadExactly(target);
        return true;
    }
}
