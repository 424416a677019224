using Saga.Engine.Archives;
using Saga.Engine.Images;

namespace Saga.Engine.Scenes.Sog;

/// <summary>Opens .sog files: a zip of meta.json and of images, a pixel for each Gaussian.</summary>
internal static class SogFile
{
    /// <summary>Palette entries in a row of the palette's image.</summary>
    public const int PaletteColumns = 64;

    private const string MetaName = "meta.json";

    /// <summary>WebP ends at 16,383 pixels a side.</summary>
    private static readonly ImageLimits Images = new(MaxPixels: 1L << 28);

    private static readonly ZipLimits Zip = new(MaxEntries: 64, MaxEntryBytes: Array.MaxLength / 4);

    /// <summary>True when a zip looks like a .sog: it has a meta.json.</summary>
    public static bool Fits(string path)
    {
        try
        {
            using SafeZip zip = SafeZip.Open(File.OpenRead(path), Zip);
            return FindMeta(zip) is not null;
        }
        catch (InvalidArchiveException)
        {
            return false;
        }
    }

    /// <summary>Unpacks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileName">For messages.</param>
    /// <param name="cancellationToken">Stops between images.</param>
    /// <exception cref="InvalidSceneException">Not a .sog scene, damaged, or too large.</exception>
    public static SogSource Open(string path, string fileName, CancellationToken cancellationToken)
    {
        try
        {
            using SafeZip zip = SafeZip.Open(File.OpenRead(path), Zip);
            SafeZipEntry entry = FindMeta(zip)
                ?? throw new InvalidSceneException($"{fileName}: the zip has no {MetaName}; a .sog scene has one beside its images.");
            SogMeta meta;
            using (Stream stream = entry.Open())
            {
                meta = SogMeta.Read(stream, entry.Length, fileName);
            }

            string folder = entry.FullName[..^MetaName.Length];
            return new SogSource(meta, new SogImages(meta, name => ReadImage(zip, folder, name, fileName, cancellationToken), fileName));
        }
        catch (InvalidArchiveException error)
        {
            throw new InvalidSceneException($"{fileName}: {error.Message}", error);
        }
    }

    private static SafeZipEntry? FindMeta(SafeZip zip) =>
        zip.Entries.Where(entry => entry.FileName == MetaName).MinBy(entry => entry.FullName.Length);

    private static RgbaSamples ReadImage(SafeZip zip, string folder, string name, string fileName, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SafeZipEntry entry = zip.Entries.FirstOrDefault(entry => entry.FullName == folder + name)
            ?? throw new InvalidSceneException(
                $"{fileName}: meta.json names the image «{Ply.PlyHeaderReader.Shorten(name)}», which is not in the zip; pack the scene again.");
        try
        {
            return ImageFile.DecodeSamples(entry.ReadAllBytes(), Images);
        }
        catch (InvalidImageException error)
        {
            throw new InvalidSceneException($"{fileName}: {entry.FullName}: {error.Message}", error);
        }
    }
}
