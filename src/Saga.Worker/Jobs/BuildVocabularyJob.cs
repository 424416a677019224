using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Saga.Engine.Affinity;
using Saga.Engine.Archives;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Onnx;
using Saga.Engine.OpenVocabulary;
using Saga.Engine.Rasterization;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Worker.Masks;

namespace Saga.Worker.Jobs;

/// <summary>Looks at a trained scene's masks with CLIP and leaves what it saw as the scene's vocabulary, for queries in words.</summary>
/// <remarks>
/// (1) read Gaussians, cameras and model, and the masks, or make them as a training would; (2) take up the checkpoint of an earlier
/// attempt, if it is of these inputs; (3) view by view: measure the masks, cut them out of the photo, encode the crops, with a
/// checkpoint now and then; (4) let masks vote and cluster them; (5) write the file. Killed anywhere, the next attempt ends with the same file.
/// </remarks>
internal sealed class BuildVocabularyJob(
    IDbContextFactory<SagaDbContext> contexts,
    FileStore files,
    MaskGenerators generators,
    SagaWorkerOptions worker,
    ILogger<BuildVocabularyJob> logger) : IJobKind
{
    /// <summary>Of the progress bar: comparing the masks and writing.</summary>
    private const double LastShare = 0.03;

    // Crops are shrunk to the encoder's 224 pixels: of a mask that fills the photo this is enough.
    private const int PhotoSide = 1024;

    public string Kind => JobKinds.Vocabulary;

    public async Task<JobResult> RunAsync(JobContext context)
    {
        // (1)
        context.Report(new JobProgress("reading the scene", 0));
        using ClipModel clip = OpenModel();
        TrainingInputs inputs = await TrainingInputs.ReadAsync(context.Job.SceneId, contexts, files, context.Stopping);
        (AffinityModel model, string modelSha256) = await ReadModelAsync(inputs, context.Stopping);
        bool areUploaded = await TrainingMasks.AreUploadedAsync(maskSource: null, inputs, files, context.Stopping);
        var shares = JobShares.Of(makesMasks: !areUploaded);
        TrainingMasks masks = areUploaded
            ? await TrainingMasks.ReadAsync(inputs, files, context.Stopping)
            : await TrainingMasks.MakeAsync(generators.Choose("auto"), inputs, files, worker.MaxThreads, context, shares);
        var builder = new VocabularyBuilder(inputs.Scene, model, modelSha256, clip.Fingerprint, clip.Channels, clip.Embed, worker.MaxThreads);

        // (2)
        await RestoreAsync(builder, masks.Fingerprint, context);
        int resumedFrom = builder.NextView;

        // (3)
        await LookAsync(builder, inputs, masks, shares.MasksShare, context);

        // (4)
        context.Report(new JobProgress("comparing the masks", 1 - LastShare, inputs.Views.Count, inputs.Views.Count));
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
                ResumedFrom = resumedFrom,
            },
            JsonSerializerOptions.Web);
        return new JobResult(null, report, new MadeAsset(AssetKind.Vocabulary, stored, modelSha256));
    }

    private ClipModel OpenModel()
    {
        try
        {
            return worker.ModelsDirectory is { } models
                ? ClipModel.Open(new ModelFolder(models, ClipModel.FolderName), worker.MaxThreads)
                : throw new MissingModelException("This worker has no models directory (Saga:Models:Directory).");
        }
        catch (Exception error) when (error is MissingModelException or InvalidOnnxModelException or InvalidVocabularyException)
        {
            throw new JobFailedException(new JobFailure("model-missing", $"{error.Message} ./run models says how to install CLIP."));
        }
    }

    private async Task<(AffinityModel Model, string Sha256)> ReadModelAsync(TrainingInputs inputs, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        SceneRecord scene = await db.Scenes.AsNoTracking().SingleAsync(s => s.Id == inputs.SceneId, cancellationToken);
        if (scene.ModelKey is null || scene.ModelSha256 is null)
        {
            throw new JobFailedException(new JobFailure("scene-not-trained", "The scene has no model; train it first."));
        }

        try
        {
            using LocalFile file = await files.OpenAsync(scene.ModelKey, cancellationToken);
            AffinityModel model = AffinityModelFile.Read(file.Path, inputs.Scene, inputs.Gaussians.Sha256, cancellationToken);
            return (model, scene.ModelSha256);
        }
        catch (Exception error) when (error is InvalidModelException or FileNotFoundException)
        {
            // A replaced model goes away a while after its record.
            throw new JobFailedException(JobFailure.ModelChanged);
        }
    }

    private async Task RestoreAsync(VocabularyBuilder builder, byte[] inputs, JobContext context)
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
                throw new InvalidVocabularyException("The scene's files or masks are others than at the checkpoint.");
            }

            builder.Restore(checkpoint);
            logger.LogInformation("Job {JobId}: goes on from view {View}.", context.Job.Id, builder.NextView);
        }
        catch (InvalidVocabularyException error)
        {
            logger.LogWarning("Job {JobId}: starts over. {Reason}", context.Job.Id, error.Message);
        }
    }

    private async Task LookAsync(
        VocabularyBuilder builder, TrainingInputs inputs, TrainingMasks masks, double masksShare, JobContext context)
    {
        void Write(Stream stream)
        {
            stream.Write(masks.Fingerprint);
            builder.SaveCheckpoint(stream);
        }

        using LocalFile? photosFile = await inputs.OpenPhotosAsync(files, context.Stopping);
        using PhotoArchive? photos = photosFile is null ? null : PhotoArchive.Open(File.OpenRead(photosFile.Path));
        var pictures = new ViewPictures(new CpuRasterizer(inputs.Scene, worker.MaxThreads));
        int views = inputs.Views.Count;
        try
        {
            while (builder.NextView < views)
            {
                int view = builder.NextView;
                double done = masksShare + (1 - LastShare - masksShare) * view / views;
                context.Report(new JobProgress("looking at the masks", done, view, views));
                builder.AddView(
                    inputs.Views[view].Camera, masks.Views[view].Masks,
                    () => PhotoOf(inputs.Views[view], photos, pictures, context.Stopping), context.Stopping);
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

    /// <summary>A view's photo, straightened; where there is none that fits, what the scene itself looks like there.</summary>
    private static RgbImage PhotoOf(SceneView view, PhotoArchive? photos, ViewPictures pictures, CancellationToken cancellationToken)
    {
        try
        {
            if (photos?.Has(view) == true)
            {
                return ViewPhoto.Decode(photos.Read(view), view, PhotoSide);
            }
        }
        catch (Exception error) when (error is InvalidImageException or InvalidArchiveException)
        {
            // The training's report names such photos.
        }

        return pictures.OfScene(view, PhotoSide, cancellationToken).Photo;
    }
}
