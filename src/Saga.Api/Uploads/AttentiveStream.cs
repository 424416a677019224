using Saga.Api.Hosting;

namespace Saga.Api.Uploads;

/// <summary>A body that may come as slowly as its line is, but not stop coming.</summary>
/// <remarks>
/// The server's own limit is an average over the whole request: a client whose line dies after a fast gigabyte would hold its
/// upload for weeks, and be told itself, when it comes back, that another request is working on it.
/// </remarks>
internal sealed class AttentiveStream(Stream body, TimeSpan patience, Action onSilence) : ReadOnlyStream
{
    private readonly Timer _timer = new(static act => ((Action)act!)(), onSilence, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _timer.Change(patience, Timeout.InfiniteTimeSpan);
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        finally
        {
            // Not while the disk is what is slow.
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _timer.Dispose();
        base.Dispose(disposing);
    }
}
