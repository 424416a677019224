using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Saga.Engine.Affinity;
using Saga.Engine.OpenVocabulary;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Worker.Jobs;

/// <summary>Looks at a trained scene's masks with CLIP and leaves what it saw as the scene's vocabulary, for queries in words.</summary>
/// <remarks>
/// (1) read Gaussians, cameras, masks and model; (2) take up the checkpoint of an earlier attempt, if it is of these inputs; (3) view by view:
/// measure the masks, cut them out of the photo, encode the crops, with a checkpoint now and then; (4) let masks vote and cluster
/// them; (5) write the file. Killed anywhere, the next attempt ends with the same file.
/// </remarks>
internal sealed class BuildVocabularyJob(
    IDbContextFactory<SagaDbContext> contexts, FileStore files, SagaWorkerOptions worker, ILogger<BuildVocabularyJob> logger) : IJobKind
{
    // Shares of the job for the progress bar: encoding takes nearly all of it.
    private const double ReadingShare = 0.02;
    private const double LookingShare = 0.95;

    // Crops are shrunk to the encoder's 224 pixels: of a mask that fills the photo this is enough.
    private const int PhotoSide = 1024;

    public string Kind => JobKinds.Vocabulary;

    public async Task<JobResult> RunAsync(JobContext context)
    {
        // (1)
        context.Report(new JobProgress("reading the scene", 0));
        using ClipModel clip = OpenModel();
        TrainingInputs inputs = await TrainingInputs.ReadAsync(context.Job.SceneId, contexts, files, context.Stopping);
        (AffinityModel model, string modelSha256, string? photos) = await ReadModelAsync(context.Job.SceneId, inputs, context.Stopping);
        var builder = new VocabularyBuilder(inputs.Scene, model, modelSha256, clip.Fingerprint, clip.Channels, clip.Embed, worker.MaxThreads);

        // (2)
        Restore(builder, inputs, context);

        // (3)
        using (var pictures = new ViewPictures(inputs.Scene, photos))
        {
            await LookAsync(builder, inputs, pictures, context);
        }

        // (4)
        context.Report(new JobProgress("comparing the masks", ReadingShare + LookingShare, inputs.Views.Count, inputs.Views.Count));
        MaskVocabulary vocabulary = builder.Finish(inputs.Views.Count, context.Stopping);

        // (5)
        await using PendingFile pending = await files.StageAsync(
            (stream, _) =>
            {
                MaskVocabularyFile.Write(stream, vocabulary);
                return Task.CompletedTask;
            },
            context.Stopping);
        StoredFile stored = await pending.CommitAsync(
            $"scenes/{context.Job.SceneId}/vocabulary-{Guid.CreateVersion7()}.saga", context.Stopping);
        string report = JsonSerializer.Serialize(
            new
            {
                Masks = vocabulary.Count,
                vocabulary.Info.MasksDropped,
                Clusters = vocabulary.ClusterCount,
                MasksInClusters = vocabulary.Clusters.Count(cluster => cluster != MaskVocabulary.NoCluster),
                clip.Channels,
            },
            JsonSerializerOptions.Web);
        return new JobResult(null, report, new MadeAsset(AssetKind.Vocabulary, stored, modelSha256));
    }

    private ClipModel OpenModel()
    {
        try
        {
            return ClipModel.Open(worker.ClipFolder, worker.MaxThreads);
        }
        catch (InvalidVocabularyException error)
        {
            throw new JobFailedException(new JobFailure("model-missing", $"{error.Message} ./run models says how to install CLIP."));
        }
    }

    private async Task<(AffinityModel Model, string Sha256, string? Photos)> ReadModelAsync(
        Guid sceneId, TrainingInputs inputs, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        SceneRecord scene = await db.Scenes.AsNoTracking().Include(s => s.Assets).SingleAsync(s => s.Id == sceneId, cancellationToken);
        if (scene.ModelKey is null || scene.ModelSha256 is null)
        {
            throw new JobFailedException(new JobFailure("scene-not-trained", "The scene has no model; train it first."));
        }

        try
        {
            AffinityModel model = AffinityModelFile.Read(files.PathOf(scene.ModelKey), inputs.Scene, inputs.GaussiansSha256, cancellationToken);
            string? photos = scene.Assets.Find(asset => asset.Kind == AssetKind.Images) is { } images ? files.PathOf(images.Key) : null;
            return (model, scene.ModelSha256, photos);
        }
        catch (Exception error) when (error is InvalidModelException or FileNotFoundException or DirectoryNotFoundException)
        {
            // A replaced model goes away a while after its record.
            throw new JobFailedException(JobFailure.ModelChanged);
        }
    }

    private void Restore(VocabularyBuilder builder, TrainingInputs inputs, JobContext context)
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
                throw new InvalidVocabularyException("The scene's files were replaced since the checkpoint.");
            }

            builder.Restore(checkpoint);
            logger.LogInformation("Job {JobId}: goes on from view {View}.", context.Job.Id, builder.NextView);
        }
        catch (InvalidVocabularyException error)
        {
            logger.LogWarning("Job {JobId}: starts over. {Reason}", context.Job.Id, error.Message);
        }
    }

    private static async Task LookAsync(VocabularyBuilder builder, TrainingInputs inputs, ViewPictures pictures, JobContext context)
    {
        void Write(Stream stream)
        {
            stream.Write(inputs.Fingerprint);
            builder.SaveCheckpoint(stream);
        }

        int views = inputs.Views.Count;
        try
        {
            while (builder.NextView < views)
            {
                int view = builder.NextView;
                context.Report(new JobProgress("looking at the masks", ReadingShare + LookingShare * view / views, view, views));
                builder.AddView(
                    inputs.Views[view].Camera, inputs.Masks.Views[view].Masks,
                    () => pictures.Of(inputs.Views[view], PhotoSide, context.Stopping), context.Stopping);
                if (context.IsCheckpointDue)
                {
                    await context.SaveCheckpointAsync(Write);
                }
            }
        }
        catch (OperationCanceledException) when (context.Reason == StopReason.ShuttingDown && builder.NextView > 0)
        {
            await context.SaveCheckpointAsync(Write);
            throw;
        }
    }
}
