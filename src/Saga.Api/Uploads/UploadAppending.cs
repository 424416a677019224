using Microsoft.AspNetCore.Http.Features;
using Saga.Api.Hosting;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Takes a request's bytes into an upload. Whatever ends the request early, what has arrived is kept.</summary>
internal sealed class UploadAppending(UploadStore store, DiskBudget disk, IHostApplicationLifetime host)
{
    /// <exception cref="RefusedException">
    /// 404, 409 for another offset, 410, 413 for more bytes than announced, 423, 460, 503 when the service stops, 507.
    /// </exception>
    public async Task AppendAsync(Guid uploadId, long offset, HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        UploadChecksum? checksum = context.Request.ReadChecksum();
        using OpenUpload upload = store.RequireOpen(uploadId);
        UploadStatus status = upload.Status ?? throw UploadLookup.NotFound(uploadId);
        if (offset != status.Offset)
        {
            throw RefusedException.Conflict(
                ProblemCodes.OffsetMismatch,
                $"{TusProtocol.OffsetHeader} is {offset} and {status.Offset} bytes have arrived; HEAD the upload and go on from there.");
        }

        long missing = status.Description.Length - offset;
        if (context.Request.ContentLength > missing)
        {
            throw Overrun(uploadId, missing);
        }

        disk.RequireRoom(Math.Min(missing, context.Request.ContentLength ?? missing));
        try
        {
            await AppendAsync(upload, checksum, context);
        }
        catch (UploadOverrunException)
        {
            throw Overrun(uploadId, missing);
        }
    }

    private async Task AppendAsync(OpenUpload upload, UploadChecksum? checksum, HttpContext context)
    {
        // A service that is asked to stop does not wait for gigabytes: the client goes on with the next process.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        await using var body = new BudgetedStream(context.Request.Body, disk);
        try
        {
            if (checksum is null)
            {
                await upload.AppendAsync(body, end.Token);
            }
            else if (!await upload.AppendAsync(body, checksum, end.Token))
            {
                throw new RefusedException(
                    TusProtocol.ChecksumMismatch,
                    ProblemCodes.ChecksumMismatch,
                    $"The body does not have the {checksum.Algorithm.Name} that {TusProtocol.ChecksumHeader} promises: it was damaged on the "
                    + "way and is dropped. Send it again.");
            }
        }
        catch (OperationCanceledException) when (host.ApplicationStopping.IsCancellationRequested)
        {
            throw RefusedException.Unavailable(
                ProblemCodes.Stopping, "The service is stopping. What has arrived is kept; go on when it is back.");
        }
    }

    private static RefusedException Overrun(Guid uploadId, long missing) => new(
        StatusCodes.Status413PayloadTooLarge,
        ProblemCodes.TooLarge,
        $"Upload {uploadId} lacks {missing} bytes and more came; nothing of this request is kept.");
}
