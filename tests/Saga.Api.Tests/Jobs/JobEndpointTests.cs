using System.Net.Http.Json;
using System.Text.Json;
using Saga.Persistence.Jobs;

namespace Saga.Api.Tests.Jobs;

/// <summary>Jobs as clients see them. No worker runs, so that what is queued stays queued.</summary>
public sealed class JobEndpointTests : IAsyncLifetime
{
    private ServiceHost _service = null!;
    private string _path = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_job_is_queued_shown_listed_and_canceled()
    {
        using HttpResponseMessage accepted = await _service.PostAsync(
            $"{_path}/jobs", new { kind = "train", options = new { preset = "balanced", seed = 3 } });
        JsonElement job = await accepted.JsonAsync(202);
        string jobPath = accepted.Headers.Location!.OriginalString;
        Assert.Equal($"/api/v1/jobs/{job.GetProperty("id").GetString()}", jobPath);
        Assert.Equal("queued", job.GetProperty("state").GetString());
        Assert.Equal("train", job.GetProperty("kind").GetString());
        Assert.Equal(0, job.GetProperty("progress").GetDouble());
        Assert.Equal(JsonValueKind.Null, job.GetProperty("failure").ValueKind);
        Assert.Equal("training", (await _service.GetJsonAsync(_path)).GetProperty("state").GetString());

        Assert.Equal(1, (await _service.GetJsonAsync("/api/v1/jobs?state=queued")).GetProperty("total").GetInt32());
        Assert.Equal(0, (await _service.GetJsonAsync("/api/v1/jobs?state=running")).GetProperty("total").GetInt32());
        Assert.Equal(1, (await _service.GetJsonAsync($"/api/v1/jobs?sceneId={job.GetProperty("sceneId").GetString()}")).GetProperty("total").GetInt32());
        Assert.Equal(0, (await _service.GetJsonAsync($"/api/v1/jobs?sceneId={Guid.NewGuid()}")).GetProperty("total").GetInt32());
        await (await _service.Client.GetAsync("/api/v1/jobs?state=sleeping")).RefusedAsync(400, "invalid-request");

        JsonElement canceled = await (await _service.PostAsync($"{jobPath}/cancel", new { })).JsonAsync(202);
        Assert.Equal("canceled", canceled.GetProperty("state").GetString());
        Assert.Equal("canceled", (await _service.GetJsonAsync(jobPath)).GetProperty("state").GetString());
        Assert.Equal("uploaded", (await _service.GetJsonAsync(_path)).GetProperty("state").GetString());
        await (await _service.Client.GetAsync($"/api/v1/jobs/{Guid.NewGuid()}")).RefusedAsync(404, "job-not-found");
        await (await _service.PostAsync($"/api/v1/jobs/{Guid.NewGuid()}/cancel", new { })).RefusedAsync(404, "job-not-found");
    }

    [Fact]
    public async Task Two_trainings_of_a_scene_at_once_are_refused_even_when_asked_for_together()
    {
        HttpResponseMessage[] answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _service.PostAsync($"{_path}/jobs", new { kind = "train" })));
        Assert.Single(answers, answer => (int)answer.StatusCode == 202);
        foreach (HttpResponseMessage refused in answers.Where(answer => (int)answer.StatusCode != 202))
        {
            await refused.RefusedAsync(409, "job-running");
        }
    }

    [Fact]
    public async Task The_same_idempotency_key_gets_the_same_job()
    {
        string first = await IdOfAsync("key-1", new { kind = "train", options = new { seed = 5 } });
        Assert.Equal(first, await IdOfAsync("key-1", new { kind = "train", options = new { seed = 5 } }));
        await (await PostWithKeyAsync("key-1", new { kind = "train", options = new { seed = 6 } })).RefusedAsync(422, "invalid-idempotency-key");
        await (await PostWithKeyAsync("key-2", new { kind = "train" })).RefusedAsync(409, "job-running");
        await (await PostWithKeyAsync(new string('k', 201), new { kind = "train" })).RefusedAsync(422, "invalid-idempotency-key");
    }

    [Fact]
    public async Task Files_are_not_changed_under_a_job()
    {
        (await _service.PostAsync($"{_path}/jobs", new { kind = "train" })).Expect(202);
        foreach (string asset in new[] { "gaussians", "cameras", "images", "masks", "model" })
        {
            await (await _service.PutAsync($"{_path}/{asset}", TwoBlobs.Ply)).RefusedAsync(409, "job-running");
        }
    }

    [Theory]
    [InlineData("""{"kind":"dance"}""", "dance")]
    [InlineData("""{}""", "kind")]
    [InlineData("""{"kind":"train","options":{"preset":"best"}}""", "preset")]
    [InlineData("""{"kind":"train","options":{"iterations":0}}""", "iterations")]
    [InlineData("""{"kind":"train","options":{"raysPerIteration":1000000}}""", "raysPerIteration")]
    [InlineData("""{"kind":"train","options":{"featureDimension":12}}""", "featureDimension")]
    [InlineData("""{"kind":"train","options":{"maskSource":"magic"}}""", "maskSource")]
    public async Task Options_out_of_range_are_refused_by_name(string body, string named) =>
        Assert.Contains(
            named, await (await _service.PostTextAsync($"{_path}/jobs", body)).RefusedAsync(422, "invalid-options"), StringComparison.Ordinal);

    [Fact]
    public async Task What_training_would_miss_is_said_before_it_is_queued()
    {
        string name = $"/api/v1/scenes/{(await (await _service.PostAsync("/api/v1/scenes", new { name = "bare" })).JsonAsync(201)).GetProperty("id").GetString()}";
        object train = new { kind = "train" };
        await (await _service.PostAsync($"{name}/jobs", train)).RefusedAsync(422, "scene-empty");
        (await _service.PutAsync($"{name}/cameras", TwoBlobs.Cameras)).Expect(204);
        (await _service.PutAsync($"{name}/gaussians", TwoBlobs.Ply)).Expect(204);
        await (await _service.PostTextAsync($"{name}/jobs", """{"kind":"train","options":{"maskSource":"uploaded"}}""")).RefusedAsync(422, "masks-missing");
        string detail = await (await _service.PostTextAsync($"{name}/jobs", """{"kind":"train","options":{"maskSource":"sam"}}"""))
            .RefusedAsync(422, "model-missing");
        Assert.Contains("./run models", detail, StringComparison.Ordinal);
        (await _service.PostAsync($"{name}/jobs", train)).Expect(202);
        await (await _service.PostAsync($"/api/v1/scenes/{Guid.NewGuid()}/jobs", train)).RefusedAsync(404, "scene-not-found");
    }

    [Fact]
    public async Task Deleting_a_scene_ends_its_jobs()
    {
        string job = await IdOfAsync(null, new { kind = "train" });
        JobStore jobs = _service.Get<JobStore>();
        ClaimedJob claimed = (await jobs.ClaimAsync(Guid.Parse(job), _ => false, CancellationToken.None))!;
        (await _service.Client.DeleteAsync(_path)).Expect(204);
        await (await _service.Client.GetAsync($"/api/v1/jobs/{job}")).RefusedAsync(404, "job-not-found");
        Assert.Equal(LeaseState.Lost, await jobs.HeartbeatAsync(claimed.Lease, CancellationToken.None));
    }

    private async Task<string> IdOfAsync(string? key, object body) =>
        (await (await PostWithKeyAsync(key, body)).JsonAsync(202)).GetProperty("id").GetString()!;

    private Task<HttpResponseMessage> PostWithKeyAsync(string? key, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/jobs") { Content = JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return _service.Client.SendAsync(request);
    }
}
