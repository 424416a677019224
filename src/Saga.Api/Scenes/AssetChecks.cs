using System.Numerics;
using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Orbit;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>Reads uploads as the engine will, refuses what it could not use, and writes what they hold into the scene's record.</summary>
internal sealed class AssetChecks(ViewCatalog catalog, FileStore store, SagaOptions options)
{
    /// <summary>What <see cref="ExtensionOf"/> answers.</summary>
    public static readonly string[] Extensions = [.. Enum.GetValues<GaussianFileFormat>().Select(GaussianFile.ExtensionOf), Json, Zip];

    private const string Json = ".json";
    private const string Zip = ".zip";

    private const string MasksUnusable = "masks-unusable";
    private const string ViewsWithoutMasks = "views-without-masks";
    private const string ImagesWithoutView = "images-without-view";
    private const string ImagesMisshapen = "images-misshapen";

    /// <summary>Problems that new Gaussians do not end; all others speak of the Gaussian file.</summary>
    private static readonly string[] OtherFiles = [MasksUnusable, ViewsWithoutMasks, ImagesWithoutView, ImagesMisshapen];

    /// <summary>How many names a message lists before it only counts the rest.</summary>
    private const int NamesShown = 3;

    /// <returns>
    /// Cameras that go with the uploads, made for a scene that has Gaussians and none of its own; for the caller to dispose. Else null.
    /// </returns>
    /// <exception cref="RefusedException">422: which file, which property, which record.</exception>
    public async Task<StagedAsset?> ApplyAsync(SceneRecord scene, IReadOnlyList<StagedAsset> staged, CancellationToken cancellationToken)
    {
        SceneSnapshot before = SceneSnapshot.From(scene);
        var problems = JsonSerializer.Deserialize<List<ProblemResponse>>(scene.ProblemsJson, ContractJson.Options)!;
        StagedAsset? cameras = Find(staged, AssetKind.Cameras);
        StagedAsset? orbit = null;
        try
        {
            IReadOnlyList<SceneView>? made = null;
            if (Find(staged, AssetKind.Gaussians) is { } gaussians)
            {
                GaussianScene read = await Task.Run(() => CheckGaussians(gaussians, cancellationToken), cancellationToken);
                RequireAtMost(options.Limits.MaxGaussians, read.FileGaussianCount, gaussians, ProblemCodes.InvalidGaussians, "Gaussians");
                (scene.GaussianCount, scene.BoundsJson) = (read.FileGaussianCount, BoundsJsonOf(read));
                problems = [.. ProblemsOf(read), .. problems.Where(problem => OtherFiles.Contains(problem.Code))];
                if (cameras is null && before.Cameras is null or { IsOrbit: true })
                {
                    made = await Task.Run(() => OrbitRig.Create(read, new CpuRasterizer(read), cancellationToken), cancellationToken);
                    orbit = await StageAsync(made, cancellationToken);
                }
            }

            IReadOnlyList<SceneView> views = made
                ?? (cameras is null ? await catalog.CamerasAsync(before.Cameras, cancellationToken)
                    : await Task.Run(() => CheckCameras(cameras), cancellationToken));
            RequireAtMost(options.Limits.MaxViews, views.Count, cameras, ProblemCodes.InvalidCameras, "Views");
            scene.ViewCount = views.Count;
            bool areMade = made is not null || (cameras is null && before.Cameras is { IsOrbit: true });
            await ApplyMasksAsync(scene, staged, before, problems, views, areMade, areNew: made is not null || cameras is not null, cancellationToken);
            await ApplyPhotosAsync(staged, before, problems, views, areMade, cancellationToken);
            scene.ProblemsJson = JsonSerializer.Serialize(problems, ContractJson.Options);
            return orbit;
        }
        catch when (orbit is not null)
        {
            await orbit.DisposeAsync();
            throw;
        }
    }

    private async Task ApplyMasksAsync(
        SceneRecord scene,
        IReadOnlyList<StagedAsset> staged,
        SceneSnapshot before,
        List<ProblemResponse> problems,
        IReadOnlyList<SceneView> views,
        bool areMade,
        bool areNew,
        CancellationToken cancellationToken)
    {
        StagedAsset? masks = Find(staged, AssetKind.Masks);
        if (masks is not null || areNew)
        {
            problems.RemoveAll(problem => problem.Code is MasksUnusable or ViewsWithoutMasks);
        }

        if (masks is not null && !areMade)
        {
            Count(await Task.Run(() => CheckMasks(masks, views, cancellationToken), cancellationToken));
            return;
        }

        if (masks is not null)
        {
            // Damaged ones are refused. Those that are of other views than the made ones wait for their cameras.
            await Task.Run(() => CheckMasks(masks, [], cancellationToken), cancellationToken);
        }

        using LocalFile? kept = masks is null && areNew && before.Masks is { } earlier
            ? await store.OpenAsync(earlier.Key, cancellationToken) : null;
        string? path = masks?.File.Path ?? kept?.Path;
        if (path is not null)
        {
            try
            {
                Count(await Task.Run(() => MaskCounts.Read(path, views, cancellationToken), cancellationToken));
            }
            catch (InvalidMaskException error)
            {
                // Masks of other views: they or the cameras are replaced next, so this is no reason to refuse.
                scene.MaskCount = 0;
                problems.Add(new ProblemResponse(MasksUnusable, areMade
                    ? "The uploaded masks are of views whose cameras are not uploaded; until they are, they are not used."
                    : $"The uploaded masks do not fit the cameras: {error.Message}"));
            }
        }

        void Count(MaskCounts counts)
        {
            RequireAtMost(options.Limits.MaxMasks, counts.Total, masks, ProblemCodes.InvalidMasks, "Masks");
            scene.MaskCount = counts.Total;
            int without = counts.PerView.Count(count => count == 0);
            if (without > 0)
            {
                problems.Add(new ProblemResponse(
                    ViewsWithoutMasks, $"{without} of {views.Count} views have no masks and do not train; the list of views says which."));
            }
        }
    }

    private async Task ApplyPhotosAsync(
        IReadOnlyList<StagedAsset> staged,
        SceneSnapshot before,
        List<ProblemResponse> problems,
        IReadOnlyList<SceneView> views,
        bool areMade,
        CancellationToken cancellationToken)
    {
        StagedAsset? images = Find(staged, AssetKind.Images);
        PhotoIndex photos = images is not null
            ? await Task.Run(() => CheckImages(images, cancellationToken), cancellationToken)
            : await catalog.PhotosAsync(before.Images, cancellationToken);
        problems.RemoveAll(problem => problem.Code == ImagesWithoutView);
        AddStrayPhotos(problems, views, photos, areMade);
        if (images is null && Find(staged, AssetKind.Cameras) is null)
        {
            return;
        }

        problems.RemoveAll(problem => problem.Code == ImagesMisshapen);
        if (areMade)
        {
            return;
        }

        using LocalFile? kept = images is null && before.Images is { } earlier
            ? await store.OpenAsync(earlier.Key, cancellationToken) : null;
        if ((images?.File.Path ?? kept?.Path) is { } path)
        {
            IReadOnlyList<string> misshapen = await Task.Run(() => PhotoShapes.Misfits(path, views, cancellationToken), cancellationToken);
            if (misshapen.Count > 0)
            {
                problems.Add(new ProblemResponse(
                    ImagesMisshapen,
                    $"{misshapen.Count} photos have other proportions than their cameras and are not used: {List([.. misshapen])}. Were they cut or turned?"));
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

    private static GaussianScene CheckGaussians(StagedAsset staged, CancellationToken cancellationToken)
    {
        return Checked(
            staged,
            ProblemCodes.InvalidGaussians,
            path => GaussianFile.Read(path, new GaussianReadOptions(IncludeColors: false), staged.FileName, cancellationToken));
    }

    private static string BoundsJsonOf(GaussianScene scene)
    {
        SceneBounds bounds = SceneBounds.Of(scene);
        return JsonSerializer.Serialize(new BoundsResponse(Numbers(bounds.Min), Numbers(bounds.Max)), ContractJson.Options);
    }

    private static IEnumerable<ProblemResponse> ProblemsOf(GaussianScene scene) =>
        scene.Problems.Select(problem => new ProblemResponse(problem.Code, problem.Detail));

    private async Task<StagedAsset> StageAsync(IReadOnlyList<SceneView> orbit, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        InriaCameras.Write(content, orbit);
        content.Position = 0;
        PendingFile file = await store.StageAsync(content, long.MaxValue, cancellationToken);
        return new StagedAsset(AssetKind.Cameras, file, GeneratedFiles.OrbitFileName, IsMade: true);
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

    /// <summary>What was accepted before a limit was lowered stays.</summary>
    private static void RequireAtMost(int limit, int found, StagedAsset? uploaded, string code, string what)
    {
        if (uploaded is not null && found > limit)
        {
            throw RefusedException.Unprocessable(
                code,
                $"{uploaded.FileName} holds {found} {what.ToLowerInvariant()}; this service accepts {limit} (Saga:Limits:Max{what}).");
        }
    }

    private static void AddStrayPhotos(List<ProblemResponse> problems, IReadOnlyList<SceneView> views, PhotoIndex photos, bool areMade)
    {
        string[] stray = views.Count == 0 ? []
            : [.. photos.Names.Except(views.Select(view => view.Name)).Order(StringComparer.Ordinal)];
        if (stray.Length > 0)
        {
            problems.Add(new ProblemResponse(ImagesWithoutView, areMade
                ? $"{stray.Length} photos are not used, for their cameras are not uploaded; the scene has views of its own until they are."
                : $"{stray.Length} photos belong to no view and are not used: {List(stray)}."));
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
