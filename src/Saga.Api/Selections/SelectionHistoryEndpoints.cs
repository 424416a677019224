using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>Changing the members of a kept selection, and going back and forth between what they were.</summary>
internal static class SelectionHistoryEndpoints
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";

    private const string Concurrency =
        "With If-Match only the version that it names is changed, else the answer is 412 selection-changed; without it the change is made "
        + "to whatever is there now. Answers the selection without its indices, or with Accept: application/octet-stream its bit mask.";

    public static void MapSelectionHistory(this RouteGroupBuilder selections, LimitOptions limits)
    {
        selections.MapPut("/{selectionId:guid}", Replace)
            .WithName("ReplaceSelection").WithSummary("Give a selection other members, as a new revision")
            .WithDescription("Name, colour and whether it is hidden stay. " + Concurrency)
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxJsonBytes))
            .Produces<SelectionResponse>().ProducesRefusals(400, 404, 409, 412, 413, 422, 503);
        selections.MapPost("/{selectionId:guid}/edit", Edit)
            .WithName("EditSelection")
            .WithSummary("Change a selection's members: combine, invert, grow, shrink, keep pieces, remove floaters")
            .WithDescription("An edit that changes nothing makes no revision. " + Concurrency)
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxJsonBytes))
            .Produces<SelectionResponse>().ProducesRefusals(400, 404, 409, 412, 413, 422, 503);
        selections.MapPost("/edit", EditMembers)
            .WithName("EditMembers")
            .WithSummary("What an edit would make of members, kept nowhere")
            .WithDescription("Answers the members, or with Accept: application/octet-stream their bit mask.")
            .WithMetadata(new RequestSizeLimitAttribute(limits.MaxJsonBytes))
            .Produces<MembersResponse>().ProducesRefusals(400, 404, 409, 413, 422, 503);
        selections.MapPost("/{selectionId:guid}/undo", Undo)
            .WithName("UndoSelection").WithSummary("Bring back the members of the revision before")
            .WithDescription("409 nothing-to-undo at the oldest kept revision. " + Concurrency)
            .Produces<SelectionResponse>().ProducesRefusals(400, 404, 409, 412);
        selections.MapPost("/{selectionId:guid}/redo", Redo)
            .WithName("RedoSelection").WithSummary("Bring back the members that were undone last")
            .WithDescription("409 nothing-to-redo at the newest revision. " + Concurrency)
            .Produces<SelectionResponse>().ProducesRefusals(400, 404, 409, 412);
        selections.MapGet("/{selectionId:guid}/revisions", Revisions)
            .WithName("ListSelectionRevisions").WithSummary("The states that a selection's members were in, newest first")
            .WithDescription(
                $"At most {SelectionStore.MaxRevisions} are kept; the oldest leave. What was undone is listed until the next change.")
            .ProducesRefusals(404);
    }

    private static async Task<IResult> Replace(
        Guid sceneId, Guid selectionId, MembersRequest request, HttpContext context, SelectionStore store,
        [AsParameters] SelectionOperations operations, CancellationToken cancellationToken)
    {
        request.Check();
        return await ReviseAsync(
            sceneId, selectionId, context, store, operations, "replace",
            (scene, _, token) => operations.MakeAsync(scene, request, token), cancellationToken);
    }

    private static async Task<IResult> Edit(
        Guid sceneId, Guid selectionId, EditRequest request, HttpContext context, SelectionStore store,
        [AsParameters] SelectionOperations operations, CancellationToken cancellationToken)
    {
        request.Check();
        return await ReviseAsync(
            sceneId, selectionId, context, store, operations, request.Op!,
            (scene, selection, token) => operations.EditAsync(scene, selection, request, token), cancellationToken);
    }

    private static async Task<IResult> EditMembers(
        Guid sceneId, MembersEditRequest request, HttpContext context, [AsParameters] SelectionOperations operations,
        CancellationToken cancellationToken)
    {
        request.Check();
        var scene = SceneSnapshot.From(await operations.Db.RequireSceneAsync(sceneId, cancellationToken));
        GaussianSelection members = await operations.MakeAsync(scene, request.Members!, cancellationToken);
        GaussianSelection edited = await operations.EditAsync(scene, members, request, cancellationToken);
        SelectionHeaders.Write(context.Response, edited);
        return Negotiation.Prefers(context.Request, Bytes, over: Json)
            ? TypedResults.Bytes(edited.Bits, Bytes)
            : TypedResults.Ok(new MembersResponse(edited.GaussianCount, edited.SelectedCount, new SelectionIndices(edited)));
    }

    private static async Task<IResult> ReviseAsync(
        Guid sceneId, Guid selectionId, HttpContext context, SelectionStore store, SelectionOperations operations, string operation,
        Func<SceneSnapshot, GaussianSelection, CancellationToken, Task<GaussianSelection>> make, CancellationToken cancellationToken)
    {
        ExpectedVersion expected = SelectionTags.Expected(context.Request);

        // The scene first: who replaces its Gaussians deletes its selections, so a selection that is there fits.
        var scene = SceneSnapshot.From(await operations.Db.RequireSceneAsync(sceneId, cancellationToken));
        SelectionWrite write = await store.ReviseAsync(sceneId, selectionId, expected, operation, ReviseAsync, cancellationToken);
        return Answer(context, SelectionTags.Require(write, sceneId, selectionId));

        async Task<byte[]> ReviseAsync(SelectionRecord now, CancellationToken token) =>
            (await make(scene, new GaussianSelection(now.Bits, now.GaussianCount), token)).Bits.ToArray();
    }

    private static async Task<IResult> Undo(
        Guid sceneId, Guid selectionId, HttpContext context, SelectionStore store, CancellationToken cancellationToken)
    {
        SelectionWrite write = await store.UndoAsync(sceneId, selectionId, SelectionTags.Expected(context.Request), cancellationToken);
        return Answer(context, SelectionTags.Require(write, sceneId, selectionId, ProblemCodes.NothingToUndo));
    }

    private static async Task<IResult> Redo(
        Guid sceneId, Guid selectionId, HttpContext context, SelectionStore store, CancellationToken cancellationToken)
    {
        SelectionWrite write = await store.RedoAsync(sceneId, selectionId, SelectionTags.Expected(context.Request), cancellationToken);
        return Answer(context, SelectionTags.Require(write, sceneId, selectionId, ProblemCodes.NothingToRedo));
    }

    private static async Task<Ok<IReadOnlyList<RevisionResponse>>> Revisions(
        Guid sceneId, Guid selectionId, SagaDbContext db, CancellationToken cancellationToken)
    {
        // One statement, so that the list and its current state belong together.
        List<RevisionResponse> revisions = await db.Selections.Where(s => s.Id == selectionId && s.SceneId == sceneId)
            .Join(db.SelectionRevisions, s => s.Id, r => r.SelectionId, (s, r) => new { s, r })
            .OrderByDescending(pair => pair.r.Number)
            .Select(pair => new RevisionResponse(
                pair.r.Number, pair.r.Operation, pair.r.SelectedCount, pair.r.CreatedAt, pair.r.Number == pair.s.Revision))
            .ToListAsync(cancellationToken);
        return revisions.Count > 0
            ? TypedResults.Ok<IReadOnlyList<RevisionResponse>>(revisions)
            : throw SelectionTags.NotFound(sceneId, selectionId);
    }

    private static IResult Answer(HttpContext context, SelectionRecord record)
    {
        SelectionTags.Write(context.Response, record);
        if (Negotiation.Prefers(context.Request, Bytes, over: Json))
        {
            var selection = new GaussianSelection(record.Bits, record.GaussianCount);
            SelectionHeaders.Write(context.Response, selection);
            return TypedResults.Bytes(selection.Bits, Bytes);
        }

        return TypedResults.Ok(SelectionResponse.From(record));
    }
}
