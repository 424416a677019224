using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests;

public sealed class SqliteJobLoopTests : JobLoopTests
{
    protected override string? Connection() => null;
}

public sealed class PostgresJobLoopTests(PostgresServer server) : JobLoopTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();

    [Fact]
    public async Task Of_two_workers_one_runs_the_job_and_both_share_the_work()
    {
        await StartWorkerAsync();
        await StartWorkerAsync();
        JobRecord[] jobs = [await EnqueueAsync(new(20, 50)), await EnqueueAsync(new(20, 50)), await EnqueueAsync(new(20, 50))];

        foreach (JobRecord job in jobs)
        {
            JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
            Assert.Equal((1, "{\"first\":0}"), (done.Attempt, done.ReportJson));
        }
    }

    [Theory]
    [InlineData("staged")]
    [InlineData("committed")]
    public async Task A_worker_killed_while_it_saves_the_model_leaves_nothing_half_visible(string moment)
    {
        using Process doomed = WorkerProcess.Start(Storage.Options);
        JobRecord job = await EnqueueAsync(new(5, 10, HangSaving: moment));
        await WaitForAsync(job.Id, j => j.Stage == moment);
        Assert.Null((await Storage.ReadSceneAsync(job.SceneId)).ModelKey);

        doomed.Kill();
        await doomed.WaitForExitAsync();
        Assert.Null((await Storage.ReadSceneAsync(job.SceneId)).ModelKey);
        await StartWorkerAsync();
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal(2, done.Attempt);
        SceneRecord scene = await Storage.ReadSceneAsync(job.SceneId);
        Assert.Equal(BitConverter.GetBytes(5), await File.ReadAllBytesAsync(Storage.PathOf(scene.ModelKey!)));

        // What the killed attempt left is invisible, and goes with the next sweep.
        Storage.Sweep.SweepStaging(TimeSpan.Zero);
        await Storage.Sweep.SweepOrphansAsync(TimeSpan.Zero, default);
        Assert.Equal(
            [Storage.PathOf(scene.ModelKey!)],
            Directory.GetFiles(Storage.Files.Root, "*", SearchOption.AllDirectories).Where(f => !f.Contains("quartz", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_killed_workers_job_goes_on_elsewhere_from_its_checkpoint()
    {
        using Process doomed = WorkerProcess.Start(Storage.Options);
        JobRecord job = await EnqueueAsync(new(60, 100));
        await WaitForAsync(job.Id, j => j is { Iteration: > 15, CheckpointKey: not null });

        doomed.Kill();
        await StartWorkerAsync();
        await WaitForAsync(job.Id, j => j.Attempt == 2);

        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
        Assert.Equal(2, done.Attempt);
        Assert.True(FirstStep(done) > 5, $"It began again at step {FirstStep(done)}.");
        Assert.Equal(SceneState.Ready, (await Storage.ReadSceneAsync(job.SceneId)).State);
    }

    [Fact]
    public async Task A_job_that_kills_three_workers_fails()
    {
        JobRecord job = await EnqueueAsync(new(10_000, 100));
        for (int attempt = 1; attempt <= JobRecord.MaxAttempts; attempt++)
        {
            using Process doomed = WorkerProcess.Start(Storage.Options);
            await WaitForAsync(job.Id, j => j.Attempt == attempt && j.State == JobState.Running);
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        await StartWorkerAsync();

        JobRecord failed = await WaitForAsync(job.Id, JobState.Failed);
        Assert.Equal((3, "attempts-exhausted"), (failed.Attempt, failed.FailureCode));
    }

    [Fact]
    public async Task Cancelling_reaches_a_worker_on_another_machine_within_two_seconds()
    {
        using Process worker = WorkerProcess.Start(Storage.Options);
        JobRecord job = await EnqueueAsync(new(10_000, 50));
        await WaitForAsync(job.Id, j => j.Iteration > 2);
        var clock = Stopwatch.StartNew();

        await Storage.Jobs.CancelAsync(job.Id, default);
        await WaitForAsync(job.Id, JobState.Canceled);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
        worker.StandardInput.Close();
        await worker.WaitForExitAsync();
    }

    [Fact]
    public async Task A_restart_of_the_database_does_not_disturb_a_running_job()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(60, 100));
        await WaitForAsync(job.Id, j => j.Iteration > 5);

        await server.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        await server.StartAsync();

        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
        Assert.Equal((1, "{\"first\":0}", 60), (done.Attempt, done.ReportJson, done.Iteration));
    }

    [Fact]
    public async Task A_job_that_ends_while_the_database_is_away_is_recorded_when_it_is_back()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(15, 100));
        await WaitForAsync(job.Id, j => j.Iteration > 2);

        await server.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(4));
        await server.StartAsync();

        Assert.Equal(1, (await WaitForAsync(job.Id, JobState.Succeeded)).Attempt);
    }

    [Fact]
    public async Task A_paused_worker_whose_job_was_taken_writes_nothing()
    {
        using Process paused = WorkerProcess.Start(Storage.Options);
        JobRecord job = await EnqueueAsync(new(40, 100));
        await WaitForAsync(job.Id, j => j.Iteration > 5);
        Signal(paused, "STOP");
        await StartWorkerAsync();
        JobRecord second = await WaitForAsync(job.Id, j => j.Attempt == 2);

        Signal(paused, "CONT");
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
        string? model = (await Storage.ReadSceneAsync(job.SceneId)).ModelKey;
        await Task.Delay(TimeSpan.FromSeconds(2));

        Assert.Equal(2, done.Attempt);
        Assert.NotNull(second.Epoch);
        Assert.Equal(model, (await Storage.ReadSceneAsync(job.SceneId)).ModelKey);
        paused.StandardInput.Close();
        await paused.WaitForExitAsync();
    }

    private static void Signal(Process process, string signal)
    {
        using Process kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}

public abstract class JobLoopTests : WorkerTests
{
    [Fact]
    public async Task A_job_runs_to_its_end_and_leaves_its_model()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(10, 60));

        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal((1, 1.0, 10, "{\"first\":0}"), (done.Attempt, done.Progress, done.Iteration, done.ReportJson));
        Assert.NotNull(done.StartedAt);
        Assert.NotNull(done.FinishedAt);
        SceneRecord scene = await Storage.ReadSceneAsync(job.SceneId);
        Assert.Equal(SceneState.Ready, scene.State);
        Assert.Equal(10, BitConverter.ToInt32(await File.ReadAllBytesAsync(Storage.PathOf(scene.ModelKey!))));

        // The checkpoints are gone; the model alone is left.
        string only = Assert.Single(Directory.EnumerateFiles(Storage.Files.Root, "*", SearchOption.AllDirectories));
        Assert.Equal(Storage.PathOf(scene.ModelKey!), only);
    }

    [Fact]
    public async Task A_job_queued_before_the_worker_came_is_run()
    {
        JobRecord job = await EnqueueAsync(new(2, 10));
        await StartWorkerAsync();

        await WaitForAsync(job.Id, JobState.Succeeded);
    }

    [Fact]
    public async Task A_running_job_is_cancelled_within_two_seconds()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(10_000, 50));
        await WaitForAsync(job.Id, j => j.Iteration > 2);
        var clock = Stopwatch.StartNew();

        await Storage.Jobs.CancelAsync(job.Id, default);
        JobRecord canceled = await WaitForAsync(job.Id, JobState.Canceled);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"It took {clock.Elapsed}.");
        Assert.Null(canceled.CheckpointKey);
        Assert.Equal(SceneState.Uploaded, (await Storage.ReadSceneAsync(job.SceneId)).State);
    }

    [Fact]
    public async Task A_worker_that_shuts_down_hands_its_job_back_and_another_goes_on()
    {
        IHost first = await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(60, 50));
        await WaitForAsync(job.Id, j => j.Iteration > 10);

        await StopAsync(first);
        JobRecord waiting = await Storage.ReadJobAsync(job.Id);
        Assert.Equal((JobState.Queued, 0), (waiting.State, waiting.Attempt));
        Assert.NotNull(waiting.CheckpointKey);
        await StartWorkerAsync();

        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
        Assert.True(FirstStep(done) >= 10, $"It began again at step {FirstStep(done)}.");
        Assert.Equal(1, done.Attempt);
    }

    [Theory]
    [InlineData("scene", "invalid-scene", "scene.ply: property scale_2 is missing.")]
    [InlineData("memory", "out-of-memory", "memory")]
    [InlineData("other", "internal-error", "log")]
    public async Task A_failed_job_says_why_and_keeps_secrets(string thrown, string code, string detail)
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(1, 1, thrown));

        JobRecord failed = await WaitForAsync(job.Id, JobState.Failed);

        Assert.Equal(code, failed.FailureCode);
        Assert.Contains(detail, failed.FailureDetail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.FailureDetail, StringComparison.Ordinal);
        Assert.Equal(SceneState.Failed, (await Storage.ReadSceneAsync(job.SceneId)).State);
    }

    [Fact]
    public async Task Progress_is_written_a_few_times_a_second_and_never_falls()
    {
        await StartWorkerAsync();
        using JobEventSubscription subscription = Storage.Events.Subscribe();
        JobRecord job = await EnqueueAsync(new(300, 5));
        double last = 0;
        int changes = 0;
        JobRecord row;
        do
        {
            row = await Storage.ReadJobAsync(job.Id);
            Assert.True(row.Progress >= last, $"{row.Progress} after {last}");
            changes += row.Progress > last ? 1 : 0;
            last = row.Progress;
            await Task.Delay(20);
        }
        while (row.State != JobState.Succeeded);

        double seconds = (row.FinishedAt!.Value - row.StartedAt!.Value).TotalSeconds;
        Assert.InRange(changes, 2, (seconds * 4) + 4);
    }

    [Fact]
    public async Task A_job_whose_scene_is_deleted_stops()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new(10_000, 50));
        await WaitForAsync(job.Id, j => j.Iteration > 2);
        await using (Saga.Persistence.SagaDbContext db = Storage.Open())
        {
            db.Scenes.Remove(await Storage.ReadSceneAsync(job.SceneId));
            await db.SaveChangesAsync();
        }

        // The only slot is free again: the next job runs.
        JobRecord next = await EnqueueAsync(new(2, 10));
        await WaitForAsync(next.Id, JobState.Succeeded);
    }
}
