using Saga.Engine.Archives;
using Saga.Engine.Cameras;

namespace Saga.Engine.Masks;

/// <summary>The format of a mask file, told by its extension.</summary>
internal enum MaskFileFormat
{
    Unknown,
    SamJson,
    Npy,
    Npz,
    Torch,
    LabelMap,
}

/// <summary>
/// Matches mask files to views by name: the view's name or its photo's file name, then optionally a dot and a number, then the
/// format's extension. Folders are ignored.
/// </summary>
internal sealed class MaskFileNames
{
    private const int Ambiguous = -2;

    private readonly Dictionary<string, int> _viewOfName = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<SceneView> _views;

    public MaskFileNames(IReadOnlyList<SceneView> views)
    {
        _views = views;
        for (int index = 0; index < views.Count; index++)
        {
            Add(views[index].Name, index);
            string imageName = views[index].ImageFileName;
            Add(imageName[(imageName.LastIndexOfAny(['/', '\\']) + 1)..], index);
        }
    }

    /// <summary>The format by extension, upper or lower case.</summary>
    public static MaskFileFormat FormatOf(string fileName) => Path.GetExtension(fileName).ToUpperInvariant() switch
    {
        ".JSON" => MaskFileFormat.SamJson,
        ".NPY" => MaskFileFormat.Npy,
        ".NPZ" => MaskFileFormat.Npz,
        ".PT" or ".PTH" => MaskFileFormat.Torch,
        ".PNG" => MaskFileFormat.LabelMap,
        _ => MaskFileFormat.Unknown,
    };

    /// <summary>True for what operating systems leave in zips: hidden files and resource forks.</summary>
    public static bool IsLitter(SafeZipEntry entry) =>
        entry.FileName.Length == 0
        || entry.FileName.StartsWith('.')
        || entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal)
        || entry.FileName is "Thumbs.db" or "desktop.ini";

    /// <summary>The name that is matched to views: the file's name without its format's extension.</summary>
    public static string StemOf(string fileName) => Path.GetFileNameWithoutExtension(fileName);

    /// <summary>The index of the view a file belongs to, or -1.</summary>
    /// <exception cref="InvalidMaskException">Two views answer to the name.</exception>
    public int ViewOf(SafeZipEntry entry)
    {
        string stem = StemOf(entry.FileName);
        if (!_viewOfName.TryGetValue(stem, out int view) && !_viewOfName.TryGetValue(WithoutNumber(stem), out view))
        {
            return -1;
        }

        return view != Ambiguous
            ? view
            : throw new InvalidMaskException(
                $"{entry.FullName}: more than one view is called {stem} ({string.Join(", ", _views.Where(v => v.Name == stem).Select(v => v.ImageFileName).Take(3))}); "
                + "view names must differ for masks to find them.");
    }

    private static string WithoutNumber(string stem)
    {
        string withoutDigits = stem.TrimEnd("0123456789".ToCharArray());
        return withoutDigits.Length < stem.Length && withoutDigits.EndsWith('.') ? withoutDigits[..^1] : stem;
    }

    private void Add(string name, int index)
    {
        if (!_viewOfName.TryAdd(name, index) && _viewOfName[name] != index)
        {
            _viewOfName[name] = Ambiguous;
        }
    }
}
