using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Persistence.Files;

namespace Saga.Api.Rendering;

/// <summary>GET /views/{index}/photo: what the camera of a view saw.</summary>
internal static class PhotoEndpoint
{
    private const string Jpeg = "image/jpeg";

    public static void MapPhoto(this IEndpointRouteBuilder scene) =>
        scene.MapGet("/views/{index:int}/photo", Get)
            .WithName("GetPhoto")
            .WithSummary("The photo of a view as JPEG, upright, straightened where its lens bends lines, made smaller to the width asked for")
            .WithDescription("width is 1 to 16384 pixels, the view's own unless given; a smaller photo keeps its size. Answers If-None-Match.")
            .Produces<Stream>(contentType: Jpeg)
            .Produces(StatusCodes.Status304NotModified)
            .ProducesRefusals(404, 422, 503);

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult>> Get(
        Guid sceneId,
        int index,
        int? width,
        HttpContext context,
        SceneCatalog catalog,
        ViewCatalog views,
        FileStore store,
        WorkQueues queues,
        CancellationToken cancellationToken)
    {
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        SceneView view = await views.RequireViewAsync(scene, index, cancellationToken);
        SceneFile file = scene.Images is { } images && (await views.PhotosAsync(images, cancellationToken)).Has(view)
            ? images
            : throw RefusedException.NotFound(ProblemCodes.AssetMissing, scene.Images is null
                ? $"The scene has no photos; PUT a zip of them to /api/v1/scenes/{sceneId}/images."
                : $"There is no photo of view {index}: none of the uploaded ones is named «{LogText.Clean(view.Name)}».");
        int wanted = WidthOf(width, view.Camera);

        // Files never change, so what a photo looks like follows from which files the scene consists of.
        var tag = new EntityTagHeaderValue($"\"{file.Sha256}-{scene.Cameras!.Sha256[..16]}-{index}-{wanted}\"");
        context.Response.Headers.CacheControl = "private, no-cache";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
        {
            // Answered before anything is decoded.
            context.Response.GetTypedHeaders().ETag = tag;
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        using (await queues.Pictures.EnterAsync(cancellationToken))
        {
            using LocalFile photos = await store.OpenAsync(file.Key, cancellationToken);
            byte[] jpeg = await Task.Run(() => Shrink(PhotoIndex.Read(photos.Path, view), view, wanted), cancellationToken);
            return TypedResults.Bytes(jpeg, Jpeg, entityTag: tag);
        }
    }

    private static int WidthOf(int? asked, PinholeCamera camera)
    {
        int width = asked ?? camera.Width;
        return width is >= 1 and <= PinholeCamera.MaxSide ? width : throw RefusedException.Unprocessable(
            ProblemCodes.InvalidPicture, $"width is {width}; it is 1 to {PinholeCamera.MaxSide} pixels.");
    }

    // As the view's camera sees: a photo of a lens that bends lines is straightened, or it would not lie on what is drawn.
    private static byte[] Shrink(byte[] photo, SceneView view, int width)
    {
        ImageInfo info = ImageFile.Inspect(photo);
        int longSide = (int)Math.Clamp((long)width * Math.Max(info.Width, info.Height) / info.Width, 1, PinholeCamera.MaxSide);
        return ImageFile.EncodeJpeg(view.Lens is not null && ViewPhoto.Fits(info, view)
            ? ViewPhoto.Decode(photo, view, longSide)
            : ImageFile.DecodeShrunk(photo, longSide));
    }
}
