namespace Saga.Benchmarks.Training;

/// <summary>The largest working set of this process while it exists, looked at fifty times a second.</summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly Timer _timer;
    private long _bytes;

    public PeakMemory()
    {
        _bytes = Environment.WorkingSet;
        _timer = new Timer(_ => _bytes = Math.Max(_bytes, Environment.WorkingSet), null, Interval, Interval);
    }

    /// <summary>Bytes; complete after <see cref="Dispose"/>.</summary>
    public long Bytes => _bytes;

    public void Dispose()
    {
        using var stopped = new ManualResetEvent(false);
        _timer.Dispose(stopped);
        stopped.WaitOne();
    }
}
