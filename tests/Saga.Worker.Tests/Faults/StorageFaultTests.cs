using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests.Faults;

/// <summary>A job on a disk that fills up or turns read-only under it: it waits, is seen to wait, and ends as if nothing had been.</summary>
public sealed class StorageFaultTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [Fact]
    public Task A_full_disk_under_records_and_files_keeps_a_job_waiting_and_loses_nothing() => RunAsync(
        database: null, disk => disk.Fill(), disk => disk.Free());

    [Fact]
    public Task A_full_store_keeps_a_job_waiting_and_says_so() => RunAsync(
        server.Require(), disk => disk.Fill(), disk => disk.Free(), waits: "waiting for space on the disk");

    [Fact]
    public Task A_read_only_store_keeps_a_job_waiting_and_says_so() => RunAsync(
        server.Require(), disk => disk.Remount(readOnly: true), disk => disk.Remount(readOnly: false), waits: "waiting for space on the disk");

    [Fact]
    public async Task A_job_that_waits_for_space_can_be_cancelled()
    {
        using SmallDisk disk = SmallDisk.Require(8);
        await using var scope = new Scope(server.Require(), disk.Path);
        await scope.InitializeAsync();
        await scope.StartWorkerAsync();
        JobRecord job = await scope.EnqueueAsync(new ScriptedJob.Script(10, 50));
        await scope.WaitForAsync(job.Id, j => j.Iteration > 2);
        disk.Fill();
        await scope.WaitForAsync(job.Id, j => j.Stage.StartsWith("waiting", StringComparison.Ordinal));

        await scope.Storage.Jobs.CancelAsync(job.Id, default);

        Assert.Equal(JobState.Canceled, (await scope.WaitForAsync(job.Id, JobState.Canceled)).State);
    }

    private static async Task RunAsync(string? database, Action<SmallDisk> breakIt, Action<SmallDisk> mendIt, string? waits = null)
    {
        using SmallDisk disk = SmallDisk.Require(8);
        await using var scope = new Scope(database, disk.Path);
        await scope.InitializeAsync();
        await scope.StartWorkerAsync();
        JobRecord job = await scope.EnqueueAsync(new ScriptedJob.Script(30, 100));
        await scope.WaitForAsync(job.Id, j => j is { Iteration: > 5, CheckpointKey: not null });

        breakIt(disk);
        if (waits is not null)
        {
            await scope.WaitForAsync(job.Id, j => j.Stage == waits);
        }

        // Longer than a silent worker is waited for, and than the job's steps take.
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Equal(JobState.Running, (await scope.Storage.ReadJobAsync(job.Id)).State);
        mendIt(disk);
        JobRecord done = await scope.WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal(1, done.Attempt);
        SceneRecord scene = await scope.Storage.ReadSceneAsync(job.SceneId);
        Assert.Equal(BitConverter.GetBytes(30), await File.ReadAllBytesAsync(scope.Storage.PathOf(scene.ModelKey!)));
        scope.Storage.Sweep.SweepStaging(TimeSpan.Zero);
        await scope.Storage.Sweep.SweepOrphansAsync(TimeSpan.Zero, default);
        Assert.Equal(
            [scope.Storage.PathOf(scene.ModelKey!)], Directory.GetFiles(scope.Storage.Files.Root, "*", SearchOption.AllDirectories));
    }

    /// <summary>Storage and workers on the small disk.</summary>
    private sealed class Scope(string? database, string folder) : WorkerTests(folder), IAsyncDisposable
    {
        protected override string? Connection() => database;
    }
}
