using System.Runtime.InteropServices;
using System.Text;

namespace Saga.Persistence.Files;

/// <summary>Folders whose entries survive a power cut: a rename is durable once its folder was flushed.</summary>
internal static class DurableFolder
{
    private const int ReadOnly = 0;

    /// <summary>Creates a folder under <paramref name="root"/> and flushes every parent that got a new entry.</summary>
    public static void Create(string root, string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        string parent = Path.GetDirectoryName(folder)!;
        if (folder.Length > root.Length)
        {
            Create(root, parent);
        }

        Directory.CreateDirectory(folder);
        Flush(parent);
    }

    /// <summary>Flushes a folder's entries to the disk. Windows does so by itself and offers no call for it.</summary>
    /// <exception cref="IOException">The kernel could not write the folder.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int handle = Open(Encoding.UTF8.GetBytes(folder + '\0'), ReadOnly);
        if (handle < 0)
        {
            throw new IOException($"The folder {folder} cannot be opened to flush it (error {Marshal.GetLastPInvokeError()}).");
        }

        int result = Flush(handle);
        int error = Marshal.GetLastPInvokeError();
        _ = Close(handle);

        // Network file systems may not know fsync on folders (EINVAL, ENOTSUP); they answer for durability themselves.
        const int invalid = 22;
        const int notSupported = 95;
        if (result < 0 && error != invalid && error != notSupported)
        {
            throw new IOException($"The folder {folder} could not be flushed to the disk (error {error}).");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Flush(int handle);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int handle);
}
