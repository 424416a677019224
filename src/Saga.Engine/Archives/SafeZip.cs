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

    private readonly ZipArchive _archive;

    private SafeZip(ZipArchive archive, IReadOnlyList<SafeZipEntry> entries)
    {
        _archive = archive;
        Entries = entries;
    }

    /// <summary>The files of the archive in its own order, folders left out.</summary>
    public IReadOnlyList<SafeZipEntry> Entries { get; }

    /// <summary>Opens an archive and checks its directory.</summary>
    /// <param name="stream">Seekable; stays open as long as the result and is closed with it.</param>
    /// <param name="limits">Null for the defaults.</param>
    /// <exception cref="InvalidArchiveException">Not a zip, an unsafe name, or too large.</exception>
    public static SafeZip Open(Stream stream, ZipLimits? limits = null)
    {
        limits ??= new ZipLimits();
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read);
            if (archive.Entries.Count > limits.MaxEntries)
            {
                throw new InvalidArchiveException($"The zip holds {archive.Entries.Count} entries; at most {limits.MaxEntries} are accepted.");
            }
        }
        catch (InvalidDataException error)
        {
            throw new InvalidArchiveException("The file is not a zip archive, or it is damaged or truncated.", error);
        }

        var entries = new List<SafeZipEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        long total = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName.EndsWith('/') && entry.Length == 0)
            {
                continue;
            }

            CheckName(entry.FullName);
            if (!names.Add(entry.FullName))
            {
                throw new InvalidArchiveException($"The zip holds «{entry.FullName}» twice.");
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

            total += entry.Length;
            if (total > limits.MaxTotalBytes)
            {
                throw new InvalidArchiveException($"The zip unpacks to more than {limits.MaxTotalBytes} bytes.");
            }

            entries.Add(new SafeZipEntry(entry));
        }

        return new SafeZip(archive, entries);
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private static void CheckName(string name)
    {
        bool unsafeName = name.Length == 0 || name.StartsWith('/') || name.Contains('\\') || name.Contains(':')
            || name.Any(char.IsControl) || name.Split('/').Any(part => part is ".." or ".");
        if (unsafeName)
        {
            string shown = new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
            throw new InvalidArchiveException($"The zip entry «{shown}» has an unsafe name; names are relative paths without '..'.");
        }
    }
}

/// <summary>One file of a <see cref="SafeZip"/>.</summary>
public sealed class SafeZipEntry
{
    private readonly ZipArchiveEntry _entry;

    internal SafeZipEntry(ZipArchiveEntry entry) => _entry = entry;

    /// <summary>Relative path inside the archive, forward slashes.</summary>
    public string FullName => _entry.FullName;

    /// <summary>Last part of the path.</summary>
    public string FileName => _entry.FullName[(_entry.FullName.LastIndexOf('/') + 1)..];

    /// <summary>Decompressed bytes, as the directory promises and <see cref="ReadAllBytes"/> enforces.</summary>
    public long Length => _entry.Length;

    /// <summary>
    /// The decompressed bytes as a forward stream, which throws <see cref="InvalidArchiveException"/> when the entry is damaged
    /// or not exactly as long as promised. One entry of an archive is read at a time.
    /// </summary>
    /// <exception cref="InvalidArchiveException">The entry cannot be opened.</exception>
    public Stream Open()
    {
        try
        {
            return new CheckedEntryStream(_entry.Open(), FullName, Length);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or NotSupportedException)
        {
            throw CheckedEntryStream.Damaged(FullName, error);
        }
    }

    /// <summary>The decompressed bytes.</summary>
    /// <exception cref="InvalidArchiveException">Damaged, or not as long as promised.</exception>
    public byte[] ReadAllBytes()
    {
        if (Length > Array.MaxLength)
        {
            throw new InvalidArchiveException($"«{FullName}» is {Length} bytes: too large to read at once.");
        }

        // Memory grows with what really arrives, not with what the directory claims.
        using Stream stream = Open();
        using var buffer = new MemoryStream((int)Math.Min(Length, 1 << 20));
        stream.CopyTo(buffer);
        return buffer.Length == buffer.Capacity ? buffer.GetBuffer() : buffer.ToArray();
    }
}
