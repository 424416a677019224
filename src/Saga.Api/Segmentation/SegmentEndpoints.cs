using System.Diagnostics;
using System.Globalization;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Selections;
using Saga.Engine.Segmentation;

namespace Saga.Api.Segmentation;

internal static class SegmentEndpoints
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";

    public static void MapSegmentation(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder scene = routes.MapGroup("/scenes/{sceneId:guid}").WithTags("Prompts");
        scene.MapPost("/segment", Segment)
            .OnlyReads()
            .WithName("Segment")
            .WithSummary("Select the Gaussians that belong to the prompted object")
            .WithDescription(
                "As JSON, or with Accept: application/octet-stream as ⌈N/8⌉ bytes: Gaussian i at byte i/8, bit i%8, least significant first. "
                + "Without scale and scaleWorld, the scale is that of the most stable candidate that is not most of the scene; scale, or the header X-Scale, says which. "
                + "The header X-Point-Positions has the world position of the surface under each point, [[x,y,z],…].")
            .Produces<SegmentResponse>()
            .ProducesRefusals(404, 409, 422, 503);
        scene.MapPost("/segment/candidates", Candidates)
            .OnlyReads()
            .WithName("SegmentCandidates")
            .WithSummary("The granularities that a prompt without a scale may mean, from fine to coarse")
            .WithDescription(
                "The body of /segment; scale and scaleWorld play no part. At most five selections that differ, each with the scale that "
                + "/segment answers with it and the range of scales that it stands for; the most stable one that is not most of the scene is the best guess.")
            .Produces<CandidatesResponse>()
            .ProducesRefusals(404, 409, 422, 503);
        scene.MapPost("/similarity", Similarity)
            .OnlyReads()
            .WithName("Similarity")
            .WithSummary("How similar every Gaussian is to the prompt, one byte each")
            .WithDescription(
                "The body of /segment; threshold and connected play no part. N bytes in the order of the uploaded file: 255·max(0, greatest "
                + "cosine with a positive point), rounded; 0 for Gaussians that a negative point is nearer to and for records that were "
                + "left out. A threshold t of /segment selects the bytes from about 255·t. The header X-Scale says the scale that was used.")
            .Produces<Stream>(contentType: Bytes)
            .ProducesRefusals(404, 409, 422, 503);
    }

    private static async Task<IResult> Segment(
        Guid sceneId,
        SegmentRequest request,
        HttpContext context,
        [AsParameters] PromptPreparation preparation,
        WorkQueues queues,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using PreparedPrompt prepared = await preparation.PrepareAsync(sceneId, request, cancellationToken);
        PointPrompt prompt;
        TimeSpan scaleTime;
        PromptResult result;
        using (await queues.Prompts.EnterAsync(cancellationToken))
        {
            (prompt, scaleTime) = prepared.AtScale(queues.Prompts.FairThreads, cancellationToken);
            result = prepared.Segmenter.Segment(prompt, queues.Prompts.FairThreads, cancellationToken);
        }

        // Its memory serves the next prompt, once the answer is sent.
        context.Response.RegisterForDispose(result.Selection);
        SegmentTimings timings = Timings(prepared, result.FeatureTime, scaleTime + result.MatchTime, started);
        preparation.Metrics.Record("segment", timings);
        context.Response.Headers["Server-Timing"] = timings.ToServerTiming();
        SelectionHeaders.Write(context.Response, result.Selection);
        if (Negotiation.Prefers(context.Request, Bytes, over: Json))
        {
            WriteHeaders(context.Response, prompt, result.Points);
            return TypedResults.Bytes(result.Selection.Bits, Bytes);
        }

        return TypedResults.Ok(new SegmentResponse(
            result.Selection.GaussianCount,
            result.Selection.SelectedCount,
            new SelectionIndices(result.Selection),
            prompt.Quantile,
            request.Threshold ?? PointPrompt.DefaultThreshold,
            PointFeatureResponse.Of(request, prompt, result.Points),
            timings));
    }

    private static async Task<IResult> Candidates(
        Guid sceneId,
        SegmentRequest request,
        HttpContext context,
        [AsParameters] PromptPreparation preparation,
        WorkQueues queues,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using PreparedPrompt prepared = await preparation.PrepareAsync(sceneId, request, cancellationToken);
        CandidatesResult result;
        using (await queues.Prompts.EnterAsync(cancellationToken))
        {
            result = prepared.Segmenter.Candidates(prepared.Prompt, queues.Prompts.FairThreads, cancellationToken);
        }

        SegmentTimings timings = Timings(prepared, result.FeatureTime, result.MatchTime, started);
        preparation.Metrics.Record("candidates", timings);
        context.Response.Headers["Server-Timing"] = timings.ToServerTiming();
        return TypedResults.Ok(new CandidatesResponse(
            prepared.Segmenter.FileGaussianCount,
            request.Threshold ?? PointPrompt.DefaultThreshold,
            [.. result.Candidates.Select(c => new CandidateResponse(
                c.Quantile, c.FirstQuantile, c.LastQuantile, c.SelectedCount, c.Stability))],
            PointFeatureResponse.Of(request, prepared.Prompt, result.Points),
            timings));
    }

    private static async Task<IResult> Similarity(
        Guid sceneId,
        SegmentRequest request,
        HttpContext context,
        [AsParameters] PromptPreparation preparation,
        WorkQueues queues,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        using PreparedPrompt prepared = await preparation.PrepareAsync(sceneId, request, cancellationToken);
        PointPrompt prompt;
        TimeSpan scaleTime;
        SimilarityResult result;
        using (await queues.Prompts.EnterAsync(cancellationToken))
        {
            (prompt, scaleTime) = prepared.AtScale(queues.Prompts.FairThreads, cancellationToken);
            result = prepared.Segmenter.Similarities(prompt, queues.Prompts.FairThreads, cancellationToken);
        }

        context.Response.RegisterForDispose(result.Map);
        SegmentTimings timings = Timings(prepared, result.FeatureTime, scaleTime + result.MatchTime, started);
        preparation.Metrics.Record("similarity", timings);
        context.Response.Headers["Server-Timing"] = timings.ToServerTiming();
        context.Response.Headers["X-Gaussian-Count"] = result.Map.GaussianCount.ToString(CultureInfo.InvariantCulture);
        WriteHeaders(context.Response, prompt, result.Points);
        return TypedResults.Bytes(result.Map.Values, Bytes);
    }

    /// <summary>Says what JSON would, for answers that are bytes.</summary>
    private static void WriteHeaders(HttpResponse response, PointPrompt prompt, IReadOnlyList<QueryFeature> points)
    {
        response.Headers["X-Scale"] = prompt.Quantile.ToString("R", CultureInfo.InvariantCulture);
        PointFeatureResponse.WriteHeader(response, prompt, points);
    }

    private static SegmentTimings Timings(PreparedPrompt prepared, TimeSpan featureTime, TimeSpan matchTime, long started) => new(
        prepared.Resident.LoadMs,
        featureTime.TotalMilliseconds,
        matchTime.TotalMilliseconds,
        Stopwatch.GetElapsedTime(started).TotalMilliseconds);
}
