using System.Diagnostics;
using System.Text.Json.Nodes;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;
using Saga.Tests.Onnx;

namespace Saga.Worker.Tests.Jobs;

/// <summary>Vocabularies of the trained sample, by a small model with CLIP's interface.</summary>
public sealed class BuildVocabularyJobTests : WorkerTests
{
    private const int Views = 40;

    protected override string? Connection() => null;

    [Fact]
    public async Task A_vocabulary_whose_worker_was_killed_is_the_file_of_an_unbroken_one()
    {
        ColorClip.Write(Path.Combine(WorkerProcess.ModelsOf(Storage.Options), "clip"));
        SceneRecord scene = await Playroom.AddAsync(Storage, Views);
        JobRecord interrupted;
        using (Process doomed = WorkerProcess.Start(Storage.Options))
        {
            JobRecord training = (await Storage.Jobs.EnqueueAsync(
                scene.Id, "train", """{"iterations":20,"raysPerIteration":100,"featureDimension":16,"seed":7}""", null, default)).Job!;
            await WaitForAsync(training.Id, JobState.Succeeded);
            interrupted = await EnqueueAsync(scene);
            await WaitForAsync(interrupted.Id, j => j.CheckpointKey is not null || !j.State.IsActive());
            doomed.Kill();
            await doomed.WaitForExitAsync();
        }

        JobRecord killed = await Storage.ReadJobAsync(interrupted.Id);
        await StartWorkerAsync();
        JobRecord done = await WaitForAsync(interrupted.Id, JobState.Succeeded);
        byte[] resumed = await VocabularyAsync(scene);
        await WaitForAsync((await EnqueueAsync(scene)).Id, JobState.Succeeded);

        Assert.Equal((JobState.Running, 2), (killed.State, done.Attempt));
        JsonNode report = JsonNode.Parse(done.ReportJson!)!;
        Assert.InRange(report["resumedFrom"]!.GetValue<int>(), 1, Views - 1);
        Assert.True(report["masks"]!.GetValue<int>() > Views);
        Assert.Equal(await VocabularyAsync(scene), resumed);
    }

    [Fact]
    public async Task Without_a_model_the_job_fails_with_the_way_to_install_one()
    {
        SceneRecord scene = await Playroom.AddAsync(Storage, views: 2);
        await StartWorkerAsync();
        JobRecord failed = await WaitForAsync((await EnqueueAsync(scene)).Id, JobState.Failed);
        Assert.Equal(("model-missing", 1), (failed.FailureCode, failed.Attempt));
        Assert.Contains("./run models", failed.FailureDetail, StringComparison.Ordinal);
    }

    private async Task<JobRecord> EnqueueAsync(SceneRecord scene) =>
        (await Storage.Jobs.EnqueueAsync(scene.Id, JobKinds.Vocabulary, "{}", null, default)).Job!;

    private async Task<byte[]> VocabularyAsync(SceneRecord scene)
    {
        SceneRecord now = await Storage.ReadSceneAsync(scene.Id);
        return await File.ReadAllBytesAsync(Storage.PathOf(now.Assets.Single(a => a.Kind == AssetKind.Vocabulary).Key));
    }
}
