using System.Diagnostics;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests.Faults;

/// <summary>kill -9 in every stage of a real training: the job ends elsewhere with the model of an unbroken one and leaves nothing else.</summary>
public sealed class KilledStageTests : WorkerTests
{
    private const string Options = """{"iterations":60,"raysPerIteration":200,"featureDimension":16,"seed":7}""";

    protected override string? Connection() => null;

    [Fact]
    public async Task A_training_killed_in_any_stage_ends_with_the_same_model_and_no_orphans()
    {
        float[] expected = await UnbrokenAsync();
        foreach (string stage in new[] { "reading the scene", "measuring masks", "finding neighbours", "training", "smoothing", "saving the model" })
        {
            SceneRecord scene = await Playroom.AddAsync(Storage, views: 6);
            JobRecord job;
            bool killedThere;
            using (Process doomed = WorkerProcess.Start(Storage.Options))
            {
                job = await EnqueueAsync(scene);
                JobRecord seen = await WaitForAsync(job.Id, j => j.Stage == stage || !j.State.IsActive(), every: 5);
                doomed.Kill();
                await doomed.WaitForExitAsync();
                killedThere = seen.State.IsActive();
            }

            JobRecord left = await Storage.ReadJobAsync(job.Id);
            Microsoft.Extensions.Hosting.IHost worker = await StartWorkerAsync();
            JobRecord done = await WaitForAsync(job.Id, JobState.Succeeded);
            await StopAsync(worker);

            Assert.True(killedThere, $"The stage «{stage}» was not seen.");
            Assert.Equal(left.State == JobState.Succeeded ? 1 : 2, done.Attempt);
            float[] model = await ModelAsync(scene);
            Assert.True(expected.AsSpan().SequenceEqual(model), $"Killed in the stage «{stage}»: another model.");
        }

        Storage.Sweep.SweepStaging(TimeSpan.Zero);
        await Storage.Sweep.SweepOrphansAsync(TimeSpan.Zero, default);
        foreach (string folder in Directory.GetDirectories(Path.Combine(Storage.Files.Root, "scenes")))
        {
            Assert.Equal(
                ["Cameras", "Gaussians", "Masks", "model"],
                Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file).Split('-')[0]).Order(StringComparer.Ordinal));
        }
    }

    private async Task<float[]> UnbrokenAsync()
    {
        SceneRecord scene = await Playroom.AddAsync(Storage, views: 6);
        Microsoft.Extensions.Hosting.IHost worker = await StartWorkerAsync();
        await WaitForAsync((await EnqueueAsync(scene)).Id, JobState.Succeeded);
        await StopAsync(worker);
        return await ModelAsync(scene);
    }

    private async Task<JobRecord> EnqueueAsync(SceneRecord scene) =>
        (await Storage.Jobs.EnqueueAsync(scene.Id, JobKinds.Train, Options, null, default)).Job!;

    /// <summary>The features: a model file also says when it was made.</summary>
    private async Task<float[]> ModelAsync(SceneRecord scene)
    {
        return Playroom.ReadModel(Storage, await Storage.ReadSceneAsync(scene.Id)).Features;
    }
}
