using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Saga.Engine.Images;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Worker.Tests.Masks;

/// <summary>Trainings of the sample's Gaussians and a few of its cameras, whose masks the job makes itself.</summary>
public sealed class MaskMakingJobTests : WorkerTests
{
    private const int Views = 6;
    private const string Builtin = """{"iterations":10,"raysPerIteration":100,"featureDimension":8,"seed":7,"maskSource":"builtin"}""";

    protected override string? Connection() => null;

    [Fact]
    public async Task Masks_are_made_once_for_every_seed()
    {
        SceneRecord scene = await AddSceneAsync();
        await StartWorkerAsync();

        JsonNode first = await TrainAsync(scene, Builtin);
        JsonNode second = await TrainAsync(scene, Builtin.Replace("\"seed\":7", "\"seed\":8", StringComparison.Ordinal));

        Assert.Equal("builtin", first["maskSource"]!.GetValue<string>());
        Assert.Equal((Views, Views, 0), (Number(first, "viewsMade"), Number(first, "viewsDrawn"), Number(first, "viewsFromPhotos")));
        Assert.Equal((0, Views), (Number(second, "viewsMade"), Number(second, "viewsUsed")));
        Assert.Equal(Number(first, "masksUsed"), Number(second, "masksUsed"));
        Assert.Contains("making masks", first["stageSeconds"]!.AsObject().Select(s => s.Key));
        Assert.Equal(Views, MadeFiles(scene).Count);
        Assert.Equal("scenes", MadeFiles(scene)[0].Split('/')[0]);
    }

    [Fact]
    public async Task A_worker_killed_while_it_makes_masks_costs_only_the_view_under_way()
    {
        SceneRecord scene = await AddSceneAsync();
        JobRecord job;
        int before;
        using (Process doomed = WorkerProcess.Start(Storage.Options))
        {
            job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", Builtin, null, default)).Job!;
            await WaitForAsync(job.Id, j => MadeFiles(scene).Count >= 2 || !j.State.IsActive());
            doomed.Kill();
            await doomed.WaitForExitAsync();
            before = MadeFiles(scene).Count;
        }

        double reached = (await Storage.ReadJobAsync(job.Id)).Progress;
        await StartWorkerAsync();
        var seen = new List<double>();
        JobRecord done = await WaitForAsync(job.Id, j =>
        {
            seen.Add(j.Progress);
            return !j.State.IsActive();
        });

        Assert.Equal((JobState.Succeeded, 2), (done.State, done.Attempt));
        Assert.InRange(before, 2, Views - 1);
        Assert.Equal(Views - before, Number(JsonNode.Parse(done.ReportJson!)!, "viewsMade"));
        Assert.Equal(seen.Order(), seen);
        Assert.True(seen[0] >= reached);
    }

    [Fact]
    public async Task A_job_that_makes_masks_can_be_cancelled()
    {
        SceneRecord scene = await AddSceneAsync();
        await StartWorkerAsync();
        JobRecord job = (await Storage.Jobs.EnqueueAsync(
            scene.Id, "train", Builtin.Replace("builtin", "sam", StringComparison.Ordinal), null, default)).Job!;
        await WaitForAsync(job.Id, j => j.Stage.StartsWith("making masks", StringComparison.Ordinal));

        await Storage.Jobs.CancelAsync(job.Id, default);

        await WaitForAsync(job.Id, JobState.Canceled);
        Assert.Empty(MadeFiles(scene));
    }

    [Fact]
    public async Task Photos_that_fit_are_used_and_the_other_views_are_drawn_and_reported()
    {
        byte[] photo = await File.ReadAllBytesAsync(SharedData.Playroom("images", "view_000.jpg"));
        SceneRecord scene = await AddSceneAsync(Zip(
            ("view_000.jpg", photo),
            ("folder/view_001.png", ImageFile.EncodePng(new RgbImage(320, 240, new byte[320 * 240 * 3]))),
            ("view_002.jpg", ImageFile.EncodeJpeg(new RgbImage(480, 640, new byte[480 * 640 * 3]))),
            ("view_003.jpg", photo[..(photo.Length / 2)])));
        await StartWorkerAsync();

        JsonNode report = await TrainAsync(scene, Builtin);

        Assert.Equal((2, 4, Views), (Number(report, "viewsFromPhotos"), Number(report, "viewsDrawn"), Number(report, "viewsUsed")));
        string[] problems = [.. report["problems"]!.AsArray().Select(p => $"{p!["code"]}: {p["detail"]}")];
        Assert.Contains(problems, p => p.StartsWith("photos-unusable: 2 photos", StringComparison.Ordinal) && p.Contains("view_002", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("views-without-photo: 2 of 6", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_photo_that_changed_is_looked_at_again_and_the_others_are_not()
    {
        byte[] photo = await File.ReadAllBytesAsync(SharedData.Playroom("images", "view_000.jpg"));
        byte[] other = await File.ReadAllBytesAsync(SharedData.Playroom("images", "view_001.jpg"));
        SceneRecord scene = await AddSceneAsync(Zip(("view_000.jpg", photo)));
        await StartWorkerAsync();
        await TrainAsync(scene, Builtin);
        IReadOnlyList<string> before = MadeFiles(scene);
        await AddAssetAsync(scene, AssetKind.Images, Zip(("view_000.jpg", other)));

        JsonNode report = await TrainAsync(scene, Builtin);

        Assert.Equal(1, Number(report, "viewsMade"));
        IReadOnlyList<string> after = MadeFiles(scene);
        Assert.Equal(Views, after.Count);
        Assert.Equal(Views - 1, after.Intersect(before).Count());
    }

    [Fact]
    public async Task A_damaged_file_of_masks_is_made_again()
    {
        SceneRecord scene = await AddSceneAsync();
        await StartWorkerAsync();
        JsonNode first = await TrainAsync(scene, Builtin);
        string damaged = Storage.PathOf(MadeFiles(scene)[0]);
        byte[] content = await File.ReadAllBytesAsync(damaged);
        await File.WriteAllBytesAsync(damaged, content[..(content.Length / 2)]);

        JsonNode second = await TrainAsync(scene, Builtin);

        Assert.Equal(1, Number(second, "viewsMade"));
        Assert.Equal(Number(first, "masksUsed"), Number(second, "masksUsed"));
        Assert.Equal(content, await File.ReadAllBytesAsync(damaged));
    }

    private static int Number(JsonNode report, string name) => report[name]!.GetValue<int>();

    private IReadOnlyList<string> MadeFiles(SceneRecord scene)
    {
        string folder = GeneratedFiles.MaskFolderOf(scene.Id, scene.Assets.Single(a => a.Kind == AssetKind.Gaussians).Sha256);
        string path = Storage.PathOf(folder);
        return Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Select(file => $"{folder}/{Path.GetFileName(file)}")] : [];
    }

    private async Task<JsonNode> TrainAsync(SceneRecord scene, string options)
    {
        JobRecord job = (await Storage.Jobs.EnqueueAsync(scene.Id, "train", options, null, default)).Job!;
        return JsonNode.Parse((await WaitForAsync(job.Id, JobState.Succeeded)).ReportJson!)!;
    }

    private async Task<SceneRecord> AddSceneAsync(byte[]? images = null)
    {
        JsonArray cameras = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.Playroom("cameras.json")))!.AsArray();
        JsonNode[] kept = [.. cameras.Take(Views).Select(c => c!.DeepClone())];
        var scene = new SceneRecord { Id = Guid.CreateVersion7(), Name = "playroom", State = SceneState.Uploaded };
        await using (SagaDbContext db = Storage.Open())
        {
            db.Scenes.Add(scene);
            await db.SaveChangesAsync();
        }

        await AddAssetAsync(scene, AssetKind.Gaussians, await File.ReadAllBytesAsync(SharedData.Playroom("gaussians.ply")));
        await AddAssetAsync(scene, AssetKind.Cameras, Encoding.UTF8.GetBytes(new JsonArray(kept).ToJsonString()));
        if (images is not null)
        {
            await AddAssetAsync(scene, AssetKind.Images, images);
        }

        return scene;
    }

    /// <summary>Adds a file to the scene, or puts it in the place of the one of its kind.</summary>
    private async Task AddAssetAsync(SceneRecord scene, AssetKind kind, byte[] content)
    {
        await using PendingFile pending = await Storage.Files.StageAsync(new MemoryStream(content), long.MaxValue, default);
        StoredFile stored = await pending.CommitAsync($"scenes/{scene.Id}/{kind}-{Guid.CreateVersion7()}", default);
        await using SagaDbContext db = Storage.Open();
        db.Assets.RemoveRange(db.Assets.Where(a => a.SceneId == scene.Id && a.Kind == kind));
        var asset = new AssetRecord
        {
            Id = Guid.CreateVersion7(),
            SceneId = scene.Id,
            Kind = kind,
            Key = stored.Key,
            FileName = kind.ToString(),
            Length = stored.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
        };
        db.Assets.Add(asset);
        await db.SaveChangesAsync();
        scene.Assets.RemoveAll(a => a.Kind == kind);
        scene.Assets.Add(asset);
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(bytes, System.IO.Compression.ZipArchiveMode.Create, true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
