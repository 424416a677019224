using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Saga.Api.Hosting;
using Saga.Api.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;

namespace Saga.Api.Selections;

/// <summary>GET /selections/{id}/export: a selection, or all but it, as a file to keep.</summary>
internal static class SelectionExport
{
    private const string Bytes = "application/octet-stream";

    public static async Task<IResult> Export(
        Guid sceneId,
        Guid selectionId,
        string? format,
        string? part,
        HttpContext context,
        FileStore store,
        SagaDbContext db,
        CancellationToken cancellationToken)
    {
        (string extension, bool rest) = Parse(format, part);

        // The scene first: who replaces its Gaussians deletes its selections, so a selection that is there fits.
        SceneRecord scene = await db.RequireSceneAsync(sceneId, cancellationToken);
        SelectionRecord record = await db.RequireSelectionRecordAsync(sceneId, selectionId, cancellationToken);
        var selection = new GaussianSelection(record.Bits, record.GaussianCount);
        GaussianSelection chosen = rest ? SelectionAlgebra.Invert(selection) : selection;
        SelectionHeaders.Write(context.Response, chosen);
        string fileName = FileNameOf(scene.Name, record.Name, (rest ? "-rest" : "") + extension);
        switch (extension)
        {
            case ".json":
                var disposition = new ContentDispositionHeaderValue("attachment");
                disposition.SetHttpFileName(fileName);
                context.Response.Headers.ContentDisposition = disposition.ToString();
                return TypedResults.Ok(new SelectionIndices(chosen));
            case ".bits":
                return TypedResults.Bytes(chosen.Bits, Bytes, fileName);
            default:
                string path = store.PathOf(scene.Assets.Single(asset => asset.Kind == AssetKind.Gaussians).Key);
                return StreamPly(context, path, chosen, fileName, cancellationToken);
        }
    }

    /// <summary>A name for a download, of what people called the scene and the selection; never used as a path here.</summary>
    /// <param name="ending">Ends the name, extension included.</param>
    public static string FileNameOf(string scene, string selection, string ending)
    {
        string name = $"{scene}-{(selection.Length > 0 ? selection : "selection")}".Replace('/', '-').Replace('\\', '-');
        return SceneFiles.CleanName(name, "selection") + ending;
    }

    /// <summary>Records go from the store to the client without being held; nothing is read as numbers.</summary>
    private static PushStreamHttpResult StreamPly(
        HttpContext context, string path, GaussianSelection chosen, string fileName, CancellationToken cancellationToken)
    {
        context.AllowSynchronousWrites();
        return TypedResults.Stream(
            body => Task.Run(() => GaussianPlySubset.Write(path, chosen.Contains, body, cancellationToken), cancellationToken), Bytes, fileName);
    }

    private static (string Extension, bool IsRest) Parse(string? format, string? part)
    {
        string extension = format switch
        {
            null or "ply" => ".ply",
            "indices" => ".json",
            "bits" => ".bits",
            _ => throw Invalid($"format is «{LogText.Clean(format)}»; the formats are ply, indices and bits."),
        };
        return part switch
        {
            null or "selected" => (extension, false),
            "rest" => (extension, true),
            _ => throw Invalid($"part is «{LogText.Clean(part)}»; the parts are selected and rest."),
        };
    }

    private static RefusedException Invalid(string detail) => RefusedException.Unprocessable(ProblemCodes.InvalidExport, detail);
}
