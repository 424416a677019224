using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Cameras;
using Saga.Engine.Segmentation;
using Saga.Persistence;

namespace Saga.Api.Segmentation;

internal static class SegmentEndpoints
{
    private const string Json = "application/json";
    private const string Bits = "application/octet-stream";

    public static void MapSegmentation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/scenes/{sceneId:guid}/segment", Segment)
            .WithName("Segment").WithTags("Prompts")
            .WithSummary("Select the Gaussians that belong to the prompted object")
            .WithDescription(
                "As JSON, or with Accept: application/octet-stream as ⌈N/8⌉ bytes: Gaussian i at byte i/8, bit i%8, least significant first.")
            .Produces<SegmentResponse>()
            .ProducesRefusals(404, 409, 422, 503);

    private static async Task<IResult> Segment(
        Guid sceneId,
        SegmentRequest request,
        HttpContext context,
        SceneCatalog catalog,
        ViewCatalog views,
        ResidentScenes scenes,
        WorkQueues queues,
        IDbContextFactory<SagaDbContext> contexts,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        request.Check();
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        using ResidentLease<PromptScene> resident = await scenes.AcquirePromptsAsync(scene, cancellationToken);
        PinholeCamera camera = request.Camera?.ToCamera()
            ?? (await views.RequireViewAsync(scene, request.View!.Value, cancellationToken)).Camera;
        GaussianSelection? within = request.Within is { } id
            ? await FindSelectionAsync(contexts, sceneId, id, cancellationToken)
            : null;

        PromptSegmenter segmenter = resident.Value.Segmenter;
        PointPrompt prompt = request.ToPrompt(camera, segmenter.Quantiles, within);
        PromptResult result;
        using (await queues.Prompts.EnterAsync(cancellationToken))
        {
            result = segmenter.Segment(prompt, queues.Prompts.FairThreads, cancellationToken);
        }

        // Its memory serves the next prompt, once the answer is sent.
        context.Response.RegisterForDispose(result.Selection);
        var timings = new SegmentTimings(
            resident.LoadMs,
            result.FeatureTime.TotalMilliseconds,
            result.MatchTime.TotalMilliseconds,
            Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        context.Response.Headers["Server-Timing"] = timings.ToServerTiming();
        SelectionHeaders.Write(context.Response, result.Selection);
        return Negotiation.Prefers(context.Request, Bits, over: Json)
            ? TypedResults.Bytes(result.Selection.Bits, Bits)
            : TypedResults.Ok(ToResponse(request, prompt, result, timings));
    }

    private static async Task<GaussianSelection> FindSelectionAsync(
        IDbContextFactory<SagaDbContext> contexts, Guid sceneId, Guid selectionId, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.RequireSelectionAsync(sceneId, selectionId, cancellationToken);
    }

    private static SegmentResponse ToResponse(
        SegmentRequest request, PointPrompt prompt, PromptResult result, SegmentTimings timings) => new(
        result.Selection.GaussianCount,
        result.Selection.SelectedCount,
        new SelectionIndices(result.Selection),
        prompt.Quantile,
        request.Threshold ?? PointPrompt.DefaultThreshold,
        [.. request.Points!.Zip(result.Points, (point, feature) => new PointFeatureResponse(point!.X!.Value, point.Y!.Value, feature.Alpha))],
        timings);
}
