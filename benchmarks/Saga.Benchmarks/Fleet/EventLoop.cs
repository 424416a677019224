namespace Saga.Benchmarks.Fleet;

/// <summary>Simulated time: what is due happens in the order of its time, and what is due at once in the order it was asked for.</summary>
internal sealed class EventLoop
{
    private readonly PriorityQueue<Action, (double At, long Number)> _due = new();
    private long _number;

    /// <summary>Simulated seconds since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Does something at a time that is not past.</summary>
    public void At(double time, Action action) => _due.Enqueue(action, (time, _number++));

    /// <summary>Does something after some seconds.</summary>
    public void In(double seconds, Action action) => At(Now + seconds, action);

    /// <summary>Goes on until nothing is due.</summary>
    public void Run()
    {
        while (_due.TryDequeue(out Action? action, out (double At, long Number) due))
        {
            Now = due.At;
            action();
        }
    }
}
