using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

internal static class SelectionEndpoints
{
    private const int MaxCombined = 64;

    public static void MapSelections(this IEndpointRouteBuilder routes)
    {
        LimitOptions limits = routes.ServiceProvider.GetRequiredService<SagaOptions>().Limits;
        RouteGroupBuilder selections = routes.MapGroup("/scenes/{sceneId:guid}/selections").WithTags("Selections");
        selections.MapPost("/", Create)
            .WithName("CreateSelection").WithSummary("Keep a selection: from indices, a bit mask, or other selections")
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxJsonBytes))
            .ProducesRefusals(404, 409, 413, 422);
        selections.MapGet("/", List).WithName("ListSelections").WithSummary("The scene's selections, newest first").ProducesRefusals(404);
        selections.MapGet("/{selectionId:guid}", Get)
            .WithName("GetSelection")
            .WithSummary("One selection: with its indices as JSON, or its bit mask as application/octet-stream")
            .Produces<SelectionResponse>().ProducesRefusals(404);
        selections.MapPatch("/{selectionId:guid}", Change)
            .WithName("ChangeSelection").WithSummary("Rename, colour, hide or show a selection; what is not given stays")
            .ProducesRefusals(404, 422);
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
            .WithName("DeleteSelection").WithSummary("Forget a selection").ProducesRefusals(404);
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
        ?? throw NotFound(sceneId, selectionId);

    private static async Task<Created<SelectionResponse>> Create(
        Guid sceneId, SelectionRequest request, SagaDbContext db, CancellationToken cancellationToken)
    {
        request.Check();
        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        if (scene.GaussianCount == 0)
        {
            throw RefusedException.Conflict(ProblemCodes.SceneEmpty, "The scene has no Gaussians to select from yet.");
        }

        GaussianSelection selection = request switch
        {
            { Indices: { } indices } => SelectionAlgebra.FromIndices(indices, scene.GaussianCount),
            { Bitmask: { } bitmask } => SelectionAlgebra.FromBitmask(bitmask, scene.GaussianCount),
            _ => await CombineAsync(db, scene, request.From!, cancellationToken),
        };

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
        await InsertAsync(db, scene, record, cancellationToken);
        return TypedResults.Created(
            $"/api/v1/scenes/{sceneId}/selections/{record.Id}",
            SelectionResponse.From(record));
    }

    /// <summary>Keeps a selection only while its scene still has the Gaussians whose indices it names.</summary>
    private static async Task InsertAsync(
        SagaDbContext db, SceneRecord scene, SelectionRecord record, CancellationToken cancellationToken)
    {
        Guid gaussians = scene.Assets.Single(asset => asset.Kind == AssetKind.Gaussians).Id;
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // Changes nothing, but holds the scene's row: who replaces the Gaussians comes before this or after it, not between.
        int unchanged = await db.Scenes.Where(s => s.Id == scene.Id && s.Assets.Any(asset => asset.Id == gaussians))
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.UpdatedAt, x => x.UpdatedAt), cancellationToken);
        if (unchanged == 0)
        {
            throw RefusedException.Conflict(
                ProblemCodes.SceneChanged,
                "The scene was deleted or its Gaussians were replaced meanwhile; the selection means others now.");
        }

        db.Selections.Add(record);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
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
            .Select(s => new SelectionResponse(s.Id, s.SceneId, s.Name, s.GaussianCount, s.SelectedCount, s.CreatedAt, s.Color, s.Hidden, null))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new Page<SelectionResponse>(items, asked.Number, asked.Size, total));
    }

    private static async Task<IResult> Get(
        Guid sceneId, Guid selectionId, HttpContext context, SagaDbContext db, CancellationToken cancellationToken)
    {
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        if (Negotiation.Prefers(context.Request, "application/octet-stream", over: "application/json"))
        {
            SelectionHeaders.Write(context.Response, selection);
            return TypedResults.Bytes(selection.Bits, "application/octet-stream");
        }

        return TypedResults.Ok(SelectionResponse.From(record, new SelectionIndices(selection)));
    }

    private static async Task<Ok<SelectionResponse>> Change(
        Guid sceneId, Guid selectionId, SelectionPatch patch, SagaDbContext db, CancellationToken cancellationToken)
    {
        patch.Check();
        string? name = patch.Name?.Trim();
        string? color = patch.Color?.ToLowerInvariant();

        // One statement: two people may change different things at once.
        await db.Selections.Where(s => s.Id == selectionId && s.SceneId == sceneId).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Name, x => name ?? x.Name)
                .SetProperty(x => x.Color, x => color ?? x.Color)
                .SetProperty(x => x.Hidden, x => patch.Hidden ?? x.Hidden),
            cancellationToken);
        return TypedResults.Ok(await db.Selections.AsNoTracking()
            .Where(s => s.Id == selectionId && s.SceneId == sceneId)
            .Select(s => new SelectionResponse(
                s.Id, s.SceneId, s.Name, s.GaussianCount, s.SelectedCount, s.CreatedAt, s.Color, s.Hidden, null))
            .SingleOrDefaultAsync(cancellationToken) ?? throw NotFound(sceneId, selectionId));
    }

    private static async Task<NoContent> Delete(
        Guid sceneId, Guid selectionId, SagaDbContext db, CancellationToken cancellationToken)
    {
        int deleted = await db.Selections
            .Where(s => s.Id == selectionId && s.SceneId == sceneId).ExecuteDeleteAsync(cancellationToken);
        return deleted > 0 ? TypedResults.NoContent() : throw NotFound(sceneId, selectionId);
    }

    private static async Task<GaussianSelection> CombineAsync(
        SagaDbContext db, SceneRecord scene, CombinationRequest from, CancellationToken cancellationToken)
    {
        if (from.Of is null || from.Of.Count > MaxCombined)
        {
            throw SelectionRequest.Invalid($"from.of lists the ids of 1 to {MaxCombined} selections.");
        }

        var masks = new List<byte[]>();
        foreach (Guid id in from.Of)
        {
            masks.Add((await db.RequireSelectionAsync(scene.Id, id, cancellationToken)).Bits.ToArray());
        }

        return SelectionAlgebra.Combine(from.Op, masks, scene.GaussianCount);
    }

    private static RefusedException NotFound(Guid sceneId, Guid selectionId) => RefusedException.NotFound(
        ProblemCodes.SelectionNotFound, $"Scene {sceneId} has no selection {selectionId}; GET its /selections lists them.");
}
