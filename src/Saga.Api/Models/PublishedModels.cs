using Microsoft.AspNetCore.Http.HttpResults;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Affinity.Published;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Engine.Training;
using Saga.Persistence.Files;

namespace Saga.Api.Models;

/// <summary>Models in the files of the original SAGA program, in and out.</summary>
internal static class PublishedModels
{
    /// <summary>Value of <c>format</c> that asks for such files.</summary>
    public const string Format = "published";

    /// <summary>Answers a zip that is made while it is sent.</summary>
    public static async Task<PushStreamHttpResult> DownloadAsync(HttpContext context, SceneSnapshot scene, FileStore store)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        SceneFile file = scene.Gaussians!;
        string gaussians = await store.OpenForAnswerAsync(file.Key, context);
        string model = await store.OpenForAnswerAsync(scene.ModelKey!, context);
        context.AllowSynchronousWrites();
        return TypedResults.Stream(
            body => Task.Run(
                () =>
                {
                    GaussianScene read = GaussianFile.Read(
                        gaussians, new GaussianReadOptions(IncludeColors: false), file.FileName, cancellationToken);
                    AffinityModel trained = AffinityModelFile.Read(model, read, file.Sha256, cancellationToken);
                    PublishedModel.Write(body, trained, read, gaussians, file.FileName, cancellationToken);
                },
                cancellationToken),
            "application/zip",
            $"{scene.Id}-published.zip");
    }

    /// <summary>Reads an upload.</summary>
    /// <param name="masksPath">The scene's masks, to measure scales that the upload does not say; null where there are none.</param>
    /// <exception cref="RefusedException">422 <c>invalid-model</c>.</exception>
    public static AffinityModel Read(
        string path, SceneSnapshot scene, GaussianScene read, IReadOnlyList<SceneView> views, string? masksPath,
        CancellationToken cancellationToken)
    {
        try
        {
            return PublishedModel.Read(
                path, "model", read, scene.Gaussians!.Sha256, () => Measure(read, views, masksPath, cancellationToken),
                cancellationToken);
        }
        catch (InvalidModelException error)
        {
            throw RefusedException.Unprocessable(ProblemCodes.InvalidModel, error.Message);
        }
    }

    /// <summary>The same model in the service's own file.</summary>
    public static Task<PendingFile> ConvertAsync(
        AffinityModel model, GaussianScene scene, FileStore store, CancellationToken cancellationToken) =>
        store.StageAsync(
            (target, token) => Task.Run(() => AffinityModelFile.Write(target, model, scene, token), token), cancellationToken);

    private static ScaleQuantiles? Measure(
        GaussianScene read, IReadOnlyList<SceneView> views, string? masksPath, CancellationToken cancellationToken)
    {
        if (masksPath is null || views.Count == 0)
        {
            return null;
        }

        using FileStream zip = File.OpenRead(masksPath);
        return MaskScales.Measure(read, views, MaskArchive.Read(zip, views, null, cancellationToken), cancellationToken);
    }
}
