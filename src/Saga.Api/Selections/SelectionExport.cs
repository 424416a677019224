using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Saga.Api.Exports;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>GET /selections/{id}/export: a selection, all but it, or all with it labelled, as a file to keep.</summary>
internal static class SelectionExport
{
    private const string Bytes = "application/octet-stream";

    public static async Task<IResult> Export(
        Guid sceneId,
        Guid selectionId,
        string? format,
        string? part,
        int? version,
        string? labels,
        HttpContext context,
        GaussianExport export,
        ViewCatalog views,
        ResidentScenes resident,
        WorkQueues queues,
        SagaOptions options,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        ExportRequest? file = ExportRequest.Parse(format, version, labels);
        string ending = Ending(part);
        if (file is null)
        {
            RefuseUnknown(format, part);
        }

        // The scene first: who replaces its Gaussians deletes its selections, so a selection that is there fits.
        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        GaussianSelection chosen = part switch
        {
            "rest" => SelectionAlgebra.Invert(selection),
            "all" => SelectionAlgebra.Invert(new GaussianSelection(new byte[record.Bits.Length], record.GaussianCount)),
            _ => selection,
        };
        SelectionHeaders.Write(context.Response, chosen);
        string name = FileNameOf(scene.Name, record.Name, ending);
        SceneSnapshot snapshot = SceneSnapshot.From(scene);
        return file is not null
            ? await export.WriteAsync(context, snapshot, file, chosen.Contains, ExportLabels.Of(record), name)
            : format switch
            {
                "indices" => Indices(context, chosen, name + ".json"),
                "bits" => TypedResults.Bytes(chosen.Bits, Bytes, name + ".bits"),
                _ => await CocoAsync(context, snapshot, record, name + "-coco.json", views, resident, queues, options),
            };
    }

    /// <summary>A name for a download, of what people called the scene and the selection; never used as a path here.</summary>
    /// <param name="ending">Ends the name, extension included.</param>
    public static string FileNameOf(string scene, string selection, string ending)
    {
        string name = $"{scene}-{(selection.Length > 0 ? selection : "selection")}".Replace('/', '-').Replace('\\', '-');
        return SceneFiles.CleanName(name, "selection") + ending;
    }

    private static Ok<SelectionIndices> Indices(HttpContext context, GaussianSelection chosen, string fileName)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(fileName);
        context.Response.Headers.ContentDisposition = disposition.ToString();
        return TypedResults.Ok(new SelectionIndices(chosen));
    }

    private static async Task<IResult> CocoAsync(
        HttpContext context, SceneSnapshot scene, SelectionRecord record, string fileName, ViewCatalog views, ResidentScenes resident,
        WorkQueues queues, SagaOptions options)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        IReadOnlyList<SceneView> all = await ViewMasks.RequireViewsAsync(scene, views, options.Limits, cancellationToken);
        ResidentLease<PictureScene> pictures = await resident.AcquirePicturesAsync(scene, cancellationToken);
        context.Response.RegisterForDispose(pictures);
        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        string category = record.Name.Length > 0 ? record.Name : "selection";
        return TypedResults.Stream(
            body => Spool.SendAsync(
                options.SpoolDirectory,
                body,
                stream => CocoExport.WriteAsync(stream, category, all, pictures.Value, selection, queues.Pictures, cancellationToken),
                pictures,
                cancellationToken),
            "application/json", fileName);
    }

    private static string Ending(string? part) => part switch
    {
        null or "selected" => "",
        "rest" => "-rest",
        "all" => "-all",
        _ => throw ExportRequest.Invalid($"part is «{LogText.Clean(part)}»; the parts are selected, rest and all."),
    };

    private static void RefuseUnknown(string? format, string? part)
    {
        if (format is not ("indices" or "bits" or "coco"))
        {
            throw ExportRequest.Invalid(
                $"format is «{LogText.Clean(format)}»; the formats are {ExportRequest.Formats}, indices, bits and coco.");
        }

        if (format == "coco" && part is not (null or "selected"))
        {
            throw ExportRequest.Invalid("Masks are drawn of what is selected; leave part out, or select the rest first (from: invert).");
        }
    }
}
