using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

internal static class SelectionEndpoints
{
    public static void MapSelections(this IEndpointRouteBuilder routes)
    {
        LimitOptions limits = routes.ServiceProvider.GetRequiredService<SagaOptions>().Limits;
        RouteGroupBuilder selections = routes.MapGroup("/scenes/{sceneId:guid}/selections").WithTags("Selections");
        selections.MapPost("/", Create)
            .WithName("CreateSelection").WithSummary("Keep a selection: from indices, a bit mask, or other selections")
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxJsonBytes))
            .ProducesRefusals(404, 409, 413, 422, 503);
        selections.MapGet("/", List).WithName("ListSelections").WithSummary("The scene's selections, newest first").ProducesRefusals(404);
        selections.MapGet("/{selectionId:guid}", Get)
            .WithName("GetSelection")
            .WithSummary("One selection: with its indices as JSON, or its bit mask as application/octet-stream")
            .WithDescription("ETag is its version; with If-None-Match the answer is 304 while that is the version.")
            .Produces<SelectionResponse>().ProducesRefusals(404);
        selections.MapPatch("/{selectionId:guid}", Change)
            .WithName("ChangeSelection").WithSummary("Rename, colour, hide or show a selection; what is not given stays")
            .WithDescription("No new revision. With If-Match only the version that it names is changed, else the answer is 412.")
            .ProducesRefusals(400, 404, 412, 422);
        selections.MapGet("/{selectionId:guid}/export", SelectionExport.Export)
            .WithName("ExportSelection")
            .WithSummary("The selected Gaussians, or all others, as a file")
            .WithDescription(
                "format is ply (default: the uploaded file's own records, byte for byte, all properties kept; made of it where it is no "
                + "PLY), compressed.ply, splat, spz (version=2, 3 or 4), indices (a JSON array), bits (⌈N/8⌉ bytes) or coco (the selection's "
                + "masks in all views as COCO JSON). part is selected (default), rest or all; records that were left out count as rest, and "
                + "only ply keeps them. labels=column adds a property uint label to a ply, labels=sidecar answers a zip of the file, "
                + "labels.npy and records.npy: 1 is selected.")
            .Produces<Stream>(contentType: "application/octet-stream", additionalContentTypes: ["application/json", "application/zip"])
            .ProducesRefusals(404, 409, 422, 503)
            .WithoutTimeout();
        selections.MapDelete("/{selectionId:guid}", Delete)
            .WithName("DeleteSelection").WithSummary("Forget a selection with its revisions")
            .WithDescription("With If-Match only the version that it names is deleted, else the answer is 412.")
            .ProducesRefusals(400, 404, 412);
        selections.MapSelectionHistory(limits);
    }

    /// <summary>Reads a kept selection for a prompt or a picture.</summary>
    /// <exception cref="RefusedException">404 <c>selection-not-found</c>.</exception>
    public static async Task<GaussianSelection> RequireSelectionAsync(
        this SagaDbContext db, Guid sceneId, Guid selectionId, CancellationToken cancellationToken)
    {
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        return new GaussianSelection(record.Bits, record.GaussianCount);
    }

    /// <summary>Reads a kept selection with its name.</summary>
    /// <exception cref="RefusedException">404 <c>selection-not-found</c>.</exception>
    public static async Task<SelectionRecord> RequireSelectionRecordAsync(
        this SagaDbContext db, Guid sceneId, Guid selectionId, CancellationToken cancellationToken) =>
        await db.Selections.AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == selectionId && s.SceneId == sceneId, cancellationToken)
        ?? throw SelectionTags.NotFound(sceneId, selectionId);

    private static async Task<Created<SelectionResponse>> Create(
        Guid sceneId, SelectionRequest request, HttpContext context, SelectionStore store, SagaOptions options,
        [AsParameters] SelectionOperations operations, CancellationToken cancellationToken)
    {
        request.Check();
        SceneRecord scene = await operations.Db.RequireSceneAsync(sceneId, cancellationToken);
        if (scene.GaussianCount == 0)
        {
            throw RefusedException.Conflict(ProblemCodes.SceneEmpty, "The scene has no Gaussians to select from yet.");
        }

        // Those that come in the same moment are not counted: the limit keeps a table small, it does not share out anything.
        int kept = await operations.Db.Selections.CountAsync(s => s.SceneId == sceneId, cancellationToken);
        if (kept >= options.Limits.MaxSelectionsPerScene)
        {
            throw RefusedException.Unprocessable(
                ProblemCodes.TooManySelections,
                $"The scene has {kept} selections and may have {options.Limits.MaxSelectionsPerScene} "
                + "(Saga:Limits:MaxSelectionsPerScene). Delete some that are no longer needed.");
        }

        GaussianSelection selection = await operations.MakeAsync(SceneSnapshot.From(scene), request, cancellationToken);
        var record = new SelectionRecord
        {
            Id = Guid.CreateVersion7(),
            SceneId = sceneId,
            Name = request.Name?.Trim() ?? "",
            Bits = selection.Bits.ToArray(),
            GaussianCount = selection.GaussianCount,
            SelectedCount = selection.SelectedCount,
            Color = request.Color?.ToLowerInvariant(),
            Hidden = request.Hidden ?? false,
            CreatedAt = DateTimeOffset.UtcNow,
        };
        if (!await store.AddAsync(record, scene.Assets.Single(asset => asset.Kind == AssetKind.Gaussians).Id, cancellationToken))
        {
            throw RefusedException.Conflict(
                ProblemCodes.SceneChanged,
                "The scene was deleted or its Gaussians were replaced meanwhile; the selection means others now.");
        }

        SelectionTags.Write(context.Response, record);
        return TypedResults.Created(
            $"/api/v1/scenes/{sceneId}/selections/{record.Id}",
            SelectionResponse.From(record));
    }

    private static async Task<Ok<Page<SelectionResponse>>> List(
        Guid sceneId, int? page, int? pageSize, SagaDbContext db, CancellationToken cancellationToken)
    {
        PageRequest asked = PageRequest.From(page, pageSize);
        await db.RequireSceneAsync(sceneId, cancellationToken);
        IQueryable<SelectionRecord> all = db.Selections.AsNoTracking().Where(s => s.SceneId == sceneId);
        int total = await all.CountAsync(cancellationToken);

        // Without the masks themselves, which may be megabytes each.
        List<SelectionResponse> items = await all.OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id)
            .Skip(asked.Skip).Take(asked.Size)
            .Select(s => new SelectionResponse(
                s.Id, s.SceneId, s.Name, s.GaussianCount, s.SelectedCount, s.CreatedAt, s.Color, s.Hidden,
                s.Version, s.Revision, s.Revision > s.FirstRevision, s.Revision < s.LastRevision, null))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<SelectionResponse>(items, asked.Number, asked.Size, total));
    }

    private static async Task<IResult> Get(
        Guid sceneId, Guid selectionId, HttpContext context, SagaDbContext db, CancellationToken cancellationToken)
    {
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        SelectionTags.Write(context.Response, record);
        if (SelectionTags.IsKnown(context.Request, record))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        if (Negotiation.Prefers(context.Request, "application/octet-stream", over: "application/json"))
        {
            SelectionHeaders.Write(context.Response, selection);
            return TypedResults.Bytes(selection.Bits, "application/octet-stream");
        }

        return TypedResults.Ok(SelectionResponse.From(record, new SelectionIndices(selection)));
    }

    private static async Task<Ok<SelectionResponse>> Change(
        Guid sceneId, Guid selectionId, SelectionPatch patch, HttpContext context, SelectionStore store,
        CancellationToken cancellationToken)
    {
        patch.Check();
        SelectionWrite write = await store.ChangeLookAsync(
            sceneId, selectionId, SelectionTags.Expected(context.Request),
            patch.Name?.Trim(), patch.Color?.ToLowerInvariant(), patch.Hidden, cancellationToken);
        SelectionRecord changed = SelectionTags.Require(write, sceneId, selectionId);
        SelectionTags.Write(context.Response, changed);
        return TypedResults.Ok(SelectionResponse.From(changed));
    }

    private static async Task<NoContent> Delete(
        Guid sceneId, Guid selectionId, HttpContext context, SelectionStore store, CancellationToken cancellationToken)
    {
        SelectionWrite write = await store.DeleteAsync(
            sceneId, selectionId, SelectionTags.Expected(context.Request), cancellationToken);
        if (write.Outcome != SelectionOutcome.Done)
        {
            SelectionTags.Require(write, sceneId, selectionId);
        }

        return TypedResults.NoContent();
    }
}
