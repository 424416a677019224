using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Persistence.Tests.Jobs;

public sealed class SqliteJobStoreTests : JobStoreTests
{
    protected override string? Connection() => null;
}

public sealed class PostgresJobStoreTests(PostgresServer server) : JobStoreTests, IClassFixture<PostgresServer>
{
    protected override string? Connection() => server.Require();
}

public abstract class JobStoreTests : IAsyncLifetime
{
    private static readonly Func<JobPulse, bool> Silence = pulse => pulse.Age > TimeSpan.FromMinutes(1);

    private TestStorage? _storage;

    protected abstract string? Connection();

    private TestStorage Storage => _storage!;

    private JobStore Jobs => Storage.Jobs;

    public async ValueTask InitializeAsync()
    {
        _storage = new TestStorage(Connection());
        await _storage.Database.MigrateAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_queued_job_is_due_and_its_scene_is_training()
    {
        (SceneRecord scene, JobRecord job) = await EnqueueAsync();

        Assert.Equal([job.Id], (await Jobs.FindDueAsync(Silence, default)).Select(j => j.Id));
        Assert.Equal(JobState.Queued, (await Storage.ReadJobAsync(job.Id)).State);
        SceneRecord after = await Storage.ReadSceneAsync(scene.Id);
        Assert.Equal(SceneState.Training, after.State);
        Assert.Equal(scene.Version + 1, after.Version);
    }

    [Fact]
    public async Task A_repeated_key_gives_the_job_of_the_first_time_even_when_it_is_over()
    {
        SceneRecord scene = await Storage.AddSceneAsync();
        EnqueueResult first = await Jobs.EnqueueAsync(scene.Id, "train", "{}", "key", default);
        await Jobs.CancelAsync(first.Job!.Id, default);

        EnqueueResult second = await Jobs.EnqueueAsync(scene.Id, "train", "{}", "key", default);

        Assert.Equal(EnqueueOutcome.Repeated, second.Outcome);
        Assert.Equal(first.Job.Id, second.Job!.Id);
    }

    [Fact]
    public async Task A_second_job_of_a_scene_has_to_wait_for_the_first()
    {
        (SceneRecord scene, JobRecord job) = await EnqueueAsync();

        EnqueueResult second = await Jobs.EnqueueAsync(scene.Id, "train", "{}", "other", default);

        Assert.Equal(EnqueueOutcome.Busy, second.Outcome);
        Assert.Equal(job.Id, second.Job!.Id);
    }

    [Fact]
    public async Task Of_many_simultaneous_wishes_one_becomes_a_job()
    {
        SceneRecord scene = await Storage.AddSceneAsync();

        EnqueueResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => Jobs.EnqueueAsync(scene.Id, "train", "{}", i % 2 == 0 ? "same" : null, default))));

        EnqueueResult created = Assert.Single(results, r => r.Outcome == EnqueueOutcome.Created);
        Assert.All(results, r => Assert.Equal(created.Job!.Id, r.Job!.Id));
    }

    [Fact]
    public async Task The_database_itself_refuses_two_active_jobs_of_a_scene()
    {
        (SceneRecord scene, JobRecord _) = await EnqueueAsync();
        await using SagaDbContext db = Storage.Open();
        db.Jobs.Add(new JobRecord { Id = Guid.CreateVersion7(), SceneId = scene.Id, State = JobState.Running });

        await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync());
    }

    [Fact]
    public async Task A_job_for_an_unknown_scene_is_not_queued()
    {
        EnqueueResult result = await Jobs.EnqueueAsync(Guid.CreateVersion7(), "train", "{}", null, default);

        Assert.Equal(new EnqueueResult(EnqueueOutcome.SceneMissing, null), result);
    }

    [Fact]
    public async Task Of_many_workers_one_gets_the_job()
    {
        (SceneRecord _, JobRecord job) = await EnqueueAsync();

        ClaimedJob?[] claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Jobs.ClaimAsync(job.Id, Silence, default))));

        ClaimedJob won = Assert.Single(claims, c => c is not null)!;
        JobRecord row = await Storage.ReadJobAsync(job.Id);
        Assert.Equal(won.Lease.Epoch, row.Epoch);
        Assert.Equal(1, row.Attempt);
        Assert.Equal(JobState.Running, row.State);
        Assert.Empty(await Jobs.FindDueAsync(Silence, default));
    }

    [Fact]
    public async Task A_worker_that_was_replaced_can_write_nothing()
    {
        (SceneRecord scene, JobRecord job) = await EnqueueAsync();
        JobLease stale = (await Jobs.ClaimAsync(job.Id, Silence, default))!.Lease;
        JobLease current = (await Jobs.ClaimAsync(job.Id, _ => true, default))!.Lease;

        Assert.Equal(LeaseState.Lost, await Jobs.HeartbeatAsync(stale, default));
        Assert.False(await Jobs.ReportAsync(stale, new JobProgress("training", 0.9), default));
        Assert.False(await Jobs.SetCheckpointAsync(stale, "jobs/stale", default));
        Assert.False(await Jobs.SucceedAsync(stale, new TrainedModel("models/stale", "00", "{}", "aa"), null, "{}", default));
        Assert.False(await Jobs.FailAsync(stale, new JobFailure("x", "y"), default));
        Assert.False(await Jobs.AcknowledgeCancelAsync(stale, default));
        Assert.False(await Jobs.HandBackAsync(stale, default));

        JobRecord row = await Storage.ReadJobAsync(job.Id);
        Assert.Equal((current.Epoch, 2, 0.0, (string?)null, (string?)null), (row.Epoch!.Value, row.Attempt, row.Progress, row.CheckpointKey, row.ReportJson));
        Assert.Null((await Storage.ReadSceneAsync(scene.Id)).ModelKey);
        Assert.Equal(LeaseState.Held, await Jobs.HeartbeatAsync(current, default));
    }

    [Fact]
    public async Task After_three_lost_workers_the_job_fails()
    {
        (SceneRecord scene, JobRecord job) = await EnqueueAsync();
        for (int attempt = 1; attempt <= JobRecord.MaxAttempts; attempt++)
        {
            Assert.Equal(attempt, (await Jobs.ClaimAsync(job.Id, _ => true, default))!.Job.Attempt);
        }

        Assert.Null(await Jobs.ClaimAsync(job.Id, _ => true, default));

        JobRecord row = await Storage.ReadJobAsync(job.Id);
        Assert.Equal((JobState.Failed, "attempts-exhausted"), (row.State, row.FailureCode));
        Assert.NotNull(row.FinishedAt);
        Assert.Equal(SceneState.Failed, (await Storage.ReadSceneAsync(scene.Id)).State);
    }

    [Fact]
    public async Task Progress_never_falls()
    {
        JobLease lease = await RunningAsync();
        await Jobs.ReportAsync(lease, new JobProgress("training", 0.5, 50, 100, 1.5, 10), default);
        await Jobs.ReportAsync(lease, new JobProgress("loading", 0.1), default);
        await Jobs.ReportAsync(lease, new JobProgress("loading", double.NaN), default);

        JobRecord row = await Storage.ReadJobAsync(lease.JobId);
        Assert.Equal((0.5, "loading"), (row.Progress, row.Stage));
        await Jobs.ReportAsync(lease, new JobProgress("training", 7), default);
        Assert.Equal(1, (await Storage.ReadJobAsync(lease.JobId)).Progress);
    }

    [Fact]
    public async Task A_finished_training_swaps_the_scenes_model_in_one_step()
    {
        JobLease lease = await RunningAsync();

        Assert.True(await Jobs.SucceedAsync(lease, new TrainedModel("models/1", "ff", "{\"seed\":0}", "aa"), null, "{\"views\":2}", default));

        JobRecord job = await Storage.ReadJobAsync(lease.JobId);
        SceneRecord scene = await Storage.ReadSceneAsync(lease.SceneId);
        Assert.Equal((JobState.Succeeded, 1.0, "{\"views\":2}"), (job.State, job.Progress, job.ReportJson));
        Assert.Equal((SceneState.Ready, "models/1", "ff", "{\"seed\":0}"), (scene.State, scene.ModelKey, scene.ModelSha256, scene.ModelJson));
    }

    [Fact]
    public async Task A_model_of_replaced_gaussians_is_not_taken()
    {
        JobLease lease = await RunningAsync();
        await using (SagaDbContext db = Storage.Open())
        {
            await db.Assets.ExecuteUpdateAsync(a => a.SetProperty(x => x.Sha256, "bb"));
        }

        Assert.True(await Jobs.SucceedAsync(lease, new TrainedModel("models/1", "ff", "{}", "aa"), null, "{}", default));

        JobRecord job = await Storage.ReadJobAsync(lease.JobId);
        Assert.Equal((JobState.Failed, "scene-changed"), (job.State, job.FailureCode));
        Assert.Null((await Storage.ReadSceneAsync(lease.SceneId)).ModelKey);
    }

    [Fact]
    public async Task A_scene_with_a_model_stays_ready_when_a_later_training_fails()
    {
        JobLease first = await RunningAsync();
        await Jobs.SucceedAsync(first, new TrainedModel("models/1", "ff", "{}", "aa"), null, "{}", default);
        EnqueueResult second = await Jobs.EnqueueAsync(first.SceneId, "train", "{}", null, default);
        JobLease lease = (await Jobs.ClaimAsync(second.Job!.Id, Silence, default))!.Lease;

        await Jobs.FailAsync(lease, new JobFailure("training-diverged", "The loss is not finite."), default);

        SceneRecord scene = await Storage.ReadSceneAsync(first.SceneId);
        Assert.Equal((SceneState.Ready, "models/1"), (scene.State, scene.ModelKey));
        Assert.Equal("training-diverged", (await Storage.ReadJobAsync(lease.JobId)).FailureCode);
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled_at_once()
    {
        (SceneRecord scene, JobRecord job) = await EnqueueAsync();

        Assert.Equal(JobState.Canceled, (await Jobs.CancelAsync(job.Id, default))!.State);
        Assert.Equal(SceneState.Uploaded, (await Storage.ReadSceneAsync(scene.Id)).State);
        Assert.Null(await Jobs.ClaimAsync(job.Id, Silence, default));
        Assert.Null(await Jobs.CancelAsync(Guid.CreateVersion7(), default));
    }

    [Fact]
    public async Task A_running_jobs_worker_hears_of_the_cancel_with_its_next_heartbeat()
    {
        JobLease lease = await RunningAsync();

        JobRecord asked = (await Jobs.CancelAsync(lease.JobId, default))!;

        Assert.Equal((JobState.Running, true), (asked.State, asked.CancelRequested));
        Assert.Equal(LeaseState.CancelRequested, await Jobs.HeartbeatAsync(lease, default));
        Assert.True(await Jobs.AcknowledgeCancelAsync(lease, default));
        Assert.Equal(JobState.Canceled, (await Storage.ReadJobAsync(lease.JobId)).State);
        Assert.Equal(JobState.Canceled, (await Jobs.CancelAsync(lease.JobId, default))!.State);
    }

    [Fact]
    public async Task A_cancelled_job_whose_worker_died_is_not_run_again()
    {
        JobLease lease = await RunningAsync();
        await Jobs.CancelAsync(lease.JobId, default);

        Assert.Null(await Jobs.ClaimAsync(lease.JobId, _ => true, default));

        Assert.Equal(JobState.Canceled, (await Storage.ReadJobAsync(lease.JobId)).State);
    }

    [Fact]
    public async Task A_job_that_was_handed_back_keeps_its_checkpoint_and_its_attempts()
    {
        JobLease lease = await RunningAsync();
        await Jobs.SetCheckpointAsync(lease, "jobs/1/checkpoint", default);

        Assert.True(await Jobs.HandBackAsync(lease, default));

        JobRecord row = await Storage.ReadJobAsync(lease.JobId);
        Assert.Equal((JobState.Queued, 0, "jobs/1/checkpoint"), (row.State, row.Attempt, row.CheckpointKey));
        Assert.Equal("jobs/1/checkpoint", (await Jobs.ClaimAsync(lease.JobId, Silence, default))!.Job.CheckpointKey);
    }

    [Fact]
    public async Task Only_a_silent_worker_loses_its_job()
    {
        JobLease lease = await RunningAsync();

        Assert.Empty(await Jobs.FindDueAsync(Silence, default));
        Assert.Null(await Jobs.ClaimAsync(lease.JobId, Silence, default));
        await Task.Delay(300);
        DueJob due = Assert.Single(await Jobs.FindDueAsync(pulse => pulse.Age > TimeSpan.FromMilliseconds(200), default));
        Assert.Equal(new DueJob(lease.JobId, 1, default), due with { QueuedAt = default });
        await Jobs.HeartbeatAsync(lease, default);
        Assert.Empty(await Jobs.FindDueAsync(pulse => pulse.Age > TimeSpan.FromSeconds(10), default));
    }

    private async Task<(SceneRecord Scene, JobRecord Job)> EnqueueAsync()
    {
        SceneRecord scene = await Storage.AddSceneAsync();
        EnqueueResult result = await Jobs.EnqueueAsync(scene.Id, "train", "{}", null, default);
        Assert.Equal(EnqueueOutcome.Created, result.Outcome);
        return (scene, result.Job!);
    }

    private async Task<JobLease> RunningAsync() =>
        (await Jobs.ClaimAsync((await EnqueueAsync()).Job.Id, Silence, default))!.Lease;
}
