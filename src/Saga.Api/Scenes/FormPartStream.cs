using Saga.Api.Hosting;

namespace Saga.Api.Scenes;

/// <summary>Reads one part of a form. A form that is cut off is the client's mistake, not a failure of the disk it is written to.</summary>
internal sealed class FormPartStream(Stream part) : ReadOnlyStream
{
    public static RefusedException Damaged() => RefusedException.BadRequest("The multipart form is damaged or cut off.");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await part.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException || (error is IOException and not BadHttpRequestException))
        {
            // A lost connection ends up here too; nobody reads that answer.
            throw Damaged();
        }
    }
}
