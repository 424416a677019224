using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Exports;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

internal static partial class SceneEndpoints
{
    public static void MapScenes(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder scenes = routes.MapGroup("/scenes").WithTags("Scenes");
        scenes.MapPost("/", SceneCreation.Create)
            .WithName("CreateScene")
            .WithSummary("Create a scene: empty from JSON, or with its files from a multipart form")
            .WithMetadata(new UploadBody(IsForm: true))
            .Produces<SceneResponse>(StatusCodes.Status201Created)
            .ProducesRefusals(400, 413, 415, 422, 507)
            .WithoutTimeout();
        scenes.MapPost("/sample", SampleScene.Create)
            .WithName("CreateSampleScene")
            .WithSummary("Create a scene from the sample that ships with the service")
            .Produces<SceneResponse>(StatusCodes.Status201Created)
            .ProducesRefusals(404, 503)
            .WithoutTimeout();
        scenes.MapGet("/", List).WithName("ListScenes").WithSummary("Scenes, newest first");
        scenes.MapGet("/{sceneId:guid}", Get).WithName("GetScene").WithSummary("One scene").ProducesRefusals(404);
        scenes.MapDelete("/{sceneId:guid}", Delete)
            .WithName("DeleteScene").WithSummary("Remove a scene with its files, jobs and selections")
            .ProducesRefusals(404);
        scenes.MapGet("/{sceneId:guid}/views", Views)
            .WithName("ListViews").WithSummary("The scene's views, sorted by name").ProducesRefusals(404);
        scenes.MapSceneExport();
    }

    private static async Task<Ok<Page<SceneResponse>>> List(
        int? page, int? pageSize, SagaDbContext db, CancellationToken cancellationToken)
    {
        PageRequest asked = PageRequest.From(page, pageSize);
        int total = await db.Scenes.CountAsync(cancellationToken);
        List<SceneRecord> records = await db.Scenes.AsNoTracking()
            .OrderByDescending(scene => scene.CreatedAt).ThenByDescending(scene => scene.Id)
            .Skip(asked.Skip).Take(asked.Size).ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<SceneResponse>([.. records.Select(SceneResponse.From)], asked.Number, asked.Size, total));
    }

    private static async Task<Ok<SceneResponse>> Get(Guid sceneId, SagaDbContext db, CancellationToken cancellationToken) =>
        TypedResults.Ok(SceneResponse.From(await db.RequireSceneAsync(sceneId, cancellationToken)));

    private static async Task<NoContent> Delete(
        Guid sceneId,
        SagaDbContext db,
        JobStore jobs,
        JobEvents events,
        FileStore store,
        SceneCatalog catalog,
        ResidentScenes resident,
        ILogger<SceneRecord> logger,
        CancellationToken cancellationToken)
    {
        await db.RequireSceneAsync(sceneId, cancellationToken);
        List<Guid> active = await db.Jobs
            .Where(job => job.SceneId == sceneId && (job.State == JobState.Queued || job.State == JobState.Running))
            .Select(job => job.Id).ToListAsync(cancellationToken);
        foreach (Guid job in active)
        {
            await jobs.CancelAsync(job, cancellationToken);
        }

        // One statement takes the jobs, assets and selections along; a worker that still runs finds its lease gone.
        if (await db.Scenes.Where(scene => scene.Id == sceneId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            throw SceneLookup.NotFound(sceneId);
        }

        // Files after rows: what a crash here leaves behind is swept. Prompts in flight work on what is in memory.
        catalog.Forget(sceneId);
        resident.Forget(sceneId);
        await DeleteFilesAsync(store, sceneId, logger);
        await events.PublishAsync(null, sceneId, CancellationToken.None);
        foreach (Guid job in active)
        {
            await events.PublishAsync(job, sceneId, CancellationToken.None);
        }

        LogDeleted(logger, sceneId);
        return TypedResults.NoContent();
    }

    private static async Task DeleteFilesAsync(FileStore store, Guid sceneId, ILogger logger)
    {
        try
        {
            await store.DeleteAllAsync(SceneFiles.FolderOf(sceneId), CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Such as a checkpoint that a worker commits this moment. The scene is gone; the sweep takes the rest.
            LogFilesLeft(logger, sceneId, error.Message);
        }
    }

    private static async Task<Ok<IReadOnlyList<ViewResponse>>> Views(
        Guid sceneId, SceneCatalog catalog, ViewCatalog views, CancellationToken cancellationToken)
    {
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        IReadOnlyList<ViewEntry> entries = await views.ReadAsync(scene, cancellationToken);
        return TypedResults.Ok<IReadOnlyList<ViewResponse>>([.. entries.Select(ViewResponse.From)]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scene {SceneId} left files behind, to be swept later: {Reason}")]
    private static partial void LogFilesLeft(ILogger logger, Guid sceneId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Scene {SceneId} deleted")]
    private static partial void LogDeleted(ILogger logger, Guid sceneId);
}
