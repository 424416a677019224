using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;

namespace Saga.Api.Scenes;

/// <summary>The photos of a zip, by name.</summary>
internal sealed class PhotoIndex
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>A photo is read whole to look at its header; none is a quarter of a gigabyte.</summary>
    private static readonly ZipLimits Limits = new(MaxEntryBytes: 256L << 20, MaxTotalBytes: 64L << 30);

    private readonly HashSet<string> _names;

    private PhotoIndex(IEnumerable<string> names) => _names = new HashSet<string>(names, StringComparer.Ordinal);

    public static PhotoIndex None { get; } = new([]);

    /// <summary>File names of the photos without folder and extension.</summary>
    public IReadOnlyCollection<string> Names => _names;

    public bool Has(SceneView view) => _names.Contains(view.Name);

    /// <summary>Lists a zip that was checked when it was uploaded.</summary>
    public static PhotoIndex List(string path)
    {
        using FileStream file = File.OpenRead(path);
        using SafeZip zip = SafeZip.Open(file, Limits);
        return Of(zip);
    }

    /// <summary>Checks that every photo of a zip is a picture with a size.</summary>
    /// <exception cref="InvalidArchiveException">Not a usable zip, or a file in it is no picture; the message names it.</exception>
    public static PhotoIndex Check(string path, CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(path);
        using SafeZip zip = SafeZip.Open(file, Limits);
        foreach (SafeZipEntry entry in zip.Entries.Where(IsPhoto))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                ImageFile.Inspect(entry.ReadAllBytes());
            }
            catch (InvalidImageException error)
            {
                throw new InvalidArchiveException($"«{entry.FullName}»: {error.Message}", error);
            }
        }

        PhotoIndex photos = Of(zip);
        return photos.Names.Count > 0 ? photos : throw new InvalidArchiveException(
            $"The zip holds no photos; {string.Join(", ", Extensions)} files named after the views were expected.");
    }

    /// <summary>The photo of a view that the index has, as uploaded.</summary>
    public static byte[] Read(string path, SceneView view)
    {
        using FileStream file = File.OpenRead(path);
        using SafeZip zip = SafeZip.Open(file, Limits);
        return zip.Entries.First(entry => IsPhoto(entry) && NameOf(entry) == view.Name).ReadAllBytes();
    }

    private static PhotoIndex Of(SafeZip zip) =>
        new(zip.Entries.Where(IsPhoto).Select(NameOf));

    private static string NameOf(SafeZipEntry entry) => Path.GetFileNameWithoutExtension(entry.FileName);

    /// <summary>True for a picture; false for what file managers leave beside them.</summary>
    private static bool IsPhoto(SafeZipEntry entry) =>
        !entry.FileName.StartsWith('.') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)
        && Extensions.Contains(Path.GetExtension(entry.FileName), StringComparer.OrdinalIgnoreCase);
}
