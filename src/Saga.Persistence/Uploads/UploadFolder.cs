using System.Globalization;
using System.Text.Json;
using Saga.Persistence.Files;

namespace Saga.Persistence.Uploads;

/// <summary>The files of one upload: its description, its bytes so far, a lock, and a mark where bytes are not trusted yet.</summary>
internal sealed class UploadFolder(string root, Guid id)
{
    public string Path { get; } = System.IO.Path.Combine(root, id.ToString("N"));

    public string Bytes => In("bytes");

    private string Description => In("description.json");

    private string Lock => In("lock");

    /// <summary>Holds the offset before a request whose checksum is not known to be right; a killed process leaves it behind.</summary>
    private string Unchecked => In("unchecked");

    /// <summary>Makes the folder; whoever finds the description finds everything else.</summary>
    public void Create(UploadDescription description)
    {
        DurableFolder.Create(root, Path);
        File.WriteAllBytes(Bytes, []);
        File.WriteAllBytes(Lock, []);
        WriteDurably(Description, JsonSerializer.SerializeToUtf8Bytes(description));
    }

    /// <summary>Null where there is none, or one that a killed process did not finish.</summary>
    public UploadDescription? ReadDescription()
    {
        try
        {
            return JsonSerializer.Deserialize<UploadDescription>(File.ReadAllBytes(Description));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public UploadStatus? ReadStatus()
    {
        if (ReadDescription() is not { } description)
        {
            return null;
        }

        var bytes = new FileInfo(Bytes);
        if (!bytes.Exists)
        {
            return null;
        }

        // The length before the mark: bytes that were not trusted when it was read are not taken for trusted ones.
        long length = bytes.Length;
        return new UploadStatus(
            description, ReadMark() ?? length, new DateTimeOffset(bytes.LastWriteTimeUtc, TimeSpan.Zero) + description.Lifetime);
    }

    /// <summary>Says that bytes from this offset on are not trusted until the mark is gone.</summary>
    public void Mark(long offset) => WriteDurably(Unchecked, JsonSerializer.SerializeToUtf8Bytes(offset));

    public void RemoveMark() => File.Delete(Unchecked);

    /// <summary>Takes the upload for this process alone; the kernel gives it back when the process ends.</summary>
    /// <returns>Null where there is no such upload.</returns>
    /// <exception cref="UploadLockedException">Somebody else has it.</exception>
    public FileStream? TakeLock()
    {
        try
        {
            return new FileStream(Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            throw new UploadLockedException();
        }
    }

    /// <summary>From then on nobody finds the upload.</summary>
    public void DeleteDescription() => File.Delete(Description);

    public void Delete()
    {
        try
        {
            DeleteDescription();
            Directory.Delete(Path, true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
    }

    private long? ReadMark()
    {
        try
        {
            // One that cannot be read trusts nothing: the upload starts over.
            string text = File.ReadAllText(Unchecked);
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long offset) ? offset : 0;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void WriteDurably(string path, byte[] content)
    {
        string unfinished = path + ".new";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(true);
        }

        File.Move(unfinished, path, true);
        DurableFolder.Flush(Path);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
