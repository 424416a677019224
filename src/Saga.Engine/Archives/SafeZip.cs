using System.IO.Compression;

namespace Saga.Engine.Archives;

/// <summary>An archive cannot be used. The message names the entry and says what was expected.</summary>
public sealed class InvalidArchiveException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What an archive may contain before it is refused.</summary>
/// <param name="MaxEntries">Most files.</param>
/// <param name="MaxEntryBytes">Largest decompressed file.</param>
/// <param name="MaxTotalBytes">Largest sum of decompressed files.</param>
public sealed record ZipLimits(int MaxEntries = 20_000, long MaxEntryBytes = 1L << 30, long MaxTotalBytes = 16L << 30);

/// <summary>
/// Reads a zip that a stranger sent: no names that climb out of a folder, no more bytes than promised, no bombs. Nothing is ever
/// unpacked to disk; entries are streams.
/// </summary>
public sealed class SafeZip : IDisposable
{
    // Deflate cannot do better than about 1032:1, and real photos and masks stay far below this; small entries are left alone.
    private const long MaxRatio = 1100;
    private const long RatioMatters = 1 << 20;

    private const int MaxNameLength = 1024;

    private readonly ZipArchive _archive;

    private SafeZip(ZipArchive archive, IReadOnlyList<SafeZipEntry> entries)
    {
        _archive = archive;
        Entries = entries;
    }

    /// <summary>The files of the archive in its own order, folders left out.</summary>
    public IReadOnlyList<SafeZipEntry> Entries { get; }

    /// <summary>Opens an archive and checks its directory.</summary>
    /// <param name="stream">Seekable; stays open as long as the result and is closed with it, or when the archive is refused.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <exception cref="InvalidArchiveException">Not a zip, an unsafe name, or too large.</exception>
    public static SafeZip Open(Stream stream, ZipLimits? limits = null)
    {
        limits ??= new ZipLimits();
        if (!stream.CanSeek)
        {
            throw new ArgumentException("A zip is read from its end; the stream must be seekable.", nameof(stream));
        }

        ZipArchive? archive = null;
        try
        {
            ZipDirectory.CheckSize(stream, limits.MaxEntries);
            archive = new ZipArchive(stream, ZipArchiveMode.Read);
            return new SafeZip(archive, CheckEntries(archive, stream.Length, limits));
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            archive?.Dispose();
            throw new InvalidArchiveException("The file is not a zip archive, or it is damaged or truncated.", error);
        }
        catch
        {
            archive?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private static List<SafeZipEntry> CheckEntries(ZipArchive archive, long archiveBytes, ZipLimits limits)
    {
        var entries = new List<SafeZipEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        long total = 0;
        long compressed = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            CheckName(entry.FullName);
            if (entry.FullName.EndsWith('/') && entry.Length == 0)
            {
                continue;
            }

            if (!names.Add(entry.FullName))
            {
                throw new InvalidArchiveException($"The zip holds «{entry.FullName}» twice.");
            }

            CheckSize(entry, limits);
            total += entry.Length;
            compressed += entry.CompressedLength;
            if (total > limits.MaxTotalBytes)
            {
                throw new InvalidArchiveException($"The zip unpacks to more than {limits.MaxTotalBytes} bytes.");
            }

            if (compressed > archiveBytes)
            {
                throw new InvalidArchiveException(
                    $"The zip's entries claim more than its {archiveBytes} bytes: they overlap, which makes it a decompression bomb.");
            }

            entries.Add(new SafeZipEntry(entry));
        }

        return entries;
    }

    private static void CheckSize(ZipArchiveEntry entry, ZipLimits limits)
    {
        if (entry.IsEncrypted)
        {
            throw new InvalidArchiveException($"«{entry.FullName}» is encrypted; pack the zip without a password.");
        }

        if (entry.Length > limits.MaxEntryBytes)
        {
            throw new InvalidArchiveException(
                $"«{entry.FullName}» unpacks to {entry.Length} bytes; at most {limits.MaxEntryBytes} are accepted.");
        }

        if (entry.Length > RatioMatters && entry.Length / Math.Max(1, entry.CompressedLength) > MaxRatio)
        {
            throw new InvalidArchiveException(
                $"«{entry.FullName}» unpacks {entry.CompressedLength} bytes to {entry.Length}: it looks like a decompression bomb.");
        }
    }

    private static void CheckName(string name)
    {
        bool unsafeName = name.Length is 0 or > MaxNameLength || name.StartsWith('/') || name.Contains('\\') || name.Contains(':')
            || name.Any(char.IsControl) || name.Split('/').Any(part => part is ".." or ".");
        if (unsafeName)
        {
            string shown = new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
            throw new InvalidArchiveException($"The zip entry «{shown}» has an unsafe name; names are relative paths without '..', '\\' and ':'.");
        }
    }
}
