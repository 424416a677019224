using Saga.Engine.Archives;
using Saga.Engine.Cameras;

namespace Saga.Api.Scenes;

/// <summary>The photos of a zip, by name.</summary>
internal sealed class PhotoIndex
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png"];

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
        using SafeZip zip = SafeZip.Open(file);
        return Of(zip);
    }

    public static PhotoIndex Of(SafeZip zip) =>
        new(zip.Entries.Where(IsPhoto).Select(entry => Path.GetFileNameWithoutExtension(entry.FileName)));

    /// <summary>True for a picture; false for what file managers leave beside them.</summary>
    public static bool IsPhoto(SafeZipEntry entry) =>
        !entry.FileName.StartsWith('.') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)
        && Extensions.Contains(Path.GetExtension(entry.FileName), StringComparer.OrdinalIgnoreCase);
}
