using System.Diagnostics;
using System.Globalization;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Clustering;
using Saga.Engine.Segmentation;
using Saga.Persistence;

namespace Saga.Api.Decomposition;

internal static class DecomposeEndpoints
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";

    public static void MapDecomposition(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder scene = routes.MapGroup("/scenes/{sceneId:guid}/decompose").WithTags("Clusters");
        scene.MapPost("/", Decompose)
            .OnlyReads()
            .WithName("Decompose")
            .WithSummary("Take the scene, or a selection, apart into what there is at a scale")
            .WithDescription(
                "Clusters by HDBSCAN among a sample's features, then every Gaussian to the cluster it is most like. As JSON the clusters, "
                + "largest first; with Accept: application/octet-stream the labels, 2N bytes: uint16, little-endian, one per record of the "
                + "uploaded file, 65535 where a record belongs to none. Both come from one computation.")
            .Produces<DecomposeResponse>()
            .ProducesRefusals(404, 409, 422, 503);
        scene.MapPost("/tree", Tree)
            .OnlyReads()
            .WithName("DecomposeTree")
            .WithSummary("Take the scene apart at several scales, and say what is part of what")
            .WithDescription("A cluster's parent is the cluster at the next coarser scale that has most of its Gaussians.")
            .Produces<ClusterTreeResponse>()
            .ProducesRefusals(404, 409, 422, 503);
    }

    private static async Task<IResult> Decompose(
        Guid sceneId,
        DecomposeRequest request,
        HttpContext context,
        SceneCatalog catalog,
        ResidentScenes scenes,
        WorkQueues queues,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        var question = new DecompositionQuestion(request.ToOptions(), await SelectionAsync(db, sceneId, request.Within, cancellationToken));
        ResidentLease<ClusteredScene> clusters = await scenes.AcquireClustersAsync(
            scene, question, queues.Decompositions, cancellationToken);
        context.Response.RegisterForDispose(clusters);
        SceneDecomposition found = clusters.Value.Found;
        context.Response.Headers["Server-Timing"] = FormattableString.Invariant(
            $"cluster;dur={clusters.LoadMs:0.###}, total;dur={Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.###}");
        context.Response.Headers["X-Gaussian-Count"] = found.Labels.Length.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Cluster-Count"] = found.Clusters.Count.ToString(CultureInfo.InvariantCulture);
        return Negotiation.Prefers(context.Request, Bytes, over: Json)
            ? new LabelBytes(found.Labels)
            : TypedResults.Ok(DecomposeResponse.Of(question.Options, found));
    }

    private static async Task<IResult> Tree(
        Guid sceneId,
        ClusterTreeRequest request,
        HttpContext context,
        SceneCatalog catalog,
        ResidentScenes scenes,
        WorkQueues queues,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        IReadOnlyList<DecompositionOptions> options = request.ToOptions();
        GaussianSelection? within = await SelectionAsync(db, sceneId, request.Within, cancellationToken);
        var levels = new List<SceneDecomposition>();
        foreach (DecompositionOptions level in options)
        {
            // One after the other: the next level finds the cores free.
            ResidentLease<ClusteredScene> clusters = await scenes.AcquireClustersAsync(
                scene, new DecompositionQuestion(level, within), queues.Decompositions, cancellationToken);
            context.Response.RegisterForDispose(clusters);
            levels.Add(clusters.Value.Found);
        }

        context.Response.Headers["Server-Timing"] = FormattableString.Invariant(
            $"total;dur={Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.###}");
        return TypedResults.Ok(ClusterTreeResponse.Of(options, levels));
    }

    private static async Task<GaussianSelection?> SelectionAsync(
        SagaDbContext db, Guid sceneId, Guid? selectionId, CancellationToken cancellationToken) =>
        selectionId is { } id ? await db.RequireSelectionAsync(sceneId, id, cancellationToken) : null;
}
