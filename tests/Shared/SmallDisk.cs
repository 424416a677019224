using System.Diagnostics;

namespace Saga.Tests;

/// <summary>A disk of its own, so small that a test can fill it: a tmpfs, for which tests have to run as root. It goes with the test.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Ballast = ".ballast";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string BallastPath => System.IO.Path.Combine(Path, Ballast);

    /// <summary>Mounts one; skips where that is not allowed.</summary>
    public static SmallDisk Require(int mebibytes)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"saga-disk-{Guid.NewGuid():N}");
        Directory.CreateDirectory(path);
        (int code, string errors) = Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", path);
        if (code != 0)
        {
            Directory.Delete(path);
            Assert.Skip($"A small disk cannot be mounted here (tests have to run as root for it): {errors.Trim()}");
        }

        return new SmallDisk(path);
    }

    /// <summary>Takes all bytes that are left.</summary>
    public void Fill()
    {
        // Unbuffered: what does not fit must not be written again when the file is closed.
        using var ballast = new FileStream(BallastPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (byte[] block = new byte[1 << 16]; block.Length > 0; block = new byte[block.Length / 16])
        {
            try
            {
                while (true)
                {
                    ballast.Write(block);
                }
            }
            catch (IOException)
            {
                // Smaller pieces take the rest.
            }
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void Free() => File.Delete(BallastPath);

    /// <summary>Lets nobody write any more, or lets them again.</summary>
    public void Remount(bool readOnly)
    {
        (int code, string errors) = Run("mount", "-o", readOnly ? "remount,ro" : "remount,rw", Path);
        Assert.True(code == 0, errors);
    }

    public void Dispose()
    {
        // Lazily: a process that is being ended may still have a file open.
        Run("umount", "-l", Path);
        Directory.Delete(Path, true);
    }

    private static (int Code, string Errors) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
