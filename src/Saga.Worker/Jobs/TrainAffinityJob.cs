using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Saga.Engine.Affinity;
using Saga.Engine.Numerics;
using Saga.Engine.Training;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Jobs;

/// <summary>Trains the affinity features of a scene and leaves them as its model.</summary>
/// <remarks>
/// (1) read Gaussians, cameras and masks; (2) take up the checkpoint of an earlier attempt, if it is of these inputs and options;
/// (3) train: measure the masks, find the neighbours, iterate, smooth, with a checkpoint now and then; (4) write the model file.
/// The scene points to it when the loop records the job's success. Killed anywhere, the next attempt ends with the same model.
/// </remarks>
internal sealed class TrainAffinityJob(
    IDbContextFactory<SagaDbContext> contexts, FileStore files, SagaWorkerOptions worker, ILogger<TrainAffinityJob> logger) : IJobKind
{
    // Shares of the job for the progress bar, from typical times.
    private const double ReadingShare = 0.02;
    private const double TrainingShare = 0.97;

    public string Kind => JobKinds.Train;

    public async Task<JobResult> RunAsync(JobContext context)
    {
        // (1)
        context.Report(new JobProgress("reading the scene", 0));
        AffinityTrainingOptions options = TrainingRequest.Parse(context.Job.OptionsJson).ToOptions(worker.MaxThreads);
        TrainingInputs inputs = await TrainingInputs.ReadAsync(context.Job.SceneId, contexts, files, context.Stopping);
        using var trainer = new AffinityTrainer(inputs.Scene, inputs.Views, inputs.Masks.Views, options);

        // (2)
        Restore(trainer, inputs, context);
        int resumedFrom = trainer.Iteration;

        // (3)
        AffinityModel model = await TrainAsync(trainer, inputs, context);

        // (4)
        context.Report(new JobProgress(
            "saving the model", ReadingShare + TrainingShare, model.Info.Iterations, options.Iterations, model.Info.FinalLoss, 0));
        TrainedModel saved = await SaveAsync(model, inputs, context);
        return new JobResult(saved, ReportOf(trainer.Report, inputs, resumedFrom));
    }

    private void Restore(AffinityTrainer trainer, TrainingInputs inputs, JobContext context)
    {
        using Stream? checkpoint = context.OpenCheckpoint();
        if (checkpoint is null)
        {
            return;
        }

        try
        {
            byte[] fingerprint = new byte[inputs.Fingerprint.Length];
            if (checkpoint.ReadAtLeast(fingerprint, fingerprint.Length, false) < fingerprint.Length
                || !fingerprint.AsSpan().SequenceEqual(inputs.Fingerprint))
            {
                throw new InvalidCheckpointException("The scene's files were replaced since the checkpoint.");
            }

            trainer.Restore(checkpoint);
            logger.LogInformation("Job {JobId}: goes on from iteration {Iteration}.", context.Job.Id, trainer.Iteration);
        }
        catch (InvalidCheckpointException error)
        {
            logger.LogWarning("Job {JobId}: starts over. {Reason}", context.Job.Id, error.Message);
        }
    }

    private static async Task<AffinityModel> TrainAsync(AffinityTrainer trainer, TrainingInputs inputs, JobContext context)
    {
        void Write(Stream stream)
        {
            stream.Write(inputs.Fingerprint);
            trainer.SaveCheckpoint(stream);
        }

        try
        {
            return trainer.Run(
                new Relay(context),
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
            Info = model.Info with { SceneSha256 = inputs.GaussiansSha256 },
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
        return new TrainedModel(stored.Key, stored.Sha256, ModelJsonOf(named), inputs.GaussiansSha256);
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

    private static string ReportOf(TrainingReport report, TrainingInputs inputs, int resumedFrom) => JsonSerializer.Serialize(
        new
        {
            report.ViewsUsed,
            report.ViewsWithoutMasks,
            report.MasksUsed,
            report.MasksDropped,
            report.StageSeconds,
            Vectors = Simd.Description,
            ResumedFrom = resumedFrom,
            Problems = inputs.Scene.Problems.Concat(inputs.Masks.Problems),
        },
        JsonSerializerOptions.Web);

    /// <summary>Passes the trainer's progress on at once, in its order.</summary>
    private sealed class Relay(JobContext context) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => context.Report(new JobProgress(
            value.Stage,
            ReadingShare + (TrainingShare * value.Fraction),
            value.Iteration,
            value.Iterations,
            value.Loss,
            value.IterationsPerSecond is > 0 ? (value.Iterations - value.Iteration) / value.IterationsPerSecond : null));
    }
}
