using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests;

/// <summary>The sample as a stored scene: its Gaussians, the first of its cameras and the masks of these.</summary>
internal static class Playroom
{
    public static async Task<SceneRecord> AddAsync(TestStorage storage, int views, AssetKind? damaged = null)
    {
        JsonArray cameras = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.Playroom("cameras.json")))!.AsArray();
        JsonNode[] kept = [.. cameras.Take(views).Select(c => c!.DeepClone())];
        Dictionary<AssetKind, byte[]> contents = new()
        {
            [AssetKind.Gaussians] = await File.ReadAllBytesAsync(SharedData.Playroom("gaussians.ply")),
            [AssetKind.Cameras] = Encoding.UTF8.GetBytes(new JsonArray(kept).ToJsonString()),
            [AssetKind.Masks] = await ZipMasksAsync(views),
        };
        var scene = new SceneRecord { Id = Guid.CreateVersion7(), Name = "playroom", State = SceneState.Uploaded };
        foreach ((AssetKind kind, byte[] content) in contents)
        {
            byte[] stored = kind == damaged ? [1, 2, 3] : content;
            await using PendingFile pending = await storage.Files.StageAsync(new MemoryStream(stored), long.MaxValue, default);
            scene.Assets.Add(new AssetRecord
            {
                Id = Guid.CreateVersion7(),
                Kind = kind,
                Key = (await pending.CommitAsync($"scenes/{scene.Id}/{kind}", default)).Key,
                FileName = kind.ToString(),
                Length = stored.Length,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(stored)),
            });
        }

        await using SagaDbContext db = storage.Open();
        db.Scenes.Add(scene);
        await db.SaveChangesAsync();
        return scene;
    }

    public static AffinityModel ReadModel(TestStorage storage, SceneRecord trained)
    {
        AssetRecord gaussians = trained.Assets.Single(a => a.Kind == AssetKind.Gaussians);
        GaussianScene read = GaussianPlyReader.Read(storage.PathOf(gaussians.Key), new GaussianReadOptions(false));
        return AffinityModelFile.Read(storage.PathOf(trained.ModelKey!), read, gaussians.Sha256, default);
    }

    private static async Task<byte[]> ZipMasksAsync(int views)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, true))
        {
            for (int view = 0; view < views; view++)
            {
                string name = $"view_{view:000}.json";
                await zip.CreateEntryFromFileAsync(SharedData.Playroom("masks", name), name);
            }
        }

        return bytes.ToArray();
    }
}
