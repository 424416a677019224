using System.Collections.Concurrent;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Queue;

/// <summary>Decides whether a running job's worker is lost.</summary>
/// <remarks>
/// The heartbeat's age alone does not: when the clock is set forward every heartbeat is old, and when it is set back none ever gets
/// old. So the same heartbeat must also have been seen for a while by this process's own clock, which only goes forward: two
/// heartbeats' time where its age speaks for a loss too, the whole time of silence where it does not. Whoever looks only now and then,
/// because it was paused or the database away, starts to watch anew: the others were perhaps paused as well.
/// </remarks>
internal sealed class PulseWatch(SagaWorkerOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<Guid, Watched> _watched = [];

    // A living worker's next heartbeat is written after one interval, on a busy machine perhaps after two.
    private TimeSpan Confirmation => 2.5 * options.HeartbeatEvery;

    private TimeSpan LongestGap => options.LostAfter / 2;

    /// <summary>Looks at a job's last sign of life. Thread-safe.</summary>
    public bool IsLost(JobPulse pulse)
    {
        long now = clock.GetTimestamp();
        Watched watched = _watched.AddOrUpdate(
            pulse.JobId,
            _ => new Watched(pulse.Epoch, pulse.At, now, now),
            (_, before) => before.Epoch == pulse.Epoch && before.At == pulse.At && clock.GetElapsedTime(before.LookedAt, now) <= LongestGap
                ? before with { LookedAt = now }
                : new Watched(pulse.Epoch, pulse.At, now, now));
        TimeSpan unchanged = clock.GetElapsedTime(watched.Since, now);
        return unchanged >= options.LostAfter || (pulse.Age >= options.LostAfter && unchanged >= Confirmation);
    }

    /// <summary>Forgets what has not been looked at for long: jobs that ended.</summary>
    public void Tidy()
    {
        long now = clock.GetTimestamp();
        foreach ((Guid job, Watched watched) in _watched)
        {
            if (clock.GetElapsedTime(watched.LookedAt, now) > LongestGap)
            {
                _watched.TryRemove(new(job, watched));
            }
        }
    }

    private sealed record Watched(Guid? Epoch, DateTimeOffset? At, long Since, long LookedAt);
}
