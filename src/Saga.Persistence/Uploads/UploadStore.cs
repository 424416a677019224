using Saga.Persistence.Files;

namespace Saga.Persistence.Uploads;

/// <summary>Uploads that arrive over several requests, connections and processes.</summary>
/// <remarks>
/// They lie in the file store's staging area, a folder each. The length of the file with the bytes is the offset, so there is
/// nothing that could disagree with it after a kill; its time of change is what the expiry counts from. Processes that
/// share the folder exclude each other by a lock of the file system.
/// </remarks>
public sealed class UploadStore(FileStore store)
{
    /// <summary>Longer than it takes to make an upload's folder, or to remove one whose file was just moved into a scene.</summary>
    private static readonly TimeSpan HalfMadeFor = TimeSpan.FromHours(1);

    private string Root => Path.Combine(store.Staging, "uploads");

    /// <summary>How many uploads there are, finished or not.</summary>
    public int Count => Folders().Count();

    /// <summary>What the uploads of an API key will take when they are complete.</summary>
    public long BytesOf(string ownerKeyId) => Folders().Select(entry => FolderOf(entry.Id).ReadDescription())
        .Where(description => description?.OwnerKeyId == ownerKeyId).Sum(description => description!.Length);

    /// <summary>Begins an upload, durably.</summary>
    public void Create(UploadDescription description)
    {
        UploadFolder folder = FolderOf(description.Id);
        try
        {
            folder.Create(description);
        }
        catch (IOException)
        {
            folder.Delete();
            throw;
        }
    }

    /// <summary>How far an upload is, also while somebody writes to it; null when it is unknown or gone.</summary>
    public UploadStatus? Find(Guid id) => FolderOf(id).ReadStatus();

    /// <summary>Opens an upload for this caller alone; null when it is unknown or gone.</summary>
    /// <exception cref="UploadLockedException">Another request has it open.</exception>
    public OpenUpload? Open(Guid id)
    {
        UploadFolder folder = FolderOf(id);
        FileStream? held = folder.TakeLock();
        if (held is null || folder.ReadDescription() is not { } description)
        {
            held?.Dispose();
            return null;
        }

        return new OpenUpload(store, folder, held, description);
    }

    /// <summary>Removes the uploads that have expired and that nobody is working on.</summary>
    /// <returns>How many were removed.</returns>
    public int Sweep() => Folders().Count(entry => IsOver(entry.Id, entry.Path) && TryDelete(entry.Id));

    private bool IsOver(Guid id, string path) =>
        Find(id)?.IsExpired ?? Directory.GetLastWriteTimeUtc(path) + HalfMadeFor < DateTime.UtcNow;

    private bool TryDelete(Guid id)
    {
        UploadFolder folder = FolderOf(id);
        try
        {
            using FileStream? held = folder.TakeLock();
            if (Find(id) is { IsExpired: false })
            {
                // Somebody went on with it between the look and the lock.
                return false;
            }
        }
        catch (UploadLockedException)
        {
            return false;
        }

        folder.Delete();
        return true;
    }

    private IEnumerable<(Guid Id, string Path)> Folders() => !Directory.Exists(Root) ? [] :
        from path in Directory.EnumerateDirectories(Root)
        let id = Guid.TryParseExact(Path.GetFileName(path), "N", out Guid parsed) ? parsed : (Guid?)null
        where id is not null
        select (id.Value, path);

    private UploadFolder FolderOf(Guid id) => new(Root, id);
}
