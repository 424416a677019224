using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Worker.Masks;

namespace Saga.Worker.Jobs;

/// <summary>The masks of a training, uploaded or made.</summary>
/// <param name="Source"><c>uploaded</c>, or the generator's name.</param>
/// <param name="Views">One per view, in their order.</param>
/// <param name="Problems">What the scene's owner should know.</param>
/// <param name="Fingerprint">Hash over everything the training reads: a checkpoint of other inputs is of no use.</param>
/// <param name="Seconds">What making or reading them took.</param>
/// <param name="Made">How they were made; null for uploaded ones.</param>
internal sealed record TrainingMasks(
    string Source, IReadOnlyList<ViewMasks> Views, IReadOnlyList<SceneProblem> Problems, byte[] Fingerprint, double Seconds, MadeMaskSet? Made)
{
    /// <summary>True when a job uses the scene's uploaded masks: it asks for them, or leaves it open and there are some that fit the views.</summary>
    public static async Task<bool> AreUploadedAsync(
        string? maskSource, TrainingInputs inputs, FileStore files, CancellationToken cancellationToken) =>
        maskSource == "uploaded"
        || (maskSource is null or "auto" && inputs.Masks is { } masks
            && !await IsOfOtherViewsAsync(inputs, masks, files, cancellationToken));

    /// <summary>Reads the uploaded masks.</summary>
    /// <exception cref="JobFailedException">There are none.</exception>
    public static async Task<TrainingMasks> ReadAsync(TrainingInputs inputs, FileStore files, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        AssetRecord masks = inputs.Masks ?? throw new JobFailedException(new JobFailure(
            "masks-missing", "The scene has no masks file; PUT one to /api/v1/scenes/{id}/masks, or use another maskSource, and start a new job."));
        using LocalFile file = await TrainingInputs.OpenAsync(files, masks, cancellationToken);
        MaskSet set = MaskArchive.Read(File.OpenRead(file.Path), inputs.Views, null, cancellationToken);
        return new TrainingMasks(
            "uploaded", set.Views, set.Problems, FingerprintOf(inputs, masks.Sha256), Stopwatch.GetElapsedTime(start).TotalSeconds, null);
    }

    /// <summary>Makes masks, or finds those that were made before.</summary>
    public static async Task<TrainingMasks> MakeAsync(
        MaskGeneratorSource source, TrainingInputs inputs, FileStore files, int maxThreads, JobContext context, JobShares shares)
    {
        long start = Stopwatch.GetTimestamp();
        using LocalFile? photosFile = await inputs.OpenPhotosAsync(files, context.Stopping);
        using PhotoArchive? photos = photosFile is null ? null : PhotoArchive.Open(File.OpenRead(photosFile.Path));
        MadeMasks? kept = null;
        var making = new MaskMaking(
            source, inputs.Scene, inputs.Views, photos,
            fingerprint => kept = new MadeMasks(files, inputs.SceneId, inputs.Gaussians.Sha256, fingerprint));
        context.Report(shares.MakingMasks(0, inputs.Views.Count, null));
        MadeMaskSet made = await making.RunAsync(
            (done, fresh) => context.Report(shares.MakingMasks(done, inputs.Views.Count, SecondsLeft(start, done, fresh, inputs.Views.Count))),
            maxThreads,
            context.Stopping);
        await kept!.RemoveAllButAsync(made.Keys, context.Stopping);
        return new TrainingMasks(
            source.Name,
            made.Views,
            [.. made.Photos.Problems(), .. Barren(made.Views)],
            FingerprintOf(inputs, string.Join('|', made.Keys)),
            Stopwatch.GetElapsedTime(start).TotalSeconds,
            made);
    }

    /// <summary>True for masks that wait for their cameras, while the scene makes do with views of its own.</summary>
    private static async Task<bool> IsOfOtherViewsAsync(
        TrainingInputs inputs, AssetRecord masks, FileStore files, CancellationToken cancellationToken)
    {
        if (!GeneratedFiles.IsOrbit(inputs.Cameras))
        {
            return false;
        }

        using LocalFile file = await TrainingInputs.OpenAsync(files, masks, cancellationToken);
        try
        {
            using FileStream stream = File.OpenRead(file.Path);
            MaskArchive.Open(stream, inputs.Views).Dispose();
            return false;
        }
        catch (InvalidMaskException)
        {
            return true;
        }
    }

    private static double? SecondsLeft(long start, int done, int fresh, int views) =>
        fresh == 0 ? null : Stopwatch.GetElapsedTime(start).TotalSeconds / fresh * (views - done);

    private static IEnumerable<SceneProblem> Barren(IReadOnlyList<ViewMasks> views)
    {
        const int namesShown = 3;
        string[] without = [.. views.Where(view => view.Masks.Count == 0).Select(view => view.ViewName)];
        if (without.Length > 0)
        {
            yield return new SceneProblem(
                "views-without-masks",
                $"In {without.Length} of {views.Count} views no mask was found ({string.Join(", ", without.Take(namesShown))}); they do not train.");
        }
    }

    private static byte[] FingerprintOf(TrainingInputs inputs, string masks) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(inputs.Gaussians.Sha256 + inputs.Cameras.Sha256 + masks));
}
