using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Resumable uploads: tus 1.0.0, https://tus.io/protocols/resumable-upload.</summary>
internal static class UploadEndpoints
{
    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder uploads = routes.MapGroup("/uploads").WithTags("Uploads");
        uploads.MapMethods("/", [HttpMethods.Options], Capabilities)
            .WithName("GetUploadCapabilities").WithSummary("What of tus is spoken here, in headers")
            .Produces(204);
        uploads.MapPost("/", Create)
            .WithName("CreateUpload")
            .WithSummary("Begin a resumable upload (tus 1.0.0)")
            .WithDescription(
                "Headers: Tus-Resumable: 1.0.0, Upload-Length, and Upload-Metadata with kind (gaussians, cameras, images or masks), "
                + "filename, and scene where it is for one; values in base64. A body of application/offset+octet-stream is the file's beginning. "
                + "Location is the upload; PATCH it, then give it to a scene: POST /api/v1/scenes/{sceneId}/uploads/{uploadId}.")
            .Produces(201)
            .ProducesRefusals(400, 404, 409, 412, 413, 415, TusProtocol.ChecksumMismatch, 503, 507)
            .WithoutTimeout();
        uploads.MapMethods("/{uploadId:guid}", [HttpMethods.Options], Capabilities).ExcludeFromDescription();
        uploads.MapMethods("/{uploadId:guid}", [HttpMethods.Head], Progress)
            .WithName("GetUploadOffset")
            .WithSummary("How many bytes have arrived: Upload-Offset, and until when they are kept: Upload-Expires")
            .Produces(200).ProducesRefusals(404, 410, 412);
        uploads.MapPatch("/{uploadId:guid}", Append)
            .WithName("AppendToUpload")
            .WithSummary("Send the bytes from Upload-Offset on; what arrives before the connection breaks is kept")
            .WithDescription(
                "Upload-Checksum (sha1 or sha256, a space, base64) makes the service drop a damaged body and answer 460. One request at a "
                + "time: others are answered 423.")
            .Produces(204)
            .ProducesRefusals(400, 404, 409, 410, 412, 413, 415, 423, TusProtocol.ChecksumMismatch, 507)
            .WithoutTimeout();
        uploads.MapDelete("/{uploadId:guid}", Delete)
            .WithName("DeleteUpload").WithSummary("Give an upload up; its bytes are removed")
            .Produces(204).ProducesRefusals(404, 410, 412, 423);
    }

    private static NoContent Capabilities(HttpResponse response, SagaOptions options)
    {
        response.Headers[TusProtocol.VersionHeader] = TusProtocol.Version;
        response.Headers[TusProtocol.ExtensionHeader] = TusProtocol.Extensions;
        response.Headers[TusProtocol.AlgorithmsHeader] = UploadHeaders.Algorithms;
        response.Headers[TusProtocol.MaxSizeHeader] = Number(SceneFiles.UploadedKinds.Max(options.Limits.MaxBytes));
        return TypedResults.NoContent();
    }

    private static async Task<StatusCodeHttpResult> Create(
        HttpContext context, AssetUploads assets, UploadStore store, UploadAppending appending, KeyQuotas quotas, SagaOptions options)
    {
        HttpRequest request = context.Request;
        if (request.Headers.ContainsKey(TusProtocol.DeferLengthHeader))
        {
            throw RefusedException.BadRequest($"{TusProtocol.DeferLengthHeader} is not offered; give {TusProtocol.LengthHeader}.");
        }

        string metadata = request.Headers[TusProtocol.MetadataHeader].ToString();
        UploadMetadata about = UploadMetadata.Parse(metadata);
        var description = new UploadDescription
        {
            Id = Guid.CreateVersion7(),
            Kind = about.Kind,
            FileName = about.FileName,
            Length = request.RequireNumber(TusProtocol.LengthHeader),
            SceneId = about.SceneId,
            OwnerKeyId = context.Owner().KeyId,
            Metadata = metadata,
            Lifetime = TimeSpan.FromSeconds(options.Limits.UploadExpirySeconds),
        };

        // Everything that can be refused now is, before gigabytes have travelled.
        assets.RequireAcceptable(about.Kind, description.Length);
        await quotas.RequireRoomAsync(context.Owner(), description.Length, context.RequestAborted);
        if (about.SceneId is { } scene)
        {
            await assets.RequireChangeableAsync(scene, context.RequestAborted);
        }

        bool hasBody = context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody;
        if (hasBody)
        {
            request.RequireUploadContentType();
        }

        if (store.Count >= options.Limits.MaxOpenUploads)
        {
            throw RefusedException.Unavailable(
                ProblemCodes.Busy,
                $"{options.Limits.MaxOpenUploads} uploads are unfinished (Saga:Limits:MaxOpenUploads); try again when some of them are.");
        }

        store.Create(description);
        if (hasBody)
        {
            await AppendFirstAsync(description.Id, context, store, appending);
        }

        // Relative to this request's address, and so right behind a proxy that puts the service under a path.
        context.Response.Headers.Location = $"{(request.Path.Value!.EndsWith('/') ? "" : "uploads/")}{description.Id}";
        Describe(context.Response, store.Require(description.Id));
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }

    /// <summary>Takes the bytes that come with the creation; where that fails, the client never learns the upload's address.</summary>
    private static async Task AppendFirstAsync(Guid uploadId, HttpContext context, UploadStore store, UploadAppending appending)
    {
        try
        {
            await appending.AppendAsync(uploadId, 0, context);
        }
        catch
        {
            using OpenUpload? upload = store.Open(uploadId);
            upload?.Remove();
            throw;
        }
    }

    private static Ok Progress(Guid uploadId, HttpResponse response, UploadStore store)
    {
        UploadStatus status = store.Require(uploadId);
        Describe(response, status);
        response.Headers.CacheControl = "no-store";
        response.Headers[TusProtocol.LengthHeader] = Number(status.Description.Length);
        response.Headers[TusProtocol.MetadataHeader] = status.Description.Metadata;
        return TypedResults.Ok();
    }

    private static async Task<NoContent> Append(Guid uploadId, HttpContext context, UploadStore store, UploadAppending appending)
    {
        context.Request.RequireUploadContentType();
        await appending.AppendAsync(uploadId, context.Request.RequireNumber(TusProtocol.OffsetHeader), context);
        Describe(context.Response, store.Require(uploadId));
        return TypedResults.NoContent();
    }

    private static NoContent Delete(Guid uploadId, UploadStore store)
    {
        using OpenUpload upload = store.RequireOpen(uploadId);
        upload.Remove();
        return TypedResults.NoContent();
    }

    private static void Describe(HttpResponse response, UploadStatus status)
    {
        response.Headers[TusProtocol.OffsetHeader] = Number(status.Offset);
        response.Headers[TusProtocol.ExpiresHeader] = status.ExpiresAt.ToString("R", CultureInfo.InvariantCulture);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
