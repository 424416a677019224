using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Worker.Jobs;

/// <summary>What a training reads: the scene's Gaussians, views and masks.</summary>
/// <param name="GaussiansSha256">Hash of the Gaussian file.</param>
/// <param name="Fingerprint">Hash over all three files: a checkpoint of other inputs is of no use.</param>
internal sealed record TrainingInputs(
    GaussianScene Scene, IReadOnlyList<SceneView> Views, MaskSet Masks, string GaussiansSha256, byte[] Fingerprint)
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
        AssetRecord masks = Require(assets, AssetKind.Masks, "masks-missing");
        try
        {
            // Training looks at the plain colours alone; those that depend on the view are most of the file.
            GaussianScene scene = GaussianFile.Read(
                files.PathOf(gaussians.Key), new GaussianReadOptions(MaxShDegree: 0), gaussians.FileName, cancellationToken);
            IReadOnlyList<SceneView> views = CameraFile.Read(files.PathOf(cameras.Key), cameras.FileName);
            await using FileStream zip = File.OpenRead(files.PathOf(masks.Key));
            MaskSet set = MaskArchive.Read(zip, views, null, cancellationToken);
            byte[] fingerprint = SHA256.HashData(Encoding.ASCII.GetBytes(gaussians.Sha256 + cameras.Sha256 + masks.Sha256));
            return new TrainingInputs(scene, views, set, gaussians.Sha256, fingerprint);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // A replaced file goes away a while after its record.
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
