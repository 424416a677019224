using System.IO.Compression;
using Saga.Api.Exports;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Selections;

namespace Saga.Api.Rendering;

/// <summary>GET /selections/{id}/masks.zip: a selection's 2D masks of all views.</summary>
internal static class MaskArchiveEndpoint
{
    public static void MapMaskArchive(this IEndpointRouteBuilder scene) =>
        scene.MapGet("/selections/{selectionId:guid}/masks.zip", Download)
            .WithName("RenderMasks")
            .WithSummary("A selection's 2D masks of all views as a zip: {view}.png, 1-bit, Σ w·selected ≥ 0.5")
            .Produces<Stream>(contentType: "application/zip")
            .ProducesRefusals(404, 409, 422, 503)
            .WithoutTimeout();

    private static async Task<IResult> Download(
        Guid sceneId,
        Guid selectionId,
        HttpContext context,
        SceneCatalog catalog,
        ViewCatalog views,
        ResidentScenes scenes,
        WorkQueues queues,
        SagaOptions options,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        IReadOnlyList<SceneView> all = await ViewMasks.RequireViewsAsync(scene, views, options.Limits, cancellationToken);
        ResidentLease<PictureScene> pictures = await scenes.AcquirePicturesAsync(scene, cancellationToken);
        context.Response.RegisterForDispose(pictures);
        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        string name = await NameAsync(db, sceneId, record, cancellationToken);
        return TypedResults.Stream(
            body => Spool.SendAsync(
                options.SpoolDirectory,
                body,
                stream => WriteAsync(stream, all, pictures.Value, selection, queues.Pictures, cancellationToken),
                pictures,
                cancellationToken),
            "application/zip",
            name);
    }

    private static async Task<string> NameAsync(
        SagaDbContext db, Guid sceneId, SelectionRecord selection, CancellationToken cancellationToken) =>
        SelectionExport.FileNameOf((await db.RequireSceneAsync(sceneId, cancellationToken)).Name, selection.Name, "-masks.zip");

    /// <summary>Draws view after view and sends each before the next; ends with the client that goes.</summary>
    internal static async Task WriteAsync(
        Stream body,
        IReadOnlyList<SceneView> views,
        PictureScene pictures,
        GaussianSelection selection,
        WorkQueue queue,
        CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        await using ZipArchive zip = await ZipArchive.CreateAsync(
            body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        for (int index = 0; index < views.Count; index++)
        {
            PinholeCamera camera = views[index].Camera;
            byte[] png = await ViewMasks.DrawAsync(
                pictures, selection, camera, queue, pixels => ImageFile.EncodePngBinary(camera.Width, camera.Height, pixels),
                cancellationToken);
            ZipArchiveEntry entry = zip.CreateEntry(EntryName(views[index].Name, index, names), CompressionLevel.NoCompression);
            await using (Stream target = await entry.OpenAsync(cancellationToken))
            {
                await target.WriteAsync(png, cancellationToken);
            }

            await body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>A view's name as a file name that no unpacker takes for a path, each once.</summary>
    private static string EntryName(string view, int index, HashSet<string> taken)
    {
        string name = SceneFiles.CleanName(view, FormattableString.Invariant($"view_{index}"));
        return (taken.Add(name) ? name : FormattableString.Invariant($"{name}.{index}")) + ".png";
    }
}
