using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Api.Tests.Uploads;

/// <summary>What becomes of an upload that has arrived.</summary>
public sealed class UploadAttachmentTests : IAsyncLifetime
{
    private ServiceHost _service = null!;

    private HttpClient Client => _service.Client;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Finished_uploads_of_every_kind_make_a_scene()
    {
        string scene = await EmptySceneAsync();
        foreach ((string kind, byte[] bytes, _) in TwoBlobs.AllFiles)
        {
            string upload = await Client.UploadAsync(bytes, kind);
            (await Client.AttachAsync(scene, upload)).Expect(204);
            Assert.False(Directory.Exists(_service.FolderOf(upload)));
        }

        JsonElement record = await _service.GetJsonAsync($"/api/v1/scenes/{scene}");
        Assert.Equal(TwoBlobs.Count, record.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(TwoBlobs.Views, record.GetProperty("viewCount").GetInt32());
        Assert.Equal(2 * TwoBlobs.Views, record.GetProperty("maskCount").GetInt32());
        using HttpResponseMessage ply = await Client.GetAsync($"/api/v1/scenes/{scene}/gaussians");
        Assert.Equal(TwoBlobs.Ply, await ply.Content.ReadAsByteArrayAsync());
        Assert.Equal("blobs.ply", ply.Content.Headers.ContentDisposition?.FileName);

        // The cameras that the service had made while there were none.
        Assert.Equal(1, await _service.Get<FileSweep>().SweepOrphansAsync(TimeSpan.Zero, default));
    }

    [Fact]
    public async Task Asking_again_after_a_lost_answer_is_answered_alike()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.UploadAsync(TwoBlobs.Ply);
        (await Client.AttachAsync(scene, upload)).Expect(204);
        (await Client.AttachAsync(scene, upload)).Expect(204);
        await (await Client.AttachAsync(await EmptySceneAsync(), upload)).RefusedAsync(404, "upload-not-found");
    }

    [Fact]
    public async Task Of_two_clients_that_attach_at_once_both_succeed_and_the_file_is_there_once()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.UploadAsync(TwoBlobs.Ply);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Client.AttachAsync(scene, upload)));
        Assert.All(answers, answer => Assert.Contains((int)answer.StatusCode, (int[])[204, 423]));
        Assert.Contains(answers, answer => (int)answer.StatusCode == 204);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(_service.Folder, "store", "scenes"), "*.ply", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_that_is_refused_leaves_the_scene_as_it_was_and_is_removed()
    {
        string scene = await _service.CreateReadySceneAsync();
        string before = (await _service.GetJsonAsync($"/api/v1/scenes/{scene}")).GetRawText();
        foreach ((string kind, string code) in new[]
        {
            ("gaussians", "invalid-gaussians"), ("cameras", "invalid-cameras"), ("images", "invalid-images"), ("masks", "invalid-masks"),
        })
        {
            string upload = await Client.UploadAsync(TwoBlobs.Ply[..^100], kind);
            Assert.Contains("blobs.ply", await (await Client.AttachAsync(scene, upload)).RefusedAsync(422, code), StringComparison.Ordinal);
            Assert.False(Directory.Exists(_service.FolderOf(upload)));
        }

        string nothing = await Client.BeginUploadAsync(0);
        await (await Client.AttachAsync(scene, nothing)).RefusedAsync(422, "invalid-gaussians");
        Assert.Equal(before, (await _service.GetJsonAsync($"/api/v1/scenes/{scene}")).GetRawText());
        Assert.Equal(0, await _service.Get<FileSweep>().SweepOrphansAsync(TimeSpan.Zero, default));
    }

    [Fact]
    public async Task An_upload_that_is_not_finished_is_refused_and_kept()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.BeginUploadAsync(TwoBlobs.Ply.Length);
        (await Client.AppendAsync(upload, 0, TwoBlobs.Ply[..100])).Expect(204);
        string detail = await (await Client.AttachAsync(scene, upload)).RefusedAsync(409, "upload-incomplete");
        Assert.Contains("100 of", detail, StringComparison.Ordinal);
        (await Client.AppendAsync(upload, 100, TwoBlobs.Ply[100..])).Expect(204);
        (await Client.AttachAsync(scene, upload)).Expect(204);
    }

    [Fact]
    public async Task A_scene_that_is_being_trained_gets_it_later()
    {
        string scene = await _service.CreateSceneAsync(TwoBlobs.AllFiles);
        string upload = await Client.UploadAsync(TwoBlobs.Ply, scene: scene);
        JsonElement job = await (await _service.PostAsync($"/api/v1/scenes/{scene}/jobs", new { kind = "train" })).JsonAsync(202);
        await (await Client.AttachAsync(scene, upload)).RefusedAsync(409, "job-running");

        // Nor is another begun for it: the bytes would travel in vain.
        await (await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Length", "1"),
            ("Upload-Metadata", TusCalls.Metadata(("kind", "masks"), ("scene", scene))))).RefusedAsync(409, "job-running");
        (await _service.PostAsync($"/api/v1/jobs/{job.GetProperty("id").GetString()}/cancel", new { })).Expect(202);
        (await Client.AttachAsync(scene, upload)).Expect(204);
    }

    [Fact]
    public async Task An_upload_for_one_scene_is_not_given_to_another()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.UploadAsync(TwoBlobs.Ply, scene: scene);
        await (await Client.AttachAsync(await EmptySceneAsync(), upload)).RefusedAsync(409, "upload-of-another-scene");
        await (await Client.AttachAsync(Guid.NewGuid().ToString(), upload)).RefusedAsync(404, "scene-not-found");
        (await Client.AttachAsync(scene, upload)).Expect(204);
        await (await Client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Length", "1"),
            ("Upload-Metadata", TusCalls.Metadata(("kind", "masks"), ("scene", Guid.NewGuid().ToString())))))
            .RefusedAsync(404, "scene-not-found");
    }

    [Fact]
    public async Task A_process_that_was_killed_between_the_file_and_its_record_costs_no_byte()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.UploadAsync(TwoBlobs.Ply);
        string folder = Path.Combine(_service.Folder, "store", "scenes", scene);
        Directory.CreateDirectory(folder);
        File.Move(
            Path.Combine(_service.FolderOf(upload), "bytes"), Path.Combine(folder, $"gaussians-{upload.Split('/')[^1]}.ply"));
        (await Client.AttachAsync(scene, upload)).Expect(204);
        Assert.Equal(TwoBlobs.Ply, await Client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians"));
    }

    [Fact]
    public async Task The_record_says_what_arrived()
    {
        string scene = await EmptySceneAsync();
        string upload = await Client.UploadAsync(TwoBlobs.Ply);
        (await Client.AttachAsync(scene, upload)).Expect(204);
        await using SagaDbContext db = await _service.Get<IDbContextFactory<SagaDbContext>>().CreateDbContextAsync();
        var asset = await db.Assets.SingleAsync(a => a.Kind == AssetKind.Gaussians);
        Assert.Equal(upload.Split('/')[^1], asset.Id.ToString());
        Assert.Equal(TwoBlobs.Ply.Length, asset.Length);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(TwoBlobs.Ply)), asset.Sha256);
        Assert.Equal("blobs.ply", asset.FileName);
    }

    private Task<string> EmptySceneAsync() => Client.EmptySceneAsync();
}
