using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Saga.Engine.Affinity;
using Saga.Engine.Training;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Worker.Compute;
using Saga.Worker.Masks;

namespace Saga.Worker.Jobs;

/// <summary>Trains the affinity features of a scene and leaves them as its model.</summary>
/// <remarks>
/// (1) read Gaussians and cameras; (2) read the uploaded masks, or make masks, view by view; (3) take up the checkpoint of an earlier
/// attempt, if it is of these inputs and options; (4) train: measure the masks, find the neighbours, iterate, smooth, with a checkpoint
/// now and then; (5) write the model file. The scene points to it when the loop records the job's success. Killed anywhere, the next attempt ends with the same model; on a compute device with one that is the same up to rounding.
/// </remarks>
internal sealed class TrainAffinityJob(
    IDbContextFactory<SagaDbContext> contexts,
    FileStore files,
    MaskGenerators generators,
    SagaWorkerOptions worker,
    ComputeNode compute,
    ILogger<TrainAffinityJob> logger) : IJobKind
{
    public string Kind => JobKinds.Train;

    public async Task<JobResult> RunAsync(JobContext context)
    {
        // (1)
        context.Report(new JobProgress("reading the scene", 0));
        var request = TrainingRequest.Parse(context.Job.OptionsJson);
        AffinityTrainingOptions options = request.ToOptions(worker.MaxThreads);
        TrainingInputs inputs = await TrainingInputs.ReadAsync(context.Job.SceneId, contexts, files, context.Stopping);

        // (2)
        bool areUploaded = await TrainingMasks.AreUploadedAsync(request.MaskSource, inputs, files, context.Stopping);
        var shares = JobShares.Of(makesMasks: !areUploaded);
        TrainingMasks masks = areUploaded
            ? await TrainingMasks.ReadAsync(inputs, files, context.Stopping)
            : await TrainingMasks.MakeAsync(
                generators.Choose(request.MaskSource ?? "auto"), inputs, files, worker.MaxThreads, context, shares);
        using var trainer = new AffinityTrainer(inputs.Scene, inputs.Views, masks.Views, options, compute.Device);

        // (3)
        await RestoreAsync(trainer, masks.Fingerprint, context);
        int resumedFrom = trainer.Iteration;

        // (4)
        AffinityModel model;
        try
        {
            model = await TrainAsync(trainer, masks.Fingerprint, context, shares);
        }
        finally
        {
            if (trainer.DeviceFailure is { } failure)
            {
                compute.Failed(failure);
            }
        }

        // (5)
        context.Report(JobShares.Saving(options.Iterations, model.Info.FinalLoss));
        TrainedModel saved = await SaveAsync(model, inputs, context);
        IReadOnlyDictionary<string, double> seconds = TrainingJobReport.StageSeconds(trainer.Report, masks);
        return new JobResult(
            saved, TrainingJobReport.Write(trainer.Report, inputs, masks, seconds, resumedFrom, trainer.ComputedOn), StageSeconds: seconds);
    }

    private async Task RestoreAsync(AffinityTrainer trainer, byte[] inputs, JobContext context)
    {
        await using Stream? checkpoint = await context.OpenCheckpointAsync();
        if (checkpoint is null)
        {
            return;
        }

        try
        {
            byte[] fingerprint = new byte[inputs.Length];
            if (checkpoint.ReadAtLeast(fingerprint, fingerprint.Length, false) < fingerprint.Length
                || !fingerprint.AsSpan().SequenceEqual(inputs))
            {
                throw new InvalidCheckpointException("The scene's files or masks are others than at the checkpoint.");
            }

            trainer.Restore(checkpoint);
            logger.LogInformation("Job {JobId}: goes on from iteration {Iteration}.", context.Job.Id, trainer.Iteration);
        }
        catch (InvalidCheckpointException error)
        {
            logger.LogWarning("Job {JobId}: starts over. {Reason}", context.Job.Id, error.Message);
        }
    }

    private static async Task<AffinityModel> TrainAsync(AffinityTrainer trainer, byte[] inputs, JobContext context, JobShares shares)
    {
        void Write(Stream stream)
        {
            stream.Write(inputs);
            trainer.SaveCheckpoint(stream);
        }

        try
        {
            return trainer.Run(
                new Relay(context, shares),
                _ =>
                {
                    if (context.IsCheckpointDue)
                    {
                        // The state is written when this returns; the rest goes on beside the training.
                        context.SaveCheckpointAsync(Write);
                    }
                },
                context.Stopping);
        }
        catch (OperationCanceledException) when (context.Reason == StopReason.ShuttingDown && trainer.Iteration > 0)
        {
            await context.SaveCheckpointAsync(Write);
            throw;
        }
    }

    private async Task<TrainedModel> SaveAsync(AffinityModel model, TrainingInputs inputs, JobContext context)
    {
        var named = new AffinityModel
        {
            Dimension = model.Dimension,
            Features = model.Features,
            Gate = model.Gate,
            Quantiles = model.Quantiles,
            Info = model.Info with { SceneSha256 = inputs.Gaussians.Sha256 },
        };
        await using PendingFile pending = await files.StageAsync(
            (stream, token) =>
            {
                AffinityModelFile.Write(stream, named, inputs.Scene, token);
                return Task.CompletedTask;
            },
            context.Stopping);
        StoredFile stored = await pending.CommitAsync(
            $"scenes/{context.Job.SceneId}/model-{Guid.CreateVersion7()}.saga", context.Stopping);
        return new TrainedModel(stored.Key, stored.Sha256, ModelJsonOf(named), inputs.Gaussians.Sha256);
    }

    /// <summary>The <c>model</c> object of the HTTP contract.</summary>
    private static string ModelJsonOf(AffinityModel model) => JsonSerializer.Serialize(
        new
        {
            model.Info.TrainedAt,
            model.Info.Iterations,
            FeatureDimension = model.Dimension,
            model.Info.Seed,
            FinalLoss = double.IsFinite(model.Info.FinalLoss) ? model.Info.FinalLoss : (double?)null,
            ScaleKnots = new
            {
                Min = model.Quantiles.ToScale(0),
                Median = model.Quantiles.ToScale(0.5),
                Max = model.Quantiles.ToScale(1),
            },
        },
        JsonSerializerOptions.Web);

    /// <summary>Passes the trainer's progress on at once, in its order.</summary>
    private sealed class Relay(JobContext context, JobShares shares) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => context.Report(shares.Training(value));
    }
}
