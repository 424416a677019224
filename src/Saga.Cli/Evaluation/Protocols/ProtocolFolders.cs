using System.Globalization;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary>Reads the labels of the published benchmarks as they are laid out on disk.</summary>
public static class ProtocolFolders
{
    private const string MaskSuffix = "_mask";
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg", ".webp"];

    /// <summary>
    /// NVOS: <c>scribbles/[scene]/pos_*</c> and <c>neg_*</c>, <c>reference_image/[scene]/{view}.*</c>,
    /// <c>masks/[scene]/{view}_mask.*</c>. The folder called after the scene may be left out.
    /// </summary>
    /// <exception cref="InvalidDataException">Something is missing; the message says what and where.</exception>
    public static IReadOnlyList<ProtocolCase> ReadNvos(string labels, string scene)
    {
        string[] scribbles = PicturesIn(Sub(labels, "scribbles", scene));
        PixelRegion positive = Union(scribbles, "pos", labels);
        PixelRegion negative = Union(scribbles, "neg", labels);
        string[] reference = [.. PicturesIn(Sub(labels, "reference_image", scene)).Where(path => !IsMask(path))];
        if (reference.Length != 1)
        {
            throw new InvalidDataException($"{labels}/reference_image holds {reference.Length} photos; the reference view's one was expected.");
        }

        string view = ViewOf(reference[0]);
        ProtocolTarget[] targets = [.. Masks(Sub(labels, "masks", scene), mustEndInMask: true).Where(target => target.View != view)];
        Require(targets.Length > 0, $"{labels}/masks holds no {{view}}{MaskSuffix} picture of another view than the reference, {view}.");
        return [new ProtocolCase(scene, view, positive, negative, IsComplete: false, targets)];
    }

    /// <summary>SPIn-NeRF: a folder of masks named after the views; the first by name is the reference.</summary>
    /// <exception cref="InvalidDataException">There are fewer than two masks.</exception>
    public static IReadOnlyList<ProtocolCase> ReadSpinNerf(string labels, string scene)
    {
        ProtocolTarget[] masks = Masks(labels, mustEndInMask: false);
        Require(masks.Length >= 2, $"{labels} holds {masks.Length} masks; the reference view's and at least one other were expected.");
        return [Of(scene, masks)];
    }

    /// <summary>3D-OVS: <c>segmentations/classes.txt</c> and <c>segmentations/{view}/{class}.png</c>; a view may be a number among the sorted views.</summary>
    /// <param name="labels">The scene's folder, or its <c>segmentations</c>.</param>
    /// <param name="viewNames">All views, sorted.</param>
    /// <exception cref="InvalidDataException">Something is missing; the message says what and where.</exception>
    public static IReadOnlyList<ProtocolCase> ReadOpenVocabulary(string labels, IReadOnlyList<string> viewNames)
    {
        string root = Directory.Exists(Path.Combine(labels, "segmentations")) ? Path.Combine(labels, "segmentations") : labels;
        string list = Path.Combine(root, "classes.txt");
        Require(File.Exists(list), $"{labels} holds no segmentations/classes.txt.");
        string[] classes = [.. File.ReadAllLines(list).Select(line => line.Trim()).Where(line => line.Length > 0).Distinct(StringComparer.Ordinal)];
        (string Folder, string View)[] folders =
        [
            .. Directory.GetDirectories(root).Order(StringComparer.Ordinal).Select(folder => (folder, ViewOfFolder(Path.GetFileName(folder), viewNames))),
        ];
        var cases = new List<ProtocolCase>();
        foreach (string name in classes)
        {
            ProtocolTarget[] masks =
            [
                .. folders.Select(f => (f.View, Path: Path.Combine(f.Folder, name + ".png"))).Where(f => File.Exists(f.Path))
                    .Select(f => new ProtocolTarget(f.View, PixelRegion.Read(f.Path))).Where(target => target.Truth.Count > 0),
            ];
            if (masks.Length >= 2)
            {
                cases.Add(Of(name, masks));
            }
        }

        Require(cases.Count > 0, $"{root} holds no class with masks in two views; {{view}}/{{class}}.png were expected for the lines of classes.txt.");
        return cases;
    }

    private static ProtocolCase Of(string name, ProtocolTarget[] masks) =>
        new(name, masks[0].View, masks[0].Truth, masks[0].Truth.Outside(), IsComplete: true, masks[1..]);

    private static ProtocolTarget[] Masks(string folder, bool mustEndInMask) =>
    [
        .. PicturesIn(folder).Where(path => !mustEndInMask || IsMask(path)).Select(path => new ProtocolTarget(ViewOf(path), PixelRegion.Read(path)))
            .Where(target => target.Truth.Count > 0),
    ];

    private static PixelRegion Union(string[] scribbles, string start, string labels)
    {
        PixelRegion[] regions =
        [
            .. scribbles.Where(path => Path.GetFileName(path).StartsWith(start, StringComparison.OrdinalIgnoreCase)).Select(PixelRegion.Read),
        ];
        Require(regions.Any(region => region.Count > 0), $"{labels}/scribbles holds no {start}_* picture with a marked pixel.");
        return regions.Aggregate((a, b) => a.Join(b));
    }

    private static string ViewOfFolder(string name, IReadOnlyList<string> viewNames)
    {
        if (viewNames.Contains(name, StringComparer.Ordinal))
        {
            return name;
        }

        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < viewNames.Count
            ? viewNames[index]
            : throw new InvalidDataException($"segmentations/{name} is neither the name of a view nor a number below {viewNames.Count}.");
    }

    private static string Sub(string labels, string kind, string scene)
    {
        string folder = Path.Combine(labels, kind);
        Require(Directory.Exists(folder), $"{labels} holds no folder {kind}.");
        string ofScene = Path.Combine(folder, scene);
        return Directory.Exists(ofScene) ? ofScene : folder;
    }

    private static string[] PicturesIn(string folder)
    {
        Require(Directory.Exists(folder), $"{folder} is not a folder.");
        return
        [
            .. Directory.GetFiles(folder).Where(path => Pictures.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static bool IsMask(string path) => Path.GetFileNameWithoutExtension(path).EndsWith(MaskSuffix, StringComparison.OrdinalIgnoreCase);

    private static string ViewOf(string path)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        return IsMask(path) ? stem[..^MaskSuffix.Length] : stem;
    }

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvalidDataException(message);
        }
    }
}
