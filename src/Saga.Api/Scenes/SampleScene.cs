using System.IO.Compression;
using Microsoft.AspNetCore.Http.HttpResults;
using Saga.Api.Access;
using Saga.Api.Hosting;
using Saga.Persistence.Access;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>The scene that ships beside the program, for a first look without files of one's own.</summary>
/// <param name="folder">Holds gaussians.ply, cameras.json, images/ and masks/.</param>
internal sealed class SampleScene(string folder)
{
    private const string Name = "Playroom";

    /// <summary>Where a build puts it.</summary>
    public static SampleScene BesideProgram { get; } = new(Path.Combine(AppContext.BaseDirectory, "samples", "playroom"));

    /// <summary>POST /scenes/sample.</summary>
    public static async Task<Created<SceneResponse>> Create(
        SampleScene sample, HttpContext context, AssetUploads uploads, KeyQuotas quotas, CancellationToken cancellationToken)
    {
        await quotas.RequireSceneAsync(context.Owner(), cancellationToken);
        SceneRecord scene = await sample.CreateAsync(uploads, context.Owner(), cancellationToken);
        return TypedResults.Created($"/api/v1/scenes/{scene.Id}", SceneResponse.From(scene));
    }

    /// <summary>Uploads the sample to this very service, through the same checks as anybody's files.</summary>
    /// <exception cref="RefusedException">404 <c>sample-missing</c>.</exception>
    public async Task<SceneRecord> CreateAsync(AssetUploads uploads, Owner owner, CancellationToken cancellationToken)
    {
        if (!File.Exists(PathOf("gaussians.ply")) || !File.Exists(PathOf("cameras.json"))
            || !Directory.Exists(PathOf("images")) || !Directory.Exists(PathOf("masks")))
        {
            throw RefusedException.NotFound(
                ProblemCodes.SampleMissing,
                "The sample scene is not beside the program, in samples/playroom. Build or publish the service again, which puts it "
                + "there, or upload a scene of your own: POST /api/v1/scenes.");
        }

        var staged = new List<StagedAsset>();
        try
        {
            await StageAsync(AssetKind.Gaussians, "gaussians.ply", File.OpenRead(PathOf("gaussians.ply")));
            await StageAsync(AssetKind.Cameras, "cameras.json", File.OpenRead(PathOf("cameras.json")));
            await StageAsync(AssetKind.Images, "images.zip", await ZipAsync("images", cancellationToken));
            await StageAsync(AssetKind.Masks, "masks.zip", await ZipAsync("masks", cancellationToken));
            return await uploads.CreateAsync(Name, staged, owner, cancellationToken);
        }
        finally
        {
            foreach (StagedAsset asset in staged)
            {
                await asset.DisposeAsync();
            }
        }

        async Task StageAsync(AssetKind kind, string fileName, Stream content)
        {
            await using (content)
            {
                staged.Add(await uploads.StageAsync(kind, content, fileName, null, owner, cancellationToken));
            }
        }
    }

    /// <summary>A folder as the zip that would be uploaded, in memory: some megabytes.</summary>
    private async Task<MemoryStream> ZipAsync(string subfolder, CancellationToken cancellationToken)
    {
        var stream = new MemoryStream();
        await using (ZipArchive zip = await ZipArchive.CreateAsync(
            stream, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken))
        {
            foreach (string path in Directory.EnumerateFiles(PathOf(subfolder)).Order(StringComparer.Ordinal))
            {
                await using FileStream file = File.OpenRead(path);
                await using Stream entry =
                    await zip.CreateEntry(Path.GetFileName(path), CompressionLevel.Fastest).OpenAsync(cancellationToken);
                await file.CopyToAsync(entry, cancellationToken);
            }
        }

        stream.Position = 0;
        return stream;
    }

    private string PathOf(string name) => Path.Combine(folder, name);
}
