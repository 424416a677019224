using Microsoft.Extensions.Logging.Abstractions;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests;

/// <summary>What of a job's progress the database shows when the job ends.</summary>
public sealed class LeaseKeeperTests : WorkerTests
{
    protected override string? Connection() => null;

    [Fact]
    public async Task A_write_under_way_does_not_come_after_the_last_one()
    {
        SagaWorkerOptions options = new() { ProgressEvery = TimeSpan.FromMilliseconds(1) };
        SceneRecord scene = await Storage.AddSceneAsync();
        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, ScriptedJob.Name, "{}", null, default)).Job!;
        ClaimedJob claimed = (await Storage.Jobs.ClaimAsync(job.Id, _ => false, default))!;
        for (int last = 1; last <= 200; last += 2)
        {
            using var context = new JobContext(claimed, Storage.Jobs, Storage.Files, options, NullLogger.Instance);
            await using (var keeper = new LeaseKeeper(context, Storage.Jobs, options, NullLogger.Instance))
            {
                keeper.Start();
                context.Report(new JobProgress("training", 0.5, last - 1, 200));
                await Task.Delay(last % 5);
                context.Report(new JobProgress("training", 0.5, last, 200));
                await keeper.FlushAsync();
            }

            Assert.Equal(last, (await Storage.ReadJobAsync(job.Id)).Iteration);
        }
    }
}
