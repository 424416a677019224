using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Saga.Persistence;
using Saga.Persistence.Jobs;
using Saga.Tests;

namespace Saga.Worker.Tests.Faults;

/// <summary>Clocks that jump while jobs run: the worker is a process whose time libfaketime sets, without PostgreSQL's own clock beside it.</summary>
public sealed class ClockFaultTests : WorkerTests
{
    protected override string? Connection() => null;

    [Theory]
    [InlineData("+2h")]
    [InlineData("-2h")]
    [InlineData("+400d")]
    public async Task A_clock_that_is_set_takes_no_job_from_a_living_worker(string jump)
    {
        using FakeClock clock = FakeClock.Require();
        using Process worker = WorkerProcess.Start(Storage.Options, clock.Environment);
        JobRecord job = await EnqueueAsync(new(80, 100));
        await WaitForAsync(job.Id, j => j is { Iteration: > 10, CheckpointKey: not null });

        clock.Set(jump);
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal((1, 80, "{\"first\":0}"), (done.Attempt, done.Iteration, done.ReportJson));
        await StopAsync(worker);
    }

    [Fact]
    public async Task A_job_queued_by_a_clock_that_was_then_set_back_is_run_at_once()
    {
        using FakeClock clock = FakeClock.Require();
        JobRecord job = await EnqueueAsync(new(5, 10));
        clock.Set("-3h");
        using Process worker = WorkerProcess.Start(Storage.Options, clock.Environment);

        Assert.Equal(1, (await WaitForAsync(job.Id, JobState.Succeeded)).Attempt);
        await StopAsync(worker);
    }

    [Fact]
    public async Task A_dead_worker_s_heartbeat_from_the_future_keeps_its_job_from_nobody()
    {
        JobRecord job = await EnqueueAsync(new(5, 10));
        await Storage.Jobs.ClaimAsync(job.Id, _ => false, default);
        await using (SagaDbContext db = Storage.Open())
        {
            DateTimeOffset future = DateTimeOffset.UtcNow.AddDays(1);
            await db.Jobs.ExecuteUpdateAsync(j => j.SetProperty(x => x.HeartbeatAt, future));
        }

        await StartWorkerAsync();

        Assert.Equal(2, (await WaitForAsync(job.Id, JobState.Succeeded)).Attempt);
    }

    private static async Task StopAsync(Process worker)
    {
        worker.StandardInput.Close();
        await worker.WaitForExitAsync();
    }

    /// <summary>A wall clock for processes that tests start; their monotonic clock stays true, as it does when somebody sets a machine's time.</summary>
    private sealed class FakeClock : IDisposable
    {
        private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

        private readonly TemporaryFolder _folder = new();

        private FakeClock() => Set("+0");

        public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = File,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",

            // .NET waits by the monotonic clock, rightly; the library's correction of such waits makes them return at once.
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0",
        };

        private string File => Path.Combine(_folder.Path, "time");

        public static FakeClock Require()
        {
            if (!System.IO.File.Exists(Library))
            {
                Assert.Skip("libfaketime was not found; Debian has it in the package faketime.");
            }

            return new FakeClock();
        }

        public void Set(string offset)
        {
            // In one step: the process may look at any moment.
            string next = File + ".next";
            System.IO.File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{offset}\n"));
            System.IO.File.Move(next, File, true);
        }

        public void Dispose() => _folder.Dispose();
    }
}
