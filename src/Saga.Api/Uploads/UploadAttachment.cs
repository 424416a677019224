using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Makes a finished upload one of a scene's files.</summary>
/// <remarks>
/// The upload's id becomes the asset's, so a client that did not hear the answer asks again and hears the same one. A process that
/// is killed between the file's rename and its record leaves the bytes under a key that can be told from the id; the
/// next call takes them back.
/// </remarks>
internal static class UploadAttachment
{
    public static void MapUploadAttachment(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/scenes/{sceneId:guid}/uploads/{uploadId:guid}", Attach)
            .WithName("AttachUpload").WithTags("Uploads")
            .WithSummary("Give a finished resumable upload to a scene, as the file that its kind says")
            .WithDescription(
                "Checked like a PUT of the same file. One that is refused with 422 leaves the scene as it was and is removed; after "
                + "any other refusal it is kept until it expires. Asking again after a lost answer is safe.")
            .ProducesRefusals(404, 409, 410, 422, 423, 503)
            .WithoutTimeout();

    private static async Task<NoContent> Attach(
        Guid sceneId, Guid uploadId, HttpContext context, UploadStore store, AssetUploads assets, SagaDbContext db,
        CancellationToken cancellationToken)
    {
        if (await IsAttachedAsync(db, sceneId, uploadId, cancellationToken))
        {
            return TypedResults.NoContent();
        }

        await assets.RequireChangeableAsync(sceneId, cancellationToken);
        using OpenUpload upload = store.RequireOpen(uploadId);
        if (await IsAttachedAsync(db, sceneId, uploadId, cancellationToken))
        {
            // By a process that ended before it had removed the rest.
            upload.Remove();
            return TypedResults.NoContent();
        }

        if (upload.Status is null)
        {
            await TakeBackAsync(sceneId, upload);
        }

        RequireFinished(sceneId, upload);
        await using PendingFile file = await upload.FinishAsync(cancellationToken);
        try
        {
            var asset = new StagedAsset(upload.Description.Kind, file, upload.Description.FileName) { Id = uploadId };
            await assets.AttachAsync(sceneId, [asset], context.Owner(), cancellationToken);
        }
        catch (RefusedException refused) when (refused.Status == StatusCodes.Status422UnprocessableEntity)
        {
            upload.Remove();
            throw;
        }

        upload.Remove();
        return TypedResults.NoContent();
    }

    private static async Task TakeBackAsync(Guid sceneId, OpenUpload upload)
    {
        foreach (string extension in AssetChecks.Extensions)
        {
            if (await upload.TakeBackAsync(SceneFiles.KeyOf(sceneId, upload.Description.Kind, upload.Description.Id, extension)))
            {
                return;
            }
        }
    }

    private static void RequireFinished(Guid sceneId, OpenUpload upload)
    {
        UploadStatus status = upload.Status ?? throw UploadLookup.NotFound(upload.Description.Id);
        if (!status.IsComplete)
        {
            throw RefusedException.Conflict(
                ProblemCodes.UploadIncomplete,
                $"{status.Offset} of the upload's {status.Description.Length} bytes have arrived; PATCH the rest first.");
        }

        if (status.Description.SceneId is { } scene && scene != sceneId)
        {
            throw RefusedException.Conflict(
                ProblemCodes.UploadElsewhere, $"The upload was begun for scene {scene}; only that one can have it.");
        }
    }

    private static Task<bool> IsAttachedAsync(SagaDbContext db, Guid sceneId, Guid uploadId, CancellationToken cancellationToken) =>
        db.Assets.AnyAsync(asset => asset.Id == uploadId && asset.SceneId == sceneId, cancellationToken);
}
