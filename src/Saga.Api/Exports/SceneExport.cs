using Microsoft.Net.Http.Headers;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Api.Selections;
using Saga.Engine.Scenes;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Selections;

namespace Saga.Api.Exports;

/// <summary>GET /scenes/{id}/gaussians: the uploaded file, or the scene in another format.</summary>
internal static class SceneExport
{
    /// <summary>Names the uploaded file's format, so that a client need not guess from its name.</summary>
    private const string FormatHeader = "X-Gaussian-Format";

    private const int MaxSelections = 64;

    public static void MapSceneExport(this RouteGroupBuilder scenes)
    {
        scenes.MapGet("/{sceneId:guid}/gaussians", Download)
            .WithName("DownloadGaussians")
            .WithSummary("The Gaussians as uploaded, or in another format")
            .WithDescription(
                "Without format: the uploaded file, byte for byte, with range requests; X-Gaussian-Format names its format. "
                + "format=ply is a plain PLY: the uploaded file where it is one, else made of it, record i in place i. "
                + "format=compressed.ply, splat or spz (version=2, 3, 4) pack the usable Gaussians. "
                + "selections=<ids> with labels=column or sidecar labels each Gaussian with the number of the last of these selections "
                + "that holds it, from 1; 0 is none.")
            .Produces<Stream>(contentType: "application/octet-stream", additionalContentTypes: "application/zip")
            .ProducesRefusals(404, 422)
            .WithoutTimeout();
        scenes.MapMethods("/{sceneId:guid}/gaussians", [HttpMethods.Head], Download).ExcludeFromDescription();
    }

    private static async Task<IResult> Download(
        Guid sceneId,
        string? format,
        int? version,
        string? labels,
        string? selections,
        HttpContext context,
        SceneCatalog catalog,
        FileStore store,
        GaussianExport export,
        SagaDbContext db)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        SceneSnapshot scene = await catalog.FindAsync(sceneId, cancellationToken);
        SceneFile file = scene.Gaussians
            ?? throw RefusedException.NotFound(ProblemCodes.AssetMissing, $"Scene {sceneId} has no Gaussians yet.");
        string path = await store.OpenForAnswerAsync(file.Key, context);
        GaussianFileFormat uploaded = GaussianFile.FormatOf(path);
        context.Response.Headers[FormatHeader] = GaussianFile.ExtensionOf(uploaded)[1..];
        ExportRequest request = ExportRequest.Parse(format, version, labels)
            ?? throw ExportRequest.Invalid($"format is «{LogText.Clean(format)}»; the formats are {ExportRequest.Formats}.");
        List<SelectionRecord> labelled = await FindAsync(db, sceneId, selections, cancellationToken);
        if (labelled.Count > 0 != (request.Labels != LabelPlacement.None))
        {
            throw ExportRequest.Invalid("Labels are made of selections: give selections=<ids> and labels=column or labels=sidecar together.");
        }

        bool isAsUploaded = request.Labels == LabelPlacement.None
            && (format is null || (request.IsPly && uploaded == GaussianFileFormat.Ply));
        if (isAsUploaded)
        {
            return TypedResults.PhysicalFile(
                path, "application/octet-stream", file.FileName, file.CreatedAt, Tag(file.Sha256),
                enableRangeProcessing: true);
        }

        string name = NameWithoutExtension(file.FileName);
        if (labelled.Count == 0 && IsKnown(context, Tag($"{file.Sha256}-{request.Tag}")))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return HttpMethods.IsHead(context.Request.Method)
            ? TypedResults.Ok()
            : await export.WriteAsync(context, scene, request, _ => true, ExportLabels.Of(labelled), name);
    }

    private static EntityTagHeaderValue Tag(string text) => new($"\"{text}\"");

    /// <summary>Gives the answer its entity tag, and says whether the client has it already.</summary>
    private static bool IsKnown(HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.GetTypedHeaders().ETag = tag;
        return context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false));
    }

    private static string NameWithoutExtension(string fileName)
    {
        string name = fileName.EndsWith(".compressed.ply", StringComparison.OrdinalIgnoreCase)
            ? fileName[..^".compressed.ply".Length]
            : Path.GetFileNameWithoutExtension(fileName);
        return SceneFiles.CleanName(name, "gaussians");
    }

    private static async Task<List<SelectionRecord>> FindAsync(
        SagaDbContext db, Guid sceneId, string? selections, CancellationToken cancellationToken)
    {
        var found = new List<SelectionRecord>();
        string[] ids = selections?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (ids.Length > MaxSelections)
        {
            throw ExportRequest.Invalid($"selections lists {ids.Length} ids; at most {MaxSelections} label an export.");
        }

        foreach (string id in ids)
        {
            found.Add(Guid.TryParse(id, out Guid selection)
                ? await db.RequireSelectionRecordAsync(sceneId, selection, cancellationToken)
                : throw ExportRequest.Invalid(
                    $"selections holds «{LogText.Clean(id)}»; the ids of selections are UUIDs, with commas between them."));
        }

        return found;
    }
}
