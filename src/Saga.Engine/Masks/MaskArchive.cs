using System.Globalization;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes;

namespace Saga.Engine.Masks;

/// <summary>What a zip of masks holds, found without knowing the views.</summary>
/// <param name="FileCount">Mask files.</param>
/// <param name="MaskCount">Masks that are not empty.</param>
/// <param name="Problems">What was left out.</param>
public sealed record MaskArchiveSummary(int FileCount, int MaskCount, IReadOnlyList<SceneProblem> Problems);

/// <summary>
/// A zip of mask files, one or more per view, named after the views: <c>view_003.json</c>, <c>view_003.npy</c>,
/// <c>view_003.1.png</c>, <c>view_003.jpg.pt</c> … Folders are ignored.
/// </summary>
/// <remarks>
/// Formats, by extension: <c>.json</c> SAM annotations with COCO RLE; <c>.npy</c>, <c>.npz</c> bool or uint8 [masks, H, W] or
/// [H, W]; <c>.pt</c>, <c>.pth</c> a torch tensor of the same kind; <c>.png</c> an 8- or 16-bit map whose every label but 0 is a mask.
/// A mask file whose name fits no view is refused: it means that masks and cameras are of different scenes. Files of other kinds,
/// empty masks and views without masks are problems to report, not errors.
/// Masks are of the photos as they were uploaded: those of a distorted photo are straightened as the photo is.
/// Only runs are kept; one mask at a time is decoded. Not thread-safe.
/// </remarks>
public sealed class MaskArchive : IDisposable
{
    private const int NamesShown = 3;

    private readonly SafeZip _zip;
    private readonly MaskReadOptions _options;
    private readonly IReadOnlyList<SceneView> _views;
    private readonly List<SafeZipEntry>[] _filesOfView;
    private readonly List<SceneProblem> _problems = [];
    private int _emptyMasks;

    private MaskArchive(SafeZip zip, MaskReadOptions options, IReadOnlyList<SceneView> views)
    {
        _zip = zip;
        _options = options;
        _views = views;
        _filesOfView = [.. views.Select(_ => new List<SafeZipEntry>())];
    }

    /// <summary>Opens an archive to read it view by view.</summary>
    /// <param name="zip">Seekable; closed with the result.</param>
    /// <param name="views">The scene's views.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidMaskException">No mask files, or a file that fits no view.</exception>
    /// <exception cref="InvalidArchiveException">The zip is damaged, unsafe or too large.</exception>
    public static MaskArchive Open(Stream zip, IReadOnlyList<SceneView> views, MaskReadOptions? options = null)
    {
        options ??= new MaskReadOptions();
        var archive = new MaskArchive(SafeZip.Open(zip, options.Zip), options, views);
        archive.MatchFiles();
        return archive;
    }

    /// <summary>Reads all masks of a scene.</summary>
    /// <param name="zip">Seekable; closed afterwards.</param>
    /// <param name="views">The scene's views.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    /// <exception cref="InvalidMaskException">A file is damaged or fits no view; the message names the file and the mask in it.</exception>
    /// <exception cref="InvalidArchiveException">The zip is damaged, unsafe or too large.</exception>
    public static MaskSet Read(
        Stream zip, IReadOnlyList<SceneView> views, MaskReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        using MaskArchive archive = Open(zip, views, options);
        var result = new ViewMasks[views.Count];
        long runs = 0;
        int masks = 0;
        for (int view = 0; view < views.Count; view++)
        {
            result[view] = archive.ReadView(view, cancellationToken);
            masks += result[view].Masks.Count;
            runs += result[view].Masks.Sum(mask => (long)mask.RunEnds.Length);
            if (runs > archive._options.MaxRuns)
            {
                throw new InvalidMaskException(
                    $"The masks up to view {views[view].Name} have more than {archive._options.MaxRuns} runs; fewer or smoother masks are needed.");
            }
        }

        RefuseNoMasks(masks);
        return new MaskSet(result, archive.Problems());
    }

    /// <summary>Reads every file without knowing the views: checks that it can be read, and counts.</summary>
    /// <param name="zip">Seekable; closed afterwards.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    /// <exception cref="InvalidMaskException">A file is damaged; the message names it and the mask in it.</exception>
    /// <exception cref="InvalidArchiveException">The zip is damaged, unsafe or too large.</exception>
    public static MaskArchiveSummary Inspect(
        Stream zip, MaskReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new MaskReadOptions();
        using var archive = new MaskArchive(SafeZip.Open(zip, options.Zip), options, []);
        int masks = 0;
        List<SafeZipEntry> files = archive.MaskFiles();
        foreach (SafeZipEntry file in files)
        {
            var collector = new MaskCollector(options, view: null);
            MaskFile.Read(file, collector, cancellationToken);
            archive._emptyMasks += collector.EmptyCount;
            masks += collector.Count;
        }

        RefuseNoMasks(masks);
        return new MaskArchiveSummary(files.Count, masks, archive.Problems());
    }

    /// <summary>Reads the masks of one view, at the view's resolution.</summary>
    /// <param name="view">Index among the views the archive was opened with.</param>
    /// <param name="cancellationToken">Checked per mask.</param>
    /// <exception cref="InvalidMaskException">A file is damaged; the message names it and the mask in it.</exception>
    /// <exception cref="InvalidArchiveException">An entry of the zip is damaged.</exception>
    public ViewMasks ReadView(int view, CancellationToken cancellationToken = default)
    {
        var collector = new MaskCollector(_options, _views[view]);
        foreach (SafeZipEntry file in _filesOfView[view])
        {
            MaskFile.Read(file, collector, cancellationToken);
        }

        _emptyMasks += collector.EmptyCount;
        return new ViewMasks(_views[view].Name, collector.Masks);
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private static void RefuseNoMasks(int masks)
    {
        if (masks == 0)
        {
            throw new InvalidMaskException("The mask files hold no mask with a pixel set.");
        }
    }

    // Sorted, so that the order of masks does not depend on how the zip was made.
    private List<SafeZipEntry> MaskFiles()
    {
        List<SafeZipEntry> files = [.. _zip.Entries.Where(entry => !MaskFileNames.IsLitter(entry))];
        List<SafeZipEntry> known =
        [
            .. files.Where(file => MaskFileNames.FormatOf(file.FileName) != MaskFileFormat.Unknown)
                .OrderBy(file => file.FullName, StringComparer.Ordinal),
        ];
        if (known.Count == 0)
        {
            throw new InvalidMaskException(
                $"The zip holds no mask files ({Names(files)}); .json, .npy, .npz, .pt and .png named after the views were expected.");
        }

        if (files.Count > known.Count)
        {
            _problems.Add(new SceneProblem(
                "mask-files-ignored",
                $"{files.Count - known.Count} files of the mask zip are not masks and were left out ({Names([.. files.Except(known)])})."));
        }

        return known;
    }

    private void MatchFiles()
    {
        var names = new MaskFileNames(_views);
        var strangers = new List<SafeZipEntry>();
        foreach (SafeZipEntry file in MaskFiles())
        {
            int view = names.ViewOf(file);
            if (view >= 0)
            {
                _filesOfView[view].Add(file);
            }
            else
            {
                strangers.Add(file);
            }
        }

        if (strangers.Count > 0)
        {
            string views = string.Join(", ", _views.Take(NamesShown).Select(view => view.Name));
            throw new InvalidMaskException(
                $"{strangers.Count} mask files fit no view ({Names(strangers)}); the scene's {_views.Count} views are called {views} …. "
                + "Name each file after its view or photo, or upload the cameras these masks belong to.");
        }
    }

    private List<SceneProblem> Problems()
    {
        List<SceneProblem> problems = [.. _problems];
        if (_emptyMasks > 0)
        {
            problems.Add(new SceneProblem(
                "masks-empty", string.Create(CultureInfo.InvariantCulture, $"{_emptyMasks} masks have no pixel set and were left out.")));
        }

        string[] without = [.. _views.Where((_, index) => _filesOfView[index].Count == 0).Select(view => view.Name)];
        if (without.Length > 0)
        {
            problems.Add(new SceneProblem(
                "views-without-masks",
                $"{without.Length} of {_views.Count} views have no mask file ({string.Join(", ", without.Take(NamesShown))}) and do not train."));
        }

        return problems;
    }

    private static string Names(List<SafeZipEntry> files) =>
        files.Count == 0
            ? "it is empty"
            : string.Join(", ", files.Take(NamesShown).Select(file => file.FullName)) + (files.Count > NamesShown ? ", …" : "");
}
