using System.Numerics;
using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>Reads uploads as the engine will, refuses what it could not use, and writes what they hold into the scene's record.</summary>
internal sealed class AssetChecks(ViewCatalog catalog, FileStore store)
{
    /// <summary>What <see cref="ExtensionOf"/> answers.</summary>
    public static readonly string[] Extensions = [.. Enum.GetValues<GaussianFileFormat>().Select(GaussianFile.ExtensionOf), Json, Zip];

    private const string Json = ".json";
    private const string Zip = ".zip";

    private const string MasksUnusable = "masks-unusable";
    private const string ViewsWithoutMasks = "views-without-masks";
    private const string ImagesWithoutView = "images-without-view";

    /// <summary>Problems that new Gaussians do not end; all others speak of the Gaussian file.</summary>
    private static readonly string[] OtherFiles = [MasksUnusable, ViewsWithoutMasks, ImagesWithoutView];

    /// <summary>How many names a message lists before it only counts the rest.</summary>
    private const int NamesShown = 3;

    /// <exception cref="RefusedException">422: which file, which property, which record.</exception>
    public async Task ApplyAsync(SceneRecord scene, IReadOnlyList<StagedAsset> staged, CancellationToken cancellationToken)
    {
        SceneSnapshot before = SceneSnapshot.From(scene);
        var problems = JsonSerializer.Deserialize<List<ProblemResponse>>(scene.ProblemsJson, ContractJson.Options)!;
        if (Find(staged, AssetKind.Gaussians) is { } gaussians)
        {
            (scene.GaussianCount, scene.BoundsJson, List<ProblemResponse> found) =
                await Task.Run(() => CheckGaussians(gaussians, cancellationToken), cancellationToken);
            problems = [.. found, .. problems.Where(problem => OtherFiles.Contains(problem.Code))];
        }

        IReadOnlyList<SceneView> views = Find(staged, AssetKind.Cameras) is { } cameras
            ? await Task.Run(() => CheckCameras(cameras), cancellationToken)
            : await catalog.CamerasAsync(before.Cameras, cancellationToken);
        PhotoIndex photos = Find(staged, AssetKind.Images) is { } images
            ? await Task.Run(() => CheckImages(images, cancellationToken), cancellationToken)
            : await catalog.PhotosAsync(before.Images, cancellationToken);
        scene.ViewCount = views.Count;

        problems.RemoveAll(problem => problem.Code == ImagesWithoutView);
        if (Find(staged, AssetKind.Masks) is not null || Find(staged, AssetKind.Cameras) is not null)
        {
            problems.RemoveAll(problem => problem.Code is MasksUnusable or ViewsWithoutMasks);
        }

        if (Find(staged, AssetKind.Masks) is { } masks)
        {
            SetMasks(await Task.Run(() => CheckMasks(masks, views, cancellationToken), cancellationToken));
        }
        else if (before.Masks is { } earlier && Find(staged, AssetKind.Cameras) is not null)
        {
            try
            {
                SetMasks(await Task.Run(() => MaskCounts.Read(store.PathOf(earlier.Key), views, cancellationToken), cancellationToken));
            }
            catch (InvalidMaskException error)
            {
                // New cameras for masks of other views: the masks must be replaced next, so this is no reason to refuse the cameras.
                scene.MaskCount = 0;
                problems.Add(new ProblemResponse(MasksUnusable, $"The uploaded masks do not fit the cameras: {error.Message}"));
            }
        }

        AddStrayPhotos(problems, views, photos);
        scene.ProblemsJson = JsonSerializer.Serialize(problems, ContractJson.Options);

        void SetMasks(MaskCounts counts)
        {
            scene.MaskCount = counts.Total;
            int without = counts.PerView.Count(count => count == 0);
            if (without > 0)
            {
                problems.Add(new ProblemResponse(
                    ViewsWithoutMasks, $"{without} of {views.Count} views have no masks and do not train; the list of views says which."));
            }
        }
    }

    /// <summary>Extension of the stored file, from its kind and content; a client's spelling never reaches a path.</summary>
    public static string ExtensionOf(StagedAsset staged) => staged.Kind switch
    {
        AssetKind.Gaussians => GaussianFile.ExtensionOf(GaussianFile.FormatOf(staged.File.Path, staged.FileName)),
        AssetKind.Cameras => FileSignature.IsZip(staged.File.Path) ? Zip : Json,
        _ => Zip,
    };

    private static (int Count, string BoundsJson, List<ProblemResponse> Problems) CheckGaussians(
        StagedAsset staged, CancellationToken cancellationToken)
    {
        GaussianScene scene = Checked(
            staged,
            ProblemCodes.InvalidGaussians,
            path => GaussianFile.Read(path, new GaussianReadOptions(IncludeColors: false), staged.FileName, cancellationToken));
        SceneBounds bounds = SceneBounds.Of(scene);
        string json = JsonSerializer.Serialize(new BoundsResponse(Numbers(bounds.Min), Numbers(bounds.Max)), ContractJson.Options);
        return (scene.FileGaussianCount, json, [.. scene.Problems.Select(problem => new ProblemResponse(problem.Code, problem.Detail))]);
    }

    private static IReadOnlyList<SceneView> CheckCameras(StagedAsset staged) =>
        Checked(staged, ProblemCodes.InvalidCameras, path => CameraFile.Read(path, staged.FileName));

    private static MaskCounts CheckMasks(StagedAsset staged, IReadOnlyList<SceneView> views, CancellationToken cancellationToken) =>
        Checked(staged, ProblemCodes.InvalidMasks, path => MaskCounts.Read(path, views, cancellationToken));

    private static PhotoIndex CheckImages(StagedAsset staged, CancellationToken cancellationToken) =>
        Checked(staged, ProblemCodes.InvalidImages, path => PhotoIndex.Check(path, cancellationToken));

    /// <summary>Runs a reader of the engine; its refusal names the file as its owner does.</summary>
    private static T Checked<T>(StagedAsset staged, string code, Func<string, T> read)
    {
        try
        {
            return read(staged.File.Path);
        }
        catch (Exception error)
            when (error is InvalidSceneException or InvalidCameraException or InvalidMaskException or InvalidArchiveException)
        {
            string detail = error.Message.Replace(Path.GetFileName(staged.File.Path), staged.FileName, StringComparison.Ordinal);
            throw RefusedException.Unprocessable(
                error is InvalidSceneException { IsOtherFormat: true } ? ProblemCodes.UnsupportedFormat : code,
                detail.StartsWith(staged.FileName, StringComparison.Ordinal) ? detail : $"{staged.FileName}: {detail}");
        }
    }

    private static void AddStrayPhotos(List<ProblemResponse> problems, IReadOnlyList<SceneView> views, PhotoIndex photos)
    {
        string[] stray = views.Count == 0 ? []
            : [.. photos.Names.Except(views.Select(view => view.Name)).Order(StringComparer.Ordinal)];
        if (stray.Length > 0)
        {
            problems.Add(new ProblemResponse(ImagesWithoutView, $"{stray.Length} photos belong to no view and are not used: {List(stray)}."));
        }
    }

    private static string List(string[] names)
    {
        string shown = string.Join(", ", names.Take(NamesShown).Select(name => $"«{LogText.Clean(name)}»"));
        return names.Length > NamesShown ? $"{shown} and {names.Length - NamesShown} more" : shown;
    }

    private static StagedAsset? Find(IReadOnlyList<StagedAsset> staged, AssetKind kind) =>
        staged.FirstOrDefault(asset => asset.Kind == kind);

    private static float[] Numbers(Vector3 v) => [v.X, v.Y, v.Z];
}
