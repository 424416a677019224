using System.Net;

namespace Saga.Api.Tests.Uploads;

/// <summary>Sends its first bytes and then nothing until it is released, as a client does whose line hangs.</summary>
internal sealed class StuckContent(byte[] first, byte[] rest) : HttpContent
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(first);
        await stream.FlushAsync();
        await _released.Task;
        await stream.WriteAsync(rest);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
