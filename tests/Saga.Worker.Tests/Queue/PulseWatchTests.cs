using Saga.Persistence.Jobs;
using Saga.Worker.Queue;

namespace Saga.Worker.Tests.Queue;

/// <summary>With a heartbeat every second, workers lost after eight, and looks every two.</summary>
public sealed class PulseWatchTests
{
    private static readonly Guid Job = Guid.NewGuid();
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Clock _clock = new();
    private readonly PulseWatch _watch;

    public PulseWatchTests() => _watch = new PulseWatch(new SagaWorkerOptions(), _clock);

    [Fact]
    public void A_worker_that_has_been_silent_long_is_lost_once_its_heartbeat_was_seen_to_stand_still()
    {
        Assert.False(Look(age: 100));
        Pass(2);
        Assert.False(Look(age: 102));
        Pass(2);
        Assert.True(Look(age: 104));
    }

    [Fact]
    public void A_clock_set_forward_costs_no_living_worker_its_job()
    {
        for (int second = 0; second < 60; second += 2)
        {
            // At half a minute the database's clock jumps by an hour; the next heartbeat is written with the new one.
            double age = second == 30 ? 3601 : 0.5;
            Assert.False(_watch.IsLost(new JobPulse(Job, Guid.Empty, Start.AddSeconds(second), TimeSpan.FromSeconds(age))));
            Pass(2);
        }
    }

    [Fact]
    public void A_clock_set_back_keeps_no_dead_worker_s_job()
    {
        bool[] looks = [.. Enumerable.Range(0, 5).Select(_ =>
        {
            bool lost = Look(age: -3600);
            Pass(2);
            return lost;
        })];
        Assert.Equal([false, false, false, false, true], looks);
    }

    [Fact]
    public void Who_was_asleep_watches_anew()
    {
        Look(age: 1);
        Pass(600);
        Assert.False(Look(age: 600));
        Pass(1);
        Assert.False(Look(age: 601));
        Pass(2);
        Assert.True(Look(age: 603));
    }

    [Fact]
    public void Another_claim_is_another_worker()
    {
        Look(age: 9);
        Pass(3);
        Assert.True(Look(age: 12));
        Assert.False(_watch.IsLost(new JobPulse(Job, Guid.NewGuid(), Start, TimeSpan.FromSeconds(12))));
    }

    private bool Look(double age) => _watch.IsLost(new JobPulse(Job, Guid.Empty, Start, TimeSpan.FromSeconds(age)));

    private void Pass(double seconds)
    {
        _clock.Now += TimeSpan.FromSeconds(seconds);
        _watch.Tidy();
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
