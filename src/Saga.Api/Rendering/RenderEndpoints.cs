using Saga.Api.Decomposition;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Segmentation;
using Saga.Persistence;

namespace Saga.Api.Rendering;

internal static class RenderEndpoints
{
    private const string Png = "image/png";
    private const string Jpeg = "image/jpeg";

    public static void MapRendering(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder scene = routes.MapGroup("/scenes/{sceneId:guid}").WithTags("Pictures");
        scene.MapGet("/render", Render)
            .WithName("Render")
            .WithSummary("Draw the scene as PNG, or as JPEG with Accept: image/jpeg")
            .WithDescription(
                "view is an index, or camera is JSON; mode is rgb (default), depth, alpha, features, clusters (what /decompose "
                + "finds at scale, 0.5 unless given) or selection.")
            .Produces<Stream>(contentType: Png, additionalContentTypes: Jpeg)
            .ProducesRefusals(404, 409, 422, 503);
        scene.MapMaskArchive();
        scene.MapGet("/views/{index:int}/mask", Mask)
            .WithName("RenderMask")
            .WithSummary("A selection's 2D mask in a view: Σ w·selected ≥ 0.5, as 1-bit PNG")
            .Produces<Stream>(contentType: Png)
            .ProducesRefusals(404, 409, 422, 503);
    }

    private static async Task<IResult> Render(
        Guid sceneId,
        [AsParameters] RenderRequest request,
        HttpContext context,
        SceneCatalog catalog,
        ViewCatalog views,
        ResidentScenes scenes,
        WorkQueues queues,
        SagaOptions options,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        RenderMode mode = request.ParseMode();
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        PinholeCamera camera = await request.CameraAsync(scene, views, options.Limits.MaxPicturePixels, cancellationToken);
        GaussianSelection? selection = mode == RenderMode.Selection
            ? await db.RequireSelectionAsync(sceneId, request.Selection!.Value, cancellationToken)
            : null;

        using ResidentLease<PictureScene> pictures = await scenes.AcquirePicturesAsync(scene, cancellationToken);
        using ResidentLease<FeatureColors>? colors = mode == RenderMode.Features
            ? await scenes.AcquireFeatureColorsAsync(scene, cancellationToken)
            : null;
        using ResidentLease<ClusteredScene>? clusters = mode == RenderMode.Clusters
            ? await scenes.AcquireClustersAsync(
                scene, new DecompositionQuestion(DecompositionDefaults.With(request.Scale, null, null, null), Within: null),
                queues.Decompositions, cancellationToken)
            : null;
        RgbImage image;
        using (await queues.Pictures.EnterAsync(cancellationToken))
        {
            image = await Task.Run(
                () => Draw(mode, pictures.Value, camera, selection, colors?.Value, clusters?.Value, cancellationToken), cancellationToken);
        }

        return Negotiation.Prefers(context.Request, Jpeg, over: Png)
            ? TypedResults.Bytes(ImageFile.EncodeJpeg(image), Jpeg)
            : TypedResults.Bytes(ImageFile.EncodePng(image), Png);
    }

    private static RgbImage Draw(
        RenderMode mode,
        PictureScene pictures,
        PinholeCamera camera,
        GaussianSelection? selection,
        FeatureColors? colors,
        ClusteredScene? clusters,
        CancellationToken cancellationToken) => mode switch
        {
            RenderMode.Depth => Pictures.Depth(pictures.Rasterizer, camera, cancellationToken),
            RenderMode.Alpha => Pictures.Alpha(pictures.Rasterizer, camera, cancellationToken),
            RenderMode.Features => Pictures.Colored(pictures.Rasterizer, camera, colors!.Rgb, cancellationToken),
            RenderMode.Selection => Pictures.Selected(pictures.Rasterizer, pictures.Scene, selection!, camera, cancellationToken),
            RenderMode.Clusters => Pictures.Clustered(
                pictures.Rasterizer, camera, ClusterColors.Of(pictures.Scene, clusters!.Found), cancellationToken),
            _ => Pictures.Rgb(pictures.Rasterizer, camera, cancellationToken),
        };

    private static async Task<IResult> Mask(
        Guid sceneId,
        int index,
        Guid? selection,
        SceneCatalog catalog,
        ViewCatalog views,
        ResidentScenes scenes,
        WorkQueues queues,
        SagaOptions options,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        Guid selectionId = selection ?? throw RefusedException.Unprocessable(
            ProblemCodes.InvalidPicture, "No selection is given; add selection=<id>.");
        PinholeCamera camera = await new RenderRequest(index, null, null, null, null)
            .CameraAsync(scene, views, options.Limits.MaxPicturePixels, cancellationToken);
        GaussianSelection selected = await db.RequireSelectionAsync(sceneId, selectionId, cancellationToken);
        using ResidentLease<PictureScene> pictures = await scenes.AcquirePicturesAsync(scene, cancellationToken);
        using (await queues.Pictures.EnterAsync(cancellationToken))
        {
            byte[] mask = await Task.Run(
                () => Pictures.Mask(pictures.Value.Rasterizer, pictures.Value.Scene, selected, camera, cancellationToken),
                cancellationToken);
            return TypedResults.Bytes(ImageFile.EncodePngBinary(camera.Width, camera.Height, mask), Png);
        }
    }
}
