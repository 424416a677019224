using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

internal static class AssetEndpoints
{
    public static void MapAssets(this IEndpointRouteBuilder routes)
    {
        foreach ((string path, AssetKind kind, string summary) in new[]
        {
            ("gaussians", AssetKind.Gaussians,
                "Upload the Gaussians (.ply, .compressed.ply, .splat, .spz, .sog); a trained model and selections of earlier ones are dropped"),
            ("cameras", AssetKind.Cameras, "Upload the cameras (cameras.json, transforms.json or a zip of COLMAP's sparse/0)"),
            ("images", AssetKind.Images, "Upload a zip of the photos"),
            ("masks", AssetKind.Masks, "Upload a zip of masks, per view a file named after it"),
        })
        {
            routes.MapPut($"/scenes/{{sceneId:guid}}/{path}", (Guid sceneId, HttpContext context, AssetUploads uploads) =>
                    Put(sceneId, kind, context, uploads))
                .WithName($"Put{kind}").WithTags("Scenes").WithSummary(summary)
                .WithDescription("The raw file is the body. X-File-Name may name it. Refused files leave the scene as it was. "
                    + "Over a line that may break, send it resumably: POST /api/v1/uploads.")
                .WithMetadata(new UploadBody(IsForm: false))
                .ProducesRefusals(404, 409, 413, 422, 507)
                .WithoutTimeout();
        }
    }

    private static async Task<NoContent> Put(Guid sceneId, AssetKind kind, HttpContext context, AssetUploads uploads)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;

        // Refuse before a gigabyte has travelled.
        await uploads.RequireChangeableAsync(sceneId, cancellationToken);
        await using StagedAsset staged = await uploads.StageAsync(
            kind, context.Request.Body, FileNameOf(context.Request), context.Request.ContentLength, context.Owner(), cancellationToken);
        await uploads.AttachAsync(sceneId, [staged], context.Owner(), cancellationToken);
        return TypedResults.NoContent();
    }

    private static string? FileNameOf(HttpRequest request)
    {
        string? name = request.Headers["X-File-Name"];

        // Headers are ASCII; other letters come percent-encoded.
        return name is null ? null : Uri.UnescapeDataString(name);
    }
}
