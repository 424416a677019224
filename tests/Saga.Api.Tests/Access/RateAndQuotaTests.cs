using Saga.Api.Tests.Uploads;
using Saga.Persistence.Access;

namespace Saga.Api.Tests.Access;

public sealed class RateAndQuotaTests : IAsyncLifetime
{
    private ServiceHost _service = null!;

    public async ValueTask InitializeAsync() => (_service, _) = await KeyedService.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Too_many_requests_of_one_key_are_told_when_to_come_back_and_others_go_on()
    {
        using HttpClient busy = await ClientAsync(key => key.RequestsPerMinute = 3);
        using HttpClient other = await ClientAsync(key => key.RequestsPerMinute = 3);
        for (int i = 0; i < 3; i++)
        {
            (await busy.GetAsync("/api/v1/scenes")).Expect(200);
        }

        using HttpResponseMessage refused = await busy.GetAsync("/api/v1/scenes");
        string detail = await refused.RefusedAsync(429, "rate-limited");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.Contains("3 requests a minute", detail, StringComparison.Ordinal);
        (await other.GetAsync("/api/v1/scenes")).Expect(200);
        (await busy.GetAsync("/health/live")).Expect(200);
    }

    [Fact]
    public async Task Guesses_at_keys_are_counted_by_address_and_cost_keys_nothing()
    {
        (ServiceHost service, string key) = await KeyedService.StartAsync("Saga:Access:RequestsPerMinute=5");
        await using ServiceHost owned = service;
        using HttpClient guesser = service.ClientWith("guess");
        for (int i = 0; i < 5; i++)
        {
            (await guesser.GetAsync("/api/v1/scenes")).Expect(401);
        }

        await (await guesser.GetAsync("/api/v1/scenes")).RefusedAsync(429, "rate-limited");
        using HttpClient holder = service.ClientWith(key);
        (await holder.GetAsync("/api/v1/scenes")).Expect(200);
    }

    [Fact]
    public async Task Scenes_beyond_a_key_s_number_are_refused_until_one_is_deleted()
    {
        using HttpClient client = await ClientAsync(key => key.MaxScenes = 1);
        string scene = await client.EmptySceneAsync();
        string detail = await (await PostSceneAsync(client)).RefusedAsync(403, "quota-scenes");
        Assert.Contains("2 scenes and may have 1", detail, StringComparison.Ordinal);
        await (await client.PostAsync("/api/v1/scenes/sample", null)).RefusedAsync(403, "quota-scenes");

        using HttpClient other = await ClientAsync(key => key.MaxScenes = 1);
        (await PostSceneAsync(other)).Expect(201);
        (await client.DeleteAsync($"/api/v1/scenes/{scene}")).Expect(204);
        (await PostSceneAsync(client)).Expect(201);
    }

    [Fact]
    public async Task Of_scenes_asked_for_at_once_no_more_than_the_key_s_number_are_made()
    {
        using HttpClient client = await ClientAsync(key => key.MaxScenes = 2);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostSceneAsync(client)));
        Assert.Equal(2, answers.Count(answer => (int)answer.StatusCode == 201));
        Assert.Equal(6, answers.Count(answer => (int)answer.StatusCode == 403));
    }

    [Fact]
    public async Task Bytes_beyond_a_key_s_number_are_refused_however_they_come()
    {
        long room = TwoBlobs.Ply.Length + 1000;
        using HttpClient client = await ClientAsync(key => key.MaxBytes = room);
        string scene = await client.EmptySceneAsync();

        // In full before a byte travels, and by its end where nobody said how long it is.
        string detail = await (await client.PutAsync($"/api/v1/scenes/{scene}/masks", new ByteArrayContent(new byte[room + 1])))
            .RefusedAsync(403, "quota-bytes");
        Assert.Contains($"Of the {room} bytes", detail, StringComparison.Ordinal);
        var unannounced = new StreamContent(new MemoryStream(new byte[room + 1]));
        var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/scenes/{scene}/masks") { Content = unannounced };
        put.Headers.TransferEncodingChunked = true;
        await (await client.SendAsync(put)).RefusedAsync(403, "quota-bytes");

        // Unfinished resumable uploads count in full.
        string upload = await client.BeginUploadAsync(TwoBlobs.Ply.Length, scene: scene);
        using HttpResponseMessage second = await client.TusAsync(
            HttpMethod.Post, TusCalls.Root, null, ("Upload-Length", "1001"), ("Upload-Metadata", TusCalls.Metadata(("kind", "masks"))));
        await second.RefusedAsync(403, "quota-bytes");
        (await client.AppendAsync(upload, 0, TwoBlobs.Ply)).Expect(204);

        // The orbit that the service makes for the scene is the key's as well, and too much here.
        (await client.AttachAsync(scene, upload)).Expect(403);
    }

    [Fact]
    public async Task Jobs_beyond_a_key_s_number_are_refused_until_one_is_over()
    {
        using HttpClient client = await ClientAsync(key => key.MaxJobs = 1);
        string[] scenes = [await SceneAsync(client), await SceneAsync(client)];
        using HttpResponseMessage first = await TrainAsync(scenes[0]);
        string job = (await first.JsonAsync(202)).GetProperty("id").GetString()!;

        using HttpResponseMessage refused = await TrainAsync(scenes[1]);
        string detail = await refused.RefusedAsync(429, "quota-jobs");
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains("2 jobs queued or running and may have 1", detail, StringComparison.Ordinal);

        (await client.PostAsync($"/api/v1/jobs/{job}/cancel", null)).Expect(202);
        (await TrainAsync(scenes[1])).Expect(202);

        Task<HttpResponseMessage> TrainAsync(string scene) => client.PostAsync(
            $"/api/v1/scenes/{scene}/jobs", new StringContent("{\"kind\":\"train\"}", System.Text.Encoding.UTF8, "application/json"));
    }

    private static async Task<string> SceneAsync(HttpClient client)
    {
        var form = new MultipartFormDataContent { { new StringContent("test scene"), "name" } };
        foreach ((string part, byte[] bytes, string fileName) in TwoBlobs.AllFiles)
        {
            form.Add(new ByteArrayContent(bytes), part, fileName);
        }

        return (await (await client.PostAsync("/api/v1/scenes", form)).JsonAsync(201)).GetProperty("id").GetString()!;
    }

    private static Task<HttpResponseMessage> PostSceneAsync(HttpClient client) => client.PostAsync(
        "/api/v1/scenes", new StringContent("{\"name\":\"x\"}", System.Text.Encoding.UTF8, "application/json"));

    private async Task<HttpClient> ClientAsync(Action<ApiKeyRecord> describe) =>
        _service.ClientWith(await _service.AddKeyAsync(ApiKeyScope.Write, describe));
}
