using System.IO.Compression;

namespace Saga.Cli.Service;

/// <summary>A scene on disk, laid out like <c>samples/playroom</c>: what is uploaded of it.</summary>
/// <param name="Name">Name of the folder.</param>
/// <param name="Gaussians">The Gaussian file.</param>
/// <param name="Cameras">The camera file, or null.</param>
/// <param name="Images">Folder of photos, or null.</param>
/// <param name="Masks">Folder of masks, or null.</param>
public sealed record SceneFolder(string Name, string Gaussians, string? Cameras, string? Images, string? Masks)
{
    private static readonly string[] CameraFiles = ["cameras.json", "transforms.json"];

    /// <summary>Looks what a folder holds.</summary>
    /// <exception cref="InvalidDataException">There is no such folder, or no Gaussian file in it.</exception>
    public static SceneFolder Open(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(full))
        {
            throw new InvalidDataException($"{folder} is not a folder.");
        }

        string[] gaussians = [.. Directory.GetFiles(full, "gaussians.*").Order(StringComparer.Ordinal)];
        if (gaussians.Length != 1)
        {
            throw new InvalidDataException($"{folder} holds {gaussians.Length} files named gaussians.*; a scene has one.");
        }

        string? cameras = CameraFiles.Select(name => Path.Combine(full, name)).FirstOrDefault(File.Exists);
        return new SceneFolder(
            Path.GetFileName(full), gaussians[0], cameras, Subfolder(full, "images"), Subfolder(full, "masks"));
    }

    /// <summary>The photo of a view, or null.</summary>
    public string? PhotoOf(string view) =>
        Images is null ? null : Directory.GetFiles(Images, view + ".*").Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Packs a folder into a temporary zip that vanishes when the stream is closed.</summary>
    /// <param name="folder">Its files, not its subfolders.</param>
    /// <param name="level">Photos are compressed already; masks are text.</param>
    public static FileStream Zip(string folder, CompressionLevel level)
    {
        var stream = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            {
                zip.CreateEntryFromFile(path, Path.GetFileName(path), level);
            }
        }

        stream.Position = 0;
        return stream;
    }

    private static string? Subfolder(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return Directory.Exists(path) ? path : null;
    }
}
