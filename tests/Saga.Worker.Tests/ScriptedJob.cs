using System.Text.Json;
using Saga.Persistence.Jobs;
using Saga.Worker;

namespace Saga.Tests;

/// <summary>
/// A kind of job for tests: counts from its checkpoint to <c>Steps</c>, one step per <c>StepMs</c>, saving a checkpoint whenever
/// one is due, and leaves a model whose content names every step.
/// </summary>
internal sealed class ScriptedJob(Saga.Persistence.Files.FileStore files) : IJobKind
{
    public const string Name = "scripted";

    /// <summary>
    /// What to do; <c>Throw</c> names an exception to end with after the last step, <c>HangSaving</c> the moment of saving at which
    /// the first attempt hangs until it is killed: <c>staged</c> (half of the model is written) or <c>committed</c>.
    /// </summary>
    public sealed record Script(int Steps = 10, int StepMs = 20, string? Throw = null, string? HangSaving = null)
    {
        public string ToJson() => JsonSerializer.Serialize(this);
    }

    public string Kind => Name;

    public async Task<JobResult> RunAsync(JobContext context)
    {
        Script script = JsonSerializer.Deserialize<Script>(context.Job.OptionsJson)!;
        int step = 0;
        await using (Stream? checkpoint = await context.OpenCheckpointAsync())
        {
            if (checkpoint is not null)
            {
                step = new BinaryReader(checkpoint).ReadInt32();
            }
        }

        int first = step;
        try
        {
            for (; step < script.Steps; step++)
            {
                context.Stopping.ThrowIfCancellationRequested();
                Thread.Sleep(script.StepMs);
                context.Report(new JobProgress("counting", (double)step / script.Steps, step + 1, script.Steps, 1.0 / (step + 1), null));
                if (context.IsCheckpointDue)
                {
                    await context.SaveCheckpointAsync(stream => stream.Write(BitConverter.GetBytes(step + 1)));
                }
            }
        }
        catch (OperationCanceledException) when (context.Reason == StopReason.ShuttingDown)
        {
            await context.SaveCheckpointAsync(stream => stream.Write(BitConverter.GetBytes(step)));
            throw;
        }

        if (script.Throw is not null)
        {
            throw script.Throw switch
            {
                "scene" => new Engine.Scenes.InvalidSceneException("scene.ply: property scale_2 is missing."),
                "memory" => new InsufficientMemoryException(),
                _ => new InvalidOperationException("secret path and stack"),
            };
        }

        async Task HangAsync(string moment)
        {
            if (script.HangSaving == moment && context.Job.Attempt == 1)
            {
                context.Report(new JobProgress(moment, 1, step, script.Steps, null, null));
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            }
        }

        string key = $"scenes/{context.Job.SceneId}/model-{Guid.CreateVersion7():N}";
        await using Saga.Persistence.Files.PendingFile pending = await files.StageAsync(
            async (stream, token) =>
            {
                await stream.WriteAsync(BitConverter.GetBytes(step).AsMemory(0, 2), token);
                await HangAsync("staged");
                await stream.WriteAsync(BitConverter.GetBytes(step).AsMemory(2), token);
            },
            default);
        Saga.Persistence.Files.StoredFile stored = await pending.CommitAsync(key, default);
        await HangAsync("committed");
        return new JobResult(new TrainedModel(key, stored.Sha256, "{}", "aa"), $"{{\"first\":{first}}}");
    }
}
