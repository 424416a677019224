using Microsoft.EntityFrameworkCore;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Worker.Jobs;

/// <summary>What a training reads: the scene's Gaussians and views, and which files hold its photos and masks.</summary>
/// <param name="Gaussians">Of the file that <paramref name="Scene"/> was read from.</param>
/// <param name="Cameras">Of the file that <paramref name="Views"/> were read from.</param>
/// <param name="Images">The photos, or null.</param>
/// <param name="Masks">The uploaded masks, or null.</param>
internal sealed record TrainingInputs(
    Guid SceneId,
    GaussianScene Scene,
    IReadOnlyList<SceneView> Views,
    AssetRecord Gaussians,
    AssetRecord Cameras,
    AssetRecord? Images,
    AssetRecord? Masks)
{
    /// <exception cref="JobFailedException">Something is missing, or was replaced while it was read.</exception>
    public static async Task<TrainingInputs> ReadAsync(
        Guid sceneId, IDbContextFactory<SagaDbContext> contexts, FileStore files, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        Dictionary<AssetKind, AssetRecord> assets = await db.Assets.AsNoTracking()
            .Where(a => a.SceneId == sceneId).ToDictionaryAsync(a => a.Kind, cancellationToken);
        AssetRecord gaussians = Require(assets, AssetKind.Gaussians, "scene-empty");
        AssetRecord cameras = Require(assets, AssetKind.Cameras, "views-missing");
        using LocalFile gaussiansFile = await OpenAsync(files, gaussians, cancellationToken);
        using LocalFile camerasFile = await OpenAsync(files, cameras, cancellationToken);

        // Training and pictures for masks look at the plain colours; those that depend on the view are most of the file.
        GaussianScene scene = GaussianFile.Read(
            gaussiansFile.Path, new GaussianReadOptions(MaxShDegree: 0), gaussians.FileName, cancellationToken);
        IReadOnlyList<SceneView> views = CameraFile.Read(camerasFile.Path, cameras.FileName);
        return new TrainingInputs(
            sceneId, scene, views, gaussians, cameras,
            assets.GetValueOrDefault(AssetKind.Images), assets.GetValueOrDefault(AssetKind.Masks));
    }

    /// <summary>The photos where they are used: none go with made cameras.</summary>
    /// <exception cref="JobFailedException">The file went away.</exception>
    public async Task<LocalFile?> OpenPhotosAsync(FileStore files, CancellationToken cancellationToken) =>
        Images is null || GeneratedFiles.IsOrbit(Cameras) ? null : await OpenAsync(files, Images, cancellationToken);

    /// <summary>Opens one of the scene's files; a replaced one goes away a while after its record.</summary>
    /// <exception cref="JobFailedException">The file went away.</exception>
    public static async Task<LocalFile> OpenAsync(FileStore files, AssetRecord asset, CancellationToken cancellationToken)
    {
        try
        {
            return await files.OpenAsync(asset.Key, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            throw new JobFailedException(JobFailure.SceneChanged);
        }
    }

    private static AssetRecord Require(Dictionary<AssetKind, AssetRecord> assets, AssetKind kind, string code)
    {
        string name = kind.ToString().ToLowerInvariant();
        return assets.GetValueOrDefault(kind) ?? throw new JobFailedException(new JobFailure(
            code, $"The scene has no {name} file; PUT one to /api/v1/scenes/{{id}}/{name} and start a new job."));
    }
}
