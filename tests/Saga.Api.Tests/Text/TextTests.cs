using System.Text.Json;
using Saga.Tests.Onnx;

namespace Saga.Api.Tests.Text;

/// <summary>Texts over HTTP, with a small model that has CLIP's interface and knows colours: the left ball is red, the right one blue.</summary>
public sealed class TextTests
{
    [Fact]
    public async Task A_colour_selects_the_ball_that_has_it()
    {
        await using ServiceHost service = await WithModelAsync();

        // Without photos the scene's own renderings are looked at.
        string id = await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"), ("cameras", TwoBlobs.Cameras, "cameras.json"), ("masks", TwoBlobs.Masks, "masks.zip"));
        (await service.PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.Model)).Expect(204);
        JsonElement report = await MakeVocabularyAsync(service, id);
        Assert.Equal((8, 2), (report.GetProperty("masks").GetInt32(), report.GetProperty("clusters").GetInt32()));

        JsonElement red = await FindAsync(service, id, new { text = "red" });
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Half), Indices(red));
        JsonElement best = red.GetProperty("matches")[0];
        Assert.InRange(best.GetProperty("score").GetDouble(), 0.7, 1);
        Assert.Equal(4, best.GetProperty("maskCount").GetInt32());
        Assert.True(best.GetProperty("chosen").GetBoolean());
        Assert.False(red.GetProperty("matches")[1].GetProperty("chosen").GetBoolean());

        Assert.Equal(Enumerable.Range(TwoBlobs.Half, TwoBlobs.Count - TwoBlobs.Half), Indices(await FindAsync(service, id, new { text = "  Blue ", view = 1 })));

        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/scenes/{id}/text")
        {
            Content = new StringContent("""{"text":"red"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage bits = (await service.Client.SendAsync(request)).Expect(200);
        Assert.Equal($"{TwoBlobs.Half}", bits.Headers.GetValues("X-Selected-Count").Single());
        Assert.Equal((TwoBlobs.Count + 7) / 8, (await bits.Content.ReadAsByteArrayAsync()).Length);
    }

    [Fact]
    public async Task The_scene_stays_ready_while_its_vocabulary_is_made()
    {
        await using ServiceHost service = await WithModelAsync("Saga:Worker:Enabled=false");
        string id = await service.CreateReadySceneAsync();
        (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary" })).Expect(202);
        Assert.Equal("ready", (await service.GetJsonAsync($"/api/v1/scenes/{id}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Without_a_model_the_refusal_says_how_to_install_one()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string id = await service.CreateReadySceneAsync();
        string detail = await (await service.PostAsync($"/api/v1/scenes/{id}/text", new { text = "red" })).RefusedAsync(409, "model-missing");
        Assert.Contains("vision_model.onnx", detail, StringComparison.Ordinal);
        Assert.Contains("./run models", detail, StringComparison.Ordinal);
        await (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary" })).RefusedAsync(409, "model-missing");
    }

    [Fact]
    public async Task A_damaged_model_is_refused_and_a_mended_one_works_without_a_restart()
    {
        await using ServiceHost service = await WithModelAsync();
        string path = Path.Combine(ClipFolder(service), "vision_model.onnx");
        byte[] good = await File.ReadAllBytesAsync(path);
        await File.WriteAllBytesAsync(path, good[..100]);
        string id = await service.CreateReadySceneAsync();
        string detail = await (await service.PostAsync($"/api/v1/scenes/{id}/text", new { text = "red" })).RefusedAsync(409, "model-missing");
        Assert.Contains("vision_model.onnx", detail, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(path, good);
        await (await service.PostAsync($"/api/v1/scenes/{id}/text", new { text = "red" })).RefusedAsync(409, "vocabulary-missing");
    }

    [Fact]
    public async Task A_vocabulary_belongs_to_the_model_it_was_made_of()
    {
        await using ServiceHost service = await WithModelAsync();
        string id = await service.CreateReadySceneAsync();
        await MakeVocabularyAsync(service, id);
        (await service.PutAsync($"/api/v1/scenes/{id}/model", TwoBlobs.WriteModel(TwoBlobs.Ply, TwoBlobs.Count))).Expect(204);
        string detail = await (await service.PostAsync($"/api/v1/scenes/{id}/text", new { text = "red" })).RefusedAsync(409, "vocabulary-missing");
        Assert.Contains("trained again", detail, StringComparison.Ordinal);

        (await service.PutAsync($"/api/v1/scenes/{id}/gaussians", TwoBlobs.Ply)).Expect(204);
        await (await service.PostAsync($"/api/v1/scenes/{id}/text", new { text = "red" })).RefusedAsync(409, "scene-not-trained");
        await (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary" })).RefusedAsync(409, "scene-not-trained");
    }

    [Theory]
    [InlineData("""{"text":""}""", 422, "invalid-prompt")]
    [InlineData("""{"text":"  "}""", 422, "invalid-prompt")]
    [InlineData("""{}""", 422, "invalid-prompt")]
    [InlineData("""{"text":"a\u0000b"}""", 422, "invalid-prompt")]
    [InlineData("""{"text":"red","view":99}""", 404, "view-not-found")]
    [InlineData("""{"text":"red","view":-1}""", 404, "view-not-found")]
    [InlineData("""{"text":5}""", 400, "invalid-request")]
    public async Task A_request_that_makes_no_sense_is_refused(string body, int status, string code)
    {
        await using ServiceHost service = await WithModelAsync();
        string id = await service.CreateReadySceneAsync();
        await MakeVocabularyAsync(service, id);
        await (await service.PostTextAsync($"/api/v1/scenes/{id}/text", body)).RefusedAsync(status, code);
    }

    [Fact]
    public async Task Options_and_unknown_kinds_are_refused()
    {
        await using ServiceHost service = await WithModelAsync();
        string id = await service.CreateReadySceneAsync();
        await (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary", options = new { seed = 1 } })).RefusedAsync(422, "invalid-options");
        await (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "bake" })).RefusedAsync(422, "invalid-options");
    }

    private static async Task<ServiceHost> WithModelAsync(string worker = "Saga:Worker:Enabled=true")
    {
        ServiceHost service = await ServiceHost.StartAsync(worker);
        ColorClip.Write(ClipFolder(service));
        return service;
    }

    private static string ClipFolder(ServiceHost service) => Path.Combine(service.Folder, "models", "clip");

    private static async Task<JsonElement> MakeVocabularyAsync(ServiceHost service, string id)
    {
        string path = (await service.PostAsync($"/api/v1/scenes/{id}/jobs", new { kind = "vocabulary" })).Expect(202).Headers.Location!.OriginalString;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (; ; await Task.Delay(50, patience.Token))
        {
            JsonElement job = await service.GetJsonAsync(path);
            string state = job.GetProperty("state").GetString()!;
            if (state is not ("queued" or "running"))
            {
                Assert.True(state == "succeeded", job.ToString());
                return job.GetProperty("report");
            }
        }
    }

    private static async Task<JsonElement> FindAsync(ServiceHost service, string id, object query) =>
        await (await service.PostAsync($"/api/v1/scenes/{id}/text", query)).JsonAsync(200);

    private static IEnumerable<int> Indices(JsonElement answer) => answer.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32());
}
