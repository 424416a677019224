using System.Diagnostics;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Observability;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Segmentation;
using Saga.Api.Selections;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Segmentation;

namespace Saga.Api.Text;

internal static class TextEndpoints
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";
    private const int MatchesShown = 20;

    public static void MapText(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/scenes/{sceneId:guid}/text", Find)
            .OnlyReads()
            .WithName("FindByText").WithTags("Prompts")
            .WithSummary("Select the Gaussians that a text describes")
            .WithDescription(
                "Needs a CLIP model in the service's model folder (./run models says how) and a finished job of kind vocabulary. As JSON, or "
                + "with Accept: application/octet-stream as a bit mask like /segment's.")
            .Produces<TextResponse>()
            .ProducesRefusals(404, 409, 422, 503);

    private static async Task<IResult> Find(
        Guid sceneId,
        TextRequest request,
        HttpContext context,
        SceneCatalog catalog,
        ViewCatalog views,
        ResidentScenes scenes,
        TextModel model,
        WorkQueues queues,
        PromptMetrics metrics,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        request.Check();
        ClipModel clip = model.Require();
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        using ResidentLease<PromptScene> prompts = await scenes.AcquirePromptsAsync(scene, cancellationToken);
        using ResidentLease<SceneVocabulary> vocabulary = await scenes.AcquireVocabularyAsync(scene, clip.Fingerprint, cancellationToken);
        if (request.View is { } view)
        {
            await views.RequireViewAsync(scene, view, cancellationToken);
        }

        IReadOnlyList<TextMatch> matches;
        GaussianSelection selection;
        TimeSpan textTime;
        TimeSpan matchTime;
        using (await queues.Prompts.EnterAsync(cancellationToken))
        {
            long mark = Stopwatch.GetTimestamp();
            float[] text = model.Encode(clip, request.Text!.Trim());
            textTime = Stopwatch.GetElapsedTime(mark);
            mark = Stopwatch.GetTimestamp();
            matches = VocabularySearch.Find(vocabulary.Value.Vocabulary, text, clip.Negatives, request.View);
            selection = Select(prompts.Value.Segmenter, vocabulary.Value.Vocabulary, matches, cancellationToken);
            matchTime = Stopwatch.GetElapsedTime(mark);
        }

        var timings = new TextTimings(
            prompts.LoadMs + vocabulary.LoadMs, textTime.TotalMilliseconds, matchTime.TotalMilliseconds,
            Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        metrics.Record("text", new SegmentTimings(timings.LoadMs, timings.TextMs, timings.MatchMs, timings.TotalMs));
        SelectionHeaders.Write(context.Response, selection);
        if (Negotiation.Prefers(context.Request, Bytes, over: Json))
        {
            return TypedResults.Bytes(selection.Bits, Bytes);
        }

        MaskVocabulary masks = vocabulary.Value.Vocabulary;
        return TypedResults.Ok(new TextResponse(
            selection.GaussianCount,
            selection.SelectedCount,
            new SelectionIndices(selection),
            [
                .. matches.Take(MatchesShown).Select(match => new TextMatchResponse(
                    match.Score, match.MaskCount, masks.Views[match.BestMask], masks.Quantiles[match.BestMask], match.BestScore, match.Chosen)),
            ],
            timings));
    }

    /// <summary>The union of what the chosen clusters' best masks select at their scales.</summary>
    private static GaussianSelection Select(
        PromptSegmenter segmenter, MaskVocabulary vocabulary, IReadOnlyList<TextMatch> matches, CancellationToken cancellationToken)
    {
        byte[] bits = new byte[(segmenter.FileGaussianCount + 7) / 8];
        foreach (TextMatch match in matches.Where(match => match.Chosen))
        {
            int dimension = vocabulary.FeatureDimension;
            float[] feature = vocabulary.Queries[(match.BestMask * dimension)..((match.BestMask + 1) * dimension)];
            using GaussianSelection found = segmenter.Segment(
                [new QueryFeature(feature, 1, 0, [])], [], vocabulary.Quantiles[match.BestMask], VocabularySearch.MinCosine,
                cancellationToken: cancellationToken).Selection;
            ReadOnlySpan<byte> more = found.Bits.Span;
            for (int b = 0; b < bits.Length; b++)
            {
                bits[b] |= more[b];
            }
        }

        return new GaussianSelection(bits, segmenter.FileGaussianCount);
    }
}
