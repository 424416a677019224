using System.Security.Cryptography;
using System.Text;

namespace Saga.Persistence.Files.S3;

/// <summary>
/// The folder of one process's copies. The kernel frees it when the process ends, and whoever starts next goes on with what is in it.
/// </summary>
internal sealed class CacheFolder : IDisposable
{
    /// <summary>Processes of one machine that may share the folder above; each has copies of its own.</summary>
    private const int MostProcesses = 64;

    private const int HashLength = 32;

    private readonly string _folder;
    private readonly FileStream _lock;

    private CacheFolder(string folder, FileStream held)
    {
        _folder = folder;
        _lock = held;
    }

    private string Parts => Path.Combine(_folder, ".part");

    /// <summary>Takes the first folder that no process has.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static CacheFolder Take(string parent)
    {
        for (int number = 0; ; number++)
        {
            string folder = Path.Combine(parent, FormattableString.Invariant($"{number}"));
            Directory.CreateDirectory(folder);
            try
            {
                var held = new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                var taken = new CacheFolder(folder, held);
                taken.RemoveParts();
                return taken;
            }
            catch (IOException) when (number < MostProcesses)
            {
                // Another process has it.
            }
        }
    }

    /// <summary>A name that a file has for as long as its key, with an ending that readers know it by.</summary>
    public static string NameOf(string key) =>
        $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..HashLength]}-{key[(key.LastIndexOf('/') + 1)..]}";

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>Where bytes are until they are whole.</summary>
    public string NewPart()
    {
        // Also where somebody has tidied the disk.
        Directory.CreateDirectory(Parts);
        return Path.Combine(Parts, Guid.CreateVersion7().ToString("N"));
    }

    /// <summary>Moves a file, durably also where that is a copy to another disk.</summary>
    public static void Move(string path, string part)
    {
        File.Move(path, part);
        using var moved = new FileStream(part, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        moved.Flush(true);
    }

    /// <summary>What earlier processes left, the longest unused first.</summary>
    public IEnumerable<FileInfo> Files() =>
        new DirectoryInfo(_folder).EnumerateFiles().Where(file => file.Name[0] != '.').OrderBy(file => file.LastWriteTimeUtc);

    /// <summary>Whether the disk has room for this many bytes.</summary>
    public bool HasRoom(long bytes) => new DriveInfo(_folder).AvailableFreeSpace >= bytes;

    public void Dispose() => _lock.Dispose();

    private void RemoveParts()
    {
        if (Directory.Exists(Parts))
        {
            Directory.Delete(Parts, true);
        }
    }
}
