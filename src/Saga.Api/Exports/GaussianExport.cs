using System.IO.Compression;
using Saga.Api.Hosting;
using Saga.Api.Residency;
using Saga.Api.Scenes;
using Saga.Engine.Archives;
using Saga.Engine.Scenes;
using Saga.Persistence.Files;

namespace Saga.Api.Exports;

/// <summary>Writes Gaussians of a scene to a client, in any format that is written.</summary>
internal sealed class GaussianExport(FileStore store, ResidentScenes resident, SagaOptions options)
{
    private const string Bytes = "application/octet-stream";

    /// <summary>Writes some records.</summary>
    /// <param name="context">The request.</param>
    /// <param name="scene">A scene with Gaussians.</param>
    /// <param name="request">Which file.</param>
    /// <param name="keep">Whether a record is chosen.</param>
    /// <param name="labels">Their labels, where any are asked for.</param>
    /// <param name="name">The file's name without its ending.</param>
    public async Task<IResult> WriteAsync(
        HttpContext context, SceneSnapshot scene, ExportRequest request, Func<int, bool> keep, ExportLabels labels, string name)
    {
        CancellationToken cancellationToken = context.RequestAborted;
        ResidentLease<PictureScene>? pictures = request.IsPly ? null : await resident.AcquirePicturesAsync(scene, cancellationToken);
        if (pictures is not null)
        {
            context.Response.RegisterForDispose(pictures);
        }

        var source = new Source(request.IsPly ? await store.OpenForAnswerAsync(scene.Gaussians!.Key, context) : null, pictures?.Value.Scene);
        void WriteFile(Stream target) => Write(target, scene, source, request, keep, labels, name, cancellationToken);
        context.AllowSynchronousWrites();
        return TypedResults.Stream(
            body => pictures is null
                ? Task.Run(() => WriteFile(body), cancellationToken)
                : Spool.SendAsync(
                    options.SpoolDirectory,
                    body,
                    stream =>
                    {
                        WriteFile(stream);
                        return Task.CompletedTask;
                    },
                    pictures,
                    cancellationToken),
            request.Labels == LabelPlacement.Sidecar ? "application/zip" : Bytes,
            name + request.Ending);
    }

    private static void Write(
        Stream body, SceneSnapshot scene, Source source, ExportRequest request, Func<int, bool> keep, ExportLabels labels, string name,
        CancellationToken cancellationToken)
    {
        if (request.Labels != LabelPlacement.Sidecar)
        {
            WriteScene(body, scene, source, request, keep, request.Labels == LabelPlacement.Column ? labels.Of : null, cancellationToken);
            return;
        }

        using var zip = new ZipArchive(body, ZipArchiveMode.Create, leaveOpen: true);
        uint[] records;
        using (Stream entry = zip.CreateEntry(name + GaussianFile.ExtensionOf(request.Format), CompressionLevel.Fastest).Open())
        {
            records = WriteScene(entry, scene, source, request, keep, null, cancellationToken);
        }

        WriteNumbers(zip, "labels.npy", [.. records.Select(record => labels.Of((int)record))]);
        WriteNumbers(zip, "records.npy", records);
        using Stream legend = zip.CreateEntry("labels.json").Open();
        legend.Write(labels.Legend());
    }

    /// <returns>The records in the order they were written.</returns>
    private static uint[] WriteScene(
        Stream target, SceneSnapshot scene, Source source, ExportRequest request, Func<int, bool> keep, Func<int, uint>? labelOf,
        CancellationToken cancellationToken)
    {
        switch (request.Format)
        {
            case GaussianFileFormat.Splat:
                return Unsigned(GaussianFile.WriteSplat(target, source.Read!, keep, cancellationToken));
            case GaussianFileFormat.Spz:
                return Unsigned(GaussianFile.WriteSpz(target, source.Read!, keep, request.SpzVersion, cancellationToken));
            case GaussianFileFormat.CompressedPly:
                return Unsigned(GaussianFile.WriteCompressedPly(target, source.Read!, keep, cancellationToken));
            default:
                SceneFile file = scene.Gaussians!;
                GaussianFile.WritePly(source.PlyPath!, target, keep, labelOf, file.FileName, cancellationToken);
                return request.Labels == LabelPlacement.Sidecar
                    ? [.. Enumerable.Range(0, scene.GaussianCount).Where(keep).Select(record => (uint)record)]
                    : [];
        }
    }

    private static uint[] Unsigned(int[] records) => [.. records.Select(record => (uint)record)];

    private static void WriteNumbers(ZipArchive zip, string name, uint[] numbers)
    {
        using Stream entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        NpyFile.Write(entry, numbers);
    }

    /// <param name="PlyPath">The uploaded file, whose records a PLY takes over; null where another format is written.</param>
    /// <param name="Read">The scene that other formats are written from; null for a PLY.</param>
    private sealed record Source(string? PlyPath, GaussianScene? Read);
}
