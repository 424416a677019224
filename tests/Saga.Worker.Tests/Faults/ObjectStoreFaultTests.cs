using System.Diagnostics;
using Saga.Persistence.Files.S3;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests.Faults;

/// <summary>Jobs whose files are in a bucket, and an object store that goes away under them.</summary>
public sealed class ObjectStoreFaultTests(S3Server server) : WorkerTests, IClassFixture<S3Server>
{
    [Fact]
    public async Task A_job_waits_for_an_object_store_that_is_away_says_so_and_loses_nothing()
    {
        await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new ScriptedJob.Script(30, 100));
        await WaitForAsync(job.Id, j => j is { Iteration: > 5, CheckpointKey: not null });

        await server.StopAsync();
        await WaitForAsync(job.Id, j => j.Stage == "waiting for the file store");
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(JobState.Running, (await Storage.ReadJobAsync(job.Id)).State);
        await server.StartAsync();
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal(1, done.Attempt);
        SceneRecord scene = await Storage.ReadSceneAsync(job.SceneId);
        Assert.Equal(BitConverter.GetBytes(30), await Storage.ReadFileAsync(scene.ModelKey!));
        await Storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(-1), default);
        Assert.Equal([scene.ModelKey!], await Storage.Files.EntriesAsync(default).Select(entry => entry.Key).ToListAsync());
    }

    [Fact]
    public async Task A_job_that_was_handed_back_goes_on_at_another_worker_from_the_checkpoint_in_the_bucket()
    {
        Microsoft.Extensions.Hosting.IHost first = await StartWorkerAsync();
        JobRecord job = await EnqueueAsync(new ScriptedJob.Script(40, 50));
        await WaitForAsync(job.Id, j => j is { Iteration: > 5, CheckpointKey: not null });
        await StopAsync(first);

        await StartWorkerAsync();
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.InRange(FirstStep(done), 5, 39);
    }

    [Theory]
    [InlineData("staged")]
    [InlineData("committed")]
    public async Task A_worker_killed_before_or_after_the_put_of_its_model_leaves_nothing_that_is_seen(string moment)
    {
        using Process doomed = WorkerProcess.Start(Storage.Options);
        JobRecord job = await EnqueueAsync(new(5, 10, HangSaving: moment));
        await WaitForAsync(job.Id, j => j.Stage == moment);
        doomed.Kill();
        await doomed.WaitForExitAsync();
        Assert.Null((await Storage.ReadSceneAsync(job.SceneId)).ModelKey);

        await StartWorkerAsync();
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal(2, done.Attempt);
        SceneRecord scene = await Storage.ReadSceneAsync(job.SceneId);
        Assert.Equal(BitConverter.GetBytes(5), await Storage.ReadFileAsync(scene.ModelKey!));
        await Storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(-1), default);
        Assert.Equal([scene.ModelKey!], await Storage.Files.EntriesAsync(default).Select(entry => entry.Key).ToListAsync());
    }

    protected override string? Connection() => null;

    protected override S3StorageOptions Bucket() => server.RequireOwn();
}
