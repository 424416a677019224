using System.Collections.Concurrent;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>The largest working set of this process while it exists, looked at fifty times a second; by stage of a training.</summary>
internal sealed class PeakMemory : IDisposable, IProgress<TrainingProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, long> _byStage = new();
    private readonly Timer _timer;
    private volatile string _stage = "starting";

    public PeakMemory() => _timer = new Timer(_ => Look(), null, TimeSpan.Zero, Interval);

    /// <summary>Bytes; complete after <see cref="Dispose"/>.</summary>
    public long Bytes => _byStage.Values.DefaultIfEmpty(0).Max();

    /// <summary>Bytes by stage; complete after <see cref="Dispose"/>.</summary>
    public IReadOnlyDictionary<string, long> ByStage => _byStage;

    /// <inheritdoc/>
    public void Report(TrainingProgress value) => _stage = value.Stage;

    public void Dispose()
    {
        using var stopped = new ManualResetEvent(false);
        _timer.Dispose(stopped);
        stopped.WaitOne();
        Look();
    }

    private void Look()
    {
        long bytes = Environment.WorkingSet;
        _byStage.AddOrUpdate(_stage, bytes, (_, most) => Math.Max(most, bytes));
    }
}
