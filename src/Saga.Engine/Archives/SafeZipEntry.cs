using System.IO.Compression;

namespace Saga.Engine.Archives;

/// <summary>One file of a <see cref="SafeZip"/>.</summary>
public sealed class SafeZipEntry
{
    private const long MaxBytesInMemory = 64 << 20;

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
            return new CheckedEntryStream(_entry.Open(), FullName, Length, _entry.Crc32);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or NotSupportedException)
        {
            throw CheckedEntryStream.Damaged(FullName, error);
        }
    }

    /// <summary>The decompressed bytes as a seekable stream: in memory while small, else in a temporary file that goes with the stream.</summary>
    /// <exception cref="InvalidArchiveException">Damaged, or not as long as promised.</exception>
    public Stream OpenSeekable()
    {
        if (Length <= MaxBytesInMemory)
        {
            return new MemoryStream(ReadAllBytes(), writable: false);
        }

        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        try
        {
            using Stream stream = Open();
            stream.CopyTo(file);
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
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
