using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Uploads;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Api.Models;

internal static partial class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder model = routes.MapGroup("/scenes/{sceneId:guid}/model").WithTags("Models");
        model.MapGet("/", Download)
            .WithName("DownloadModel").WithSummary("The trained model as one file, or as the original SAGA program reads it")
            .WithDescription(
                "Without format: this service's own file, with range requests. format=published: a zip of "
                + "contrastive_feature_point_cloud.ply and scale_gate.pt, and of scale_quantiles.json, which the original program does not "
                + "know and PUT reads back.")
            .Produces<Stream>(contentType: "application/octet-stream", additionalContentTypes: "application/zip")
            .ProducesRefusals(404, 409, 422)
            .WithoutTimeout();
        model.MapMethods("/", [HttpMethods.Head], Download).ExcludeFromDescription();
        model.MapPut("/", Put)
            .WithName("PutModel").WithSummary("Bring a model back; it must be of exactly this scene's Gaussians")
            .WithDescription(
                "The body is a file that GET answered, or a zip of the original SAGA program's contrastive_feature_point_cloud.ply and "
                + "scale_gate.pt. Which mask scales such a gate speaks of is read from scale_quantiles.json "
                + "({\"knots\": [ascending scales]}) or the program's mask_scales/*.pt in the zip, else measured on the scene's own cameras "
                + "and masks.")
            .WithMetadata(new UploadBody(IsForm: false))
            .ProducesRefusals(404, 409, 413, 422, 507)
            .WithoutTimeout();
    }

    private static async Task<IResult> Download(
        Guid sceneId, string? format, HttpContext context, SceneCatalog catalog, FileStore store, CancellationToken cancellationToken)
    {
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        string key = scene.ModelKey ?? throw NotTrained(sceneId);
        return format switch
        {
            null => TypedResults.PhysicalFile(
                await store.OpenForAnswerAsync(key, context),
                "application/octet-stream",
                $"{sceneId}.saga",
                entityTag: new EntityTagHeaderValue($"\"{scene.ModelSha256}\""),
                enableRangeProcessing: true),
            PublishedModels.Format => await PublishedModels.DownloadAsync(context, scene, store),
            _ => throw RefusedException.Unprocessable(
                ProblemCodes.InvalidExport,
                $"format is «{LogText.Clean(format)}»; leave it out for the service's own file, or ask for {PublishedModels.Format}."),
        };
    }

    private static async Task<NoContent> Put(
        Guid sceneId,
        HttpContext context,
        AssetUploads uploads,
        ViewCatalog views,
        FileStore store,
        JobEvents events,
        SceneCatalog catalog,
        ResidentScenes resident,
        WorkQueues queues,
        SagaOptions options,
        DiskBudget disk,
        SagaDbContext db,
        ILogger<AffinityModel> logger)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        await uploads.RequireChangeableAsync(sceneId, cancellationToken);
        await using PendingFile staged = await StageAsync(
            context.Request, store, disk, options.Limits.MaxModelBytes, cancellationToken);

        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        AssetRecord gaussians = scene.Assets.Find(asset => asset.Kind == AssetKind.Gaussians)
            ?? throw RefusedException.Conflict(
                ProblemCodes.SceneEmpty, "The scene has no Gaussians; upload those the model was trained on first.");
        SceneSnapshot before = SceneSnapshot.From(scene);
        IReadOnlyList<SceneView> cameras = await views.CamerasAsync(before.Cameras, cancellationToken);
        AffinityModel model;
        PendingFile? converted = null;
        StoredFile file;
        try
        {
            using (await queues.Uploads.EnterAsync(cancellationToken))
            {
                using LocalFile gaussiansFile = await store.OpenAsync(gaussians.Key, cancellationToken);
                GaussianScene read = await Task.Run(
                    () => GaussianFile.Read(
                        gaussiansFile.Path, new GaussianReadOptions(IncludeColors: false), cancellationToken: cancellationToken),
                    cancellationToken);
                bool isPublished = FileSignature.IsZip(staged.Path);
                using LocalFile? masks = isPublished && before.Masks is { } masksFile
                    ? await store.OpenAsync(masksFile.Key, cancellationToken) : null;
                model = await Task.Run(
                    () => isPublished
                        ? PublishedModels.Read(staged.Path, before, read, cameras, masks?.Path, cancellationToken)
                        : Check(staged.Path, read, gaussians.Sha256, cancellationToken),
                    cancellationToken);
                converted = isPublished ? await PublishedModels.ConvertAsync(model, read, store, cancellationToken) : null;
            }

            file = await (converted ?? staged).CommitAsync(SceneFiles.ModelKeyOf(sceneId), cancellationToken);
        }
        finally
        {
            if (converted is not null)
            {
                await converted.DisposeAsync();
            }
        }

        scene.ModelKey = file.Key;
        scene.ModelSha256 = file.Sha256;
        scene.ModelJson = JsonSerializer.Serialize(ModelResponse.From(model), ContractJson.Options);
        scene.State = SceneState.Ready;
        scene.UpdatedAt = DateTimeOffset.UtcNow;
        scene.Version++;
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw RefusedException.Conflict(
                ProblemCodes.SceneChanged, "The scene was changed, or a job of it was started, while this model was checked. Upload again.");
        }

        catalog.Changed(sceneId);
        resident.ForgetReplaced(SceneSnapshot.From(scene));
        await events.PublishAsync(null, sceneId, CancellationToken.None);
        LogPut(logger, sceneId, file.Length);
        return TypedResults.NoContent();
    }

    private static async Task<PendingFile> StageAsync(
        HttpRequest request, FileStore store, DiskBudget disk, long maxBytes, CancellationToken cancellationToken)
    {
        disk.RequireRoom(Math.Min(request.ContentLength ?? 0, maxBytes));
        try
        {
            await using var body = new BudgetedStream(request.Body, disk);
            return await store.StageAsync(body, maxBytes, cancellationToken);
        }
        catch (FileTooLargeException)
        {
            throw new RefusedException(
                StatusCodes.Status413PayloadTooLarge,
                ProblemCodes.TooLarge,
                $"The model is larger than the {maxBytes} bytes that this service accepts (Saga:Limits:MaxModelBytes).");
        }
    }

    private static AffinityModel Check(string modelPath, GaussianScene scene, string gaussiansSha256, CancellationToken cancellationToken)
    {
        try
        {
            return AffinityModelFile.Read(modelPath, scene, gaussiansSha256, cancellationToken);
        }
        catch (InvalidModelException error)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.InvalidModel, error.Message.Replace(Path.GetFileName(modelPath), "model", StringComparison.Ordinal));
        }
    }

    private static RefusedException NotTrained(Guid sceneId) => RefusedException.Conflict(
        ProblemCodes.SceneNotTrained, $"Scene {sceneId} has no trained model; POST /api/v1/scenes/{sceneId}/jobs trains one.");

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} got a model by upload, {Bytes} bytes")]
    private static partial void LogPut(ILogger logger, Guid sceneId, long bytes);
}
