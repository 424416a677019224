using Saga.Api.Hosting;

namespace Saga.Api.Uploads;

/// <summary>
/// A body that is refused once the disk is too full: several uploads that would each fit are under way at once, and some do not say
/// how long they are.
/// </summary>
internal sealed class BudgetedStream(Stream body, DiskBudget disk) : ReadOnlyStream
{
    /// <summary>Asking the file system costs microseconds; between two times this much can arrive, far less than stays free.</summary>
    private const long AskEvery = 16L << 20;

    private long _untilAsked = AskEvery;

    /// <exception cref="RefusedException">507 <c>storage-full</c>.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_untilAsked <= 0)
        {
            disk.RequireRoom(0);
            _untilAsked = AskEvery;
        }

        int read = await body.ReadAsync(buffer, cancellationToken);
        _untilAsked -= read;
        return read;
    }
}
