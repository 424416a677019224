using Saga.Api.Hosting;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Finds uploads, or refuses in the contract's words.</summary>
internal static class UploadLookup
{
    /// <exception cref="RefusedException">404 <c>upload-not-found</c>, 410 <c>upload-expired</c>.</exception>
    public static UploadStatus Require(this UploadStore store, Guid uploadId)
    {
        UploadStatus status = store.Find(uploadId) ?? throw NotFound(uploadId);
        return status.IsExpired ? throw Expired(status) : status;
    }

    /// <exception cref="RefusedException">404, 410, or 423 <c>upload-locked</c> while another request works on it.</exception>
    public static OpenUpload RequireOpen(this UploadStore store, Guid uploadId)
    {
        OpenUpload upload;
        try
        {
            upload = store.Open(uploadId) ?? throw NotFound(uploadId);
        }
        catch (UploadLockedException)
        {
            throw new RefusedException(
                StatusCodes.Status423Locked,
                ProblemCodes.UploadLocked,
                $"Another request is working on upload {uploadId}, perhaps one whose connection is already lost; try again shortly.");
        }

        if (upload.Status is { IsExpired: true } status)
        {
            upload.Dispose();
            throw Expired(status);
        }

        return upload;
    }

    public static RefusedException NotFound(Guid uploadId) => RefusedException.NotFound(
        ProblemCodes.UploadNotFound,
        $"There is no upload {uploadId}: it was never begun, given up, expired or given to a scene. Begin a new one.");

    private static RefusedException Expired(UploadStatus status) => new(
        StatusCodes.Status410Gone,
        ProblemCodes.UploadExpired,
        $"Upload {status.Description.Id} expired {status.ExpiresAt:u}, {status.Description.Lifetime.TotalSeconds} seconds after its last "
        + "byte (Saga:Limits:UploadExpirySeconds). Begin a new one.");
}
