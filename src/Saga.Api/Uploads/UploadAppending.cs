using Microsoft.AspNetCore.Http.Features;
using Saga.Api.Hosting;
using Saga.Persistence.Uploads;

namespace Saga.Api.Uploads;

/// <summary>Takes a request's bytes into an upload. Whatever ends the request early, what has arrived is kept.</summary>
internal sealed class UploadAppending(UploadStore store, DiskBudget disk, IHostApplicationLifetime host)
{
    /// <summary>Without a byte for this long the line is taken for dead; a client that tries again waits no longer than that.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <exception cref="RefusedException">
    /// 404, 409 for another offset, 410, 413 for more bytes than announced, 423, 460, 507.
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
        // A service that is asked to stop does not wait for gigabytes: the client goes on with the next process. Aborted and not
        // answered, because the server would wait for the rest of a body before it ends the connection.
        await using CancellationTokenRegistration stop = host.ApplicationStopping.Register(context.Abort);
        await using var attentive = new AttentiveStream(context.Request.Body, Silence, context.Abort);
        await using var body = new BudgetedStream(attentive, disk);
        if (checksum is null)
        {
            await upload.AppendAsync(body, context.RequestAborted);
        }
        else if (!await upload.AppendAsync(body, checksum, context.RequestAborted))
        {
            throw new RefusedException(
                TusProtocol.ChecksumMismatch,
                ProblemCodes.ChecksumMismatch,
                $"The body does not have the {checksum.Algorithm.Name} that {TusProtocol.ChecksumHeader} promises: it was damaged on the "
                + "way and is dropped. Send it again.");
        }
    }

    private static RefusedException Overrun(Guid uploadId, long missing) => new(
        StatusCodes.Status413PayloadTooLarge,
        ProblemCodes.TooLarge,
        $"Upload {uploadId} lacks {missing} bytes and more came; nothing of this request is kept.");
}
