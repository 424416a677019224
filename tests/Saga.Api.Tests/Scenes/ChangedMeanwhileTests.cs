using System.Net;
using System.Text.Json;

namespace Saga.Api.Tests.Scenes;

/// <summary>Requests that meet: one wins, the other is told, and nothing is left behind.</summary>
public sealed class ChangedMeanwhileTests : IAsyncLifetime
{
    private ServiceHost _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Of_uploads_at_once_one_counts_and_the_others_are_told()
    {
        string scene = await CreateEmptyAsync();
        var uploads = new List<(PausedContent Body, Task<HttpResponseMessage> Answer)>();
        for (int i = 0; i < 4; i++)
        {
            uploads.Add(await BeginUploadAsync(scene, i + 1));
        }

        // Each looked at the scene before any other had written to it.
        foreach ((PausedContent body, _) in uploads)
        {
            body.Release();
        }

        int[] statuses = [.. (await Task.WhenAll(uploads.Select(upload => upload.Answer))).Select(answer => (int)answer.StatusCode)];
        Assert.Contains(204, statuses);
        Assert.All(statuses, status => Assert.True(status is 204 or 409, $"{status}"));
        Assert.Equal(TwoBlobs.Ply, await _service.Client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians"));

        // Replaced files stay for those who still read them, the Gaussians and the views made for them; what was refused leaves nothing.
        Assert.Equal(2 * statuses.Count(status => status == 204), FilesOf(scene).Length);
    }

    [Fact]
    public async Task An_upload_to_a_scene_that_is_deleted_meanwhile_finds_no_scene()
    {
        string scene = await CreateEmptyAsync();
        (PausedContent body, Task<HttpResponseMessage> answer) = await BeginUploadAsync(scene, 1);
        (await _service.Client.DeleteAsync($"/api/v1/scenes/{scene}")).Expect(204);
        body.Release();
        await (await answer).RefusedAsync(404, "scene-not-found");
        Assert.Empty(FilesOf(scene));
    }

    [Fact]
    public async Task Problems_of_the_masks_stay_when_other_files_are_replaced()
    {
        byte[] masks = TwoBlobs.Zip(("view_000.json", TwoBlobs.SamJson(0)));
        string scene = await _service.CreateSceneAsync(
            ("gaussians", TwoBlobs.Ply, "a.ply"), ("cameras", TwoBlobs.Cameras, "cameras.json"), ("masks", masks, "masks.zip"));
        foreach ((string asset, byte[] bytes) in new[] { ("images", TwoBlobs.Images), ("gaussians", TwoBlobs.Ply) })
        {
            (await _service.PutAsync($"/api/v1/scenes/{scene}/{asset}", bytes)).Expect(204);
            JsonElement problems = (await _service.GetJsonAsync($"/api/v1/scenes/{scene}")).GetProperty("problems");
            Assert.Equal("views-without-masks", Assert.Single(problems.EnumerateArray()).GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task A_form_that_ends_in_the_middle_of_a_file_is_the_clients_mistake()
    {
        using var cut = new ByteArrayContent(
            "--x\r\nContent-Disposition: form-data; name=\"gaussians\"; filename=\"a.ply\"\r\n\r\nply\nformat"u8.ToArray());
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        await (await _service.Client.PostAsync("/api/v1/scenes", cut)).RefusedAsync(400, "invalid-request");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_service.Folder, "store", ".staging")));
    }

    private async Task<string> CreateEmptyAsync() =>
        (await (await _service.PostAsync("/api/v1/scenes", new { name = "x" })).JsonAsync(201)).GetProperty("id").GetString()!;

    /// <summary>Sends half a file and waits until the service is past its first look at the scene.</summary>
    private async Task<(PausedContent Body, Task<HttpResponseMessage> Answer)> BeginUploadAsync(string scene, int uploads)
    {
        var body = new PausedContent(TwoBlobs.Ply);
        Task<HttpResponseMessage> answer = _service.Client.PutAsync($"/api/v1/scenes/{scene}/gaussians", body);
        while (Directory.GetFiles(Path.Combine(_service.Folder, "store", ".staging")).Length < uploads && !answer.IsCompleted)
        {
            await Task.Delay(10);
        }

        return (body, answer);
    }

    private string[] FilesOf(string scene)
    {
        string folder = Path.Combine(_service.Folder, "store", "scenes", scene);
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }

    private sealed class PausedContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await _released.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
