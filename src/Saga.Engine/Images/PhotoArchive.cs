using Saga.Engine.Archives;
using Saga.Engine.Cameras;

namespace Saga.Engine.Images;

/// <summary>A zip of photos named after the views: JPEG, PNG and WebP, in any folders. Safe to use from several threads.</summary>
public sealed class PhotoArchive : IDisposable
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp"];

    /// <summary>A photo is read whole; none is a quarter of a gigabyte.</summary>
    private static readonly ZipLimits Limits = new(MaxEntryBytes: 256L << 20, MaxTotalBytes: 64L << 30);

    private readonly SafeZip _zip;
    private readonly Dictionary<string, SafeZipEntry> _photos = new(StringComparer.Ordinal);
    private readonly Lock _reading = new();

    private PhotoArchive(SafeZip zip)
    {
        _zip = zip;
        foreach (SafeZipEntry entry in zip.Entries.Where(IsPhoto))
        {
            // Of two photos of one name, in two folders, the first counts, as where photos are shown.
            _photos.TryAdd(Path.GetFileNameWithoutExtension(entry.FileName), entry);
        }
    }

    /// <summary>Opens an archive.</summary>
    /// <param name="zip">Seekable; closed with the result.</param>
    /// <exception cref="InvalidArchiveException">Not a zip, unsafe, or too large.</exception>
    public static PhotoArchive Open(Stream zip) => new(SafeZip.Open(zip, Limits));

    /// <summary>True when the archive holds a photo of the view.</summary>
    public bool Has(SceneView view) => _photos.ContainsKey(view.Name);

    /// <summary>Reads the file of a view's photo.</summary>
    /// <param name="view">One that <see cref="Has"/> is true for.</param>
    /// <exception cref="InvalidArchiveException">The entry is damaged.</exception>
    /// <exception cref="KeyNotFoundException">There is no photo of the view.</exception>
    public byte[] Read(SceneView view)
    {
        SafeZipEntry entry = _photos[view.Name];
        lock (_reading)
        {
            return entry.ReadAllBytes();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    /// <summary>True for a picture; false for what file managers leave beside them.</summary>
    private static bool IsPhoto(SafeZipEntry entry) =>
        !entry.FileName.StartsWith('.') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)
        && Extensions.Contains(Path.GetExtension(entry.FileName), StringComparer.OrdinalIgnoreCase);
}
