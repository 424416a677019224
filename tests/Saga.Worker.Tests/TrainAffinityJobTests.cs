using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests;

/// <summary>Real trainings of the sample, with few views and iterations.</summary>
public sealed class TrainAffinityJobTests : WorkerTests
{
    private const int Views = 2;
    private const string Short = """{"iterations":20,"raysPerIteration":100,"featureDimension":16,"seed":7}""";

    protected override string? Connection() => null;

    [Fact]
    public async Task A_training_leaves_a_model_that_the_engine_reads()
    {
        SceneRecord scene = await Playroom.AddAsync(Storage, Views);
        await StartWorkerAsync();

        JobRecord done = await TrainAsync(scene);

        SceneRecord after = await Storage.ReadSceneAsync(scene.Id);
        AffinityModel model = Playroom.ReadModel(Storage, after);
        Assert.Equal((16, 20, 7L), (model.Dimension, model.Info.Iterations, model.Info.Seed));
        using var json = JsonDocument.Parse(after.ModelJson!);
        Assert.Equal(
            ["trainedAt", "iterations", "featureDimension", "seed", "finalLoss", "scaleKnots"],
            json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal((20, 20, 1.0), (done.Iteration, done.Iterations, done.Progress));
        JsonNode report = JsonNode.Parse(done.ReportJson!)!;
        Assert.Equal(Views, report["viewsUsed"]!.GetValue<int>());
        Assert.Equal("uploaded", report["maskSource"]!.GetValue<string>());
        Assert.Equal(
            report["masksUsed"]!.GetValue<int>(), report["maskScales"]!["counts"]!.AsArray().Sum(count => count!.GetValue<int>()));
        Assert.Equal(Views, report["masksPerView"]!["counts"]!.AsArray().Sum(count => count!.GetValue<int>()));
        Assert.StartsWith(Simd.Level.ToString(), report["vectors"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            ["reading masks", "measuring masks", "finding neighbours", "waiting for pixels", "rendering features", "contrastive loss", "feature gradients",
                "optimiser", "smoothing"],
            report["stageSeconds"]!.AsObject().Select(s => s.Key));
        Assert.All(report["stageSeconds"]!.AsObject(), s => Assert.InRange(s.Value!.GetValue<double>(), 0, 600));
    }

    [Fact]
    public async Task A_training_whose_worker_was_killed_ends_with_the_same_model_as_an_unbroken_one()
    {
        const string longer = """{"iterations":80,"raysPerIteration":100,"featureDimension":16,"seed":7}""";
        SceneRecord unbroken = await Playroom.AddAsync(Storage, Views);
        SceneRecord interrupted = await Playroom.AddAsync(Storage, Views);
        JobRecord job;
        using (Process doomed = WorkerProcess.Start(Storage.Options))
        {
            await TrainAsync(unbroken, longer);
            job = (await Storage.Jobs.EnqueueAsync(interrupted.Id, "train", longer, null, default)).Job!;
            await WaitForAsync(job.Id, j => j is { Iteration: > 10, CheckpointKey: not null });
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        await StartWorkerAsync();
        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);

        Assert.Equal(2, done.Attempt);
        Assert.InRange(JsonNode.Parse(done.ReportJson!)!["resumedFrom"]!.GetValue<int>(), 1, 79);
        Assert.Equal(
            Playroom.ReadModel(Storage, await Storage.ReadSceneAsync(unbroken.Id)).Features,
            Playroom.ReadModel(Storage, await Storage.ReadSceneAsync(interrupted.Id)).Features);
    }

    [Fact]
    public async Task A_checkpoint_that_is_damaged_costs_the_work_but_not_the_job()
    {
        SceneRecord scene = await Playroom.AddAsync(Storage, Views);
        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", Short, null, default)).Job!;
        JobLease lost = (await Storage.Jobs.ClaimAsync(job.Id, _ => false, default))!.Lease;
        string key = await StoreAsync(scene.Id, "checkpoint-damaged", [1, 2, 3]);
        await Storage.Jobs.SetCheckpointAsync(lost, key, default);
        await Storage.Jobs.HandBackAsync(lost, default);

        await StartWorkerAsync();

        JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
        Assert.Equal(0, JsonNode.Parse(done.ReportJson!)!["resumedFrom"]!.GetValue<int>());
    }

    [Theory]
    [InlineData(AssetKind.Gaussians, "invalid-scene")]
    [InlineData(AssetKind.Cameras, "invalid-cameras")]
    [InlineData(AssetKind.Masks, "invalid-masks")]
    public async Task A_damaged_file_fails_the_job_with_a_reason(AssetKind damaged, string code)
    {
        SceneRecord scene = await Playroom.AddAsync(Storage, Views, damaged);
        await StartWorkerAsync();
        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", Short, null, default)).Job!;

        JobRecord failed = await WaitForAsync(job.Id, JobState.Failed);

        Assert.Equal(code, failed.FailureCode);
        Assert.NotEmpty(failed.FailureDetail!);
    }

    [Theory]
    [InlineData("""{"preset":"fast"}""", "invalid-options")]
    [InlineData("""{"iterations":0}""", "invalid-options")]
    [InlineData("[]", "invalid-options")]
    [InlineData("""{"maskSource":"clicks"}""", "invalid-options")]
    [InlineData("{}", "scene-empty")]
    public async Task What_cannot_be_trained_is_refused_with_a_reason(string options, string code)
    {
        await StartWorkerAsync();
        var scene = new SceneRecord { Id = Guid.CreateVersion7(), Name = "empty", State = SceneState.Empty };
        await using (SagaDbContext db = Storage.Open())
        {
            db.Scenes.Add(scene);
            await db.SaveChangesAsync();
        }

        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", options, null, default)).Job!;

        Assert.Equal(code, (await WaitForAsync(job.Id, JobState.Failed)).FailureCode);
    }

    private async Task<JobRecord> TrainAsync(SceneRecord scene, string options = Short)
    {
        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", options, null, default)).Job!;
        return await WaitForAsync(job.Id, JobState.Succeeded);
    }

    private async Task<string> StoreAsync(Guid sceneId, string name, byte[] content)
    {
        await using PendingFile pending = await Storage.Files.StageAsync(new MemoryStream(content), long.MaxValue, default);
        return (await pending.CommitAsync($"scenes/{sceneId}/{name}", default)).Key;
    }
}
