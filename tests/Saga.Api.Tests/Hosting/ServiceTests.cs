using System.Text.Json;
using Saga.Api.Hosting;

namespace Saga.Api.Tests.Hosting;

public sealed class ServiceTests
{
    [Fact]
    public async Task The_framework_refuses_in_the_contract_s_words_whatever_the_client_accepts()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        service.Client.DefaultRequestHeaders.Accept.ParseAdd("image/png");
        await (await service.Client.GetAsync("/api/v1/nothing")).RefusedAsync(404, "not-found");
        await (await service.Client.GetAsync("/api/v1/scenes/not-a-guid")).RefusedAsync(404, "not-found");
        await (await service.Client.PatchAsync("/api/v1/scenes", null)).RefusedAsync(405, "method-not-allowed");
        await (await service.Client.PostAsync("/api/v1/scenes", new StringContent("x"))).RefusedAsync(415, "unsupported-media-type");
        await (await service.Client.PostAsync(
            $"/api/v1/scenes/{Guid.NewGuid()}/segment", new StringContent("x"))).RefusedAsync(415, "unsupported-media-type");
    }

    [Fact]
    public async Task Json_larger_than_the_limit_is_refused()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Limits:MaxJsonBytes=1000");
        await (await service.PostAsync("/api/v1/scenes", new { name = new string('x', 2000) })).RefusedAsync(413, "too-large");
        await (await service.PostAsync($"/api/v1/scenes/{Guid.NewGuid()}/segment", new { view = 1, x = new string('x', 2000) })).RefusedAsync(413, "too-large");
    }

    [Fact]
    public async Task Health_page_and_documentation_are_there()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        Assert.Equal("ok", (await service.GetJsonAsync("/health/live")).GetProperty("status").GetString());
        JsonElement ready = await service.GetJsonAsync("/health/ready");
        Assert.Equal("ok", ready.GetProperty("checks").GetProperty("database").GetProperty("status").GetString());
        Assert.Equal("ok", ready.GetProperty("checks").GetProperty("storage").GetProperty("status").GetString());
        Assert.Contains("/swagger", await service.Client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Contains("swagger-ui", await service.Client.GetStringAsync("/swagger/index.html"), StringComparison.Ordinal);

        JsonElement paths = (await service.GetJsonAsync("/swagger/v1/swagger.json")).GetProperty("paths");
        foreach ((string path, string method) in new[]
        {
            ("/api/v1/scenes", "post"), ("/api/v1/scenes", "get"), ("/api/v1/scenes/{sceneId}", "get"), ("/api/v1/scenes/{sceneId}", "delete"),
            ("/api/v1/scenes/{sceneId}/gaussians", "put"), ("/api/v1/scenes/{sceneId}/gaussians", "get"),
            ("/api/v1/scenes/{sceneId}/cameras", "put"), ("/api/v1/scenes/{sceneId}/images", "put"), ("/api/v1/scenes/{sceneId}/masks", "put"),
            ("/api/v1/scenes/{sceneId}/views", "get"), ("/api/v1/scenes/{sceneId}/jobs", "post"), ("/api/v1/jobs", "get"),
            ("/api/v1/jobs/{jobId}", "get"), ("/api/v1/jobs/{jobId}/cancel", "post"), ("/api/v1/scenes/{sceneId}/segment", "post"),
            ("/api/v1/scenes/{sceneId}/selections", "post"), ("/api/v1/scenes/{sceneId}/selections/{selectionId}", "get"),
            ("/api/v1/scenes/{sceneId}/selections/{selectionId}", "delete"), ("/api/v1/scenes/{sceneId}/render", "get"),
            ("/api/v1/scenes/{sceneId}/views/{index}/mask", "get"), ("/api/v1/scenes/{sceneId}/model", "get"),
            ("/api/v1/scenes/{sceneId}/model", "put"), ("/api/v1/scenes/sample", "post"),
            ("/api/v1/scenes/{sceneId}/similarity", "post"), ("/api/v1/scenes/{sceneId}/segment/candidates", "post"),
            ("/api/v1/scenes/{sceneId}/selections/{selectionId}", "patch"),
            ("/api/v1/scenes/{sceneId}/selections/{selectionId}/export", "get"),
            ("/api/v1/scenes/{sceneId}/selections/{selectionId}/masks.zip", "get"),
            ("/api/v1/uploads", "post"), ("/api/v1/uploads", "options"), ("/api/v1/uploads/{uploadId}", "head"),
            ("/api/v1/uploads/{uploadId}", "patch"), ("/api/v1/uploads/{uploadId}", "delete"),
            ("/api/v1/scenes/{sceneId}/uploads/{uploadId}", "post"),
        })
        {
            Assert.False(string.IsNullOrEmpty(paths.GetProperty(path).GetProperty(method).GetProperty("summary").GetString()), $"{method} {path}");
        }
    }

    [Fact]
    public async Task Readiness_says_that_the_store_cannot_be_written()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string staging = Path.Combine(service.Folder, "store", ".staging");
        Directory.Delete(staging);
        await File.WriteAllTextAsync(staging, "in the way");
        using HttpResponseMessage response = (await service.Client.GetAsync("/health/ready")).Expect(503);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        JsonElement checks = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("checks");
        Assert.Equal("failed", checks.GetProperty("storage").GetProperty("status").GetString());
        Assert.Contains("written", checks.GetProperty("storage").GetProperty("detail").GetString(), StringComparison.Ordinal);
        await (await service.PostFormAsync("x", ("gaussians", TwoBlobs.Ply, "a.ply"))).RefusedAsync(503, "storage-unavailable");
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", true)]
    [InlineData("http://localhost:80", true)]
    [InlineData("http://[::1]:5080", true)]
    [InlineData("http://127.8.9.10:1", true)]
    [InlineData("http://unix:/run/saga.sock", true)]
    [InlineData("http://0.0.0.0:5080", false)]
    [InlineData("http://*:5080", false)]
    [InlineData("http://+:5080", false)]
    [InlineData("http://[::]:5080", false)]
    [InlineData("http://192.168.1.2:5080", false)]
    [InlineData("http://example.org", false)]
    [InlineData("http://localhost.example.org", false)]
    public void Only_loopback_addresses_count_as_loopback(string address, bool loopback) =>
        Assert.Equal(loopback, ListenAddresses.IsLoopback(address));

    [Theory]
    [InlineData("is not an address", "--urls=nonsense")]
    [InlineData("Saga:Residency:MaxBytes", "--Saga:Residency:MaxBytes=-1")]
    [InlineData("MaxBytes", "--Saga:Residency:MaxBytes=plenty")]
    [InlineData("Saga:Limits:ConcurrentPrompts", "--Saga:Limits:ConcurrentPrompts=0")]
    [InlineData("Saga:Access:RequestsPerMinute", "--Saga:Access:RequestsPerMinute=-1")]
    [InlineData("Saga:Access:AllowedOrigins", "--Saga:Access:AllowedOrigins:0=*")]
    [InlineData("Saga:Access:AllowedOrigins", "--Saga:Access:AllowedOrigins:0=https://example.org/page")]
    [InlineData("Saga:DataDirectory", "--Saga:DataDirectory=/dev/null/data")]
    [InlineData("auto, cpu or opencl:N", "--Saga:Compute:Device=cuda")]
    [InlineData("auto, cpu or opencl:N", "--Saga:Compute:Device=opencl:-1")]
    [InlineData("Saga:Compute:MaxBytes", "--Saga:Compute:MaxBytes=-1")]
    public void What_cannot_be_served_is_refused_before_the_start(string reason, string setting)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-refused-{Guid.NewGuid():N}");
        string[] data = setting.Contains("DataDirectory", StringComparison.Ordinal) ? [] : [$"--Saga:DataDirectory={folder}"];
        StartupException refused = Assert.Throws<StartupException>(() => Program.Build([.. data, setting]));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public async Task The_program_says_in_one_line_why_it_does_not_start()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"saga-refused-{Guid.NewGuid():N}");
        (int exitCode, string errors) = await ServiceProgram.RunAsync("--urls=http://0.0.0.0:0", $"--Saga:DataDirectory={folder}");
        Directory.Delete(folder, true);
        Assert.NotEqual(0, exitCode);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.Contains("loopback", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_from_clients_is_made_fit_for_a_log_line() =>
        Assert.Equal("a?b?c", LogText.Clean("a\nb\u2028c"));

    [Fact]
    public async Task Work_beyond_the_queue_is_sent_away_and_the_rest_waits_its_turn()
    {
        using var queue = new WorkQueue("prompts", 1, 1);
        WorkQueue.Slot first = await queue.EnterAsync(CancellationToken.None);
        Task<WorkQueue.Slot> second = queue.EnterAsync(CancellationToken.None).AsTask();
        RefusedException busy = await Assert.ThrowsAsync<RefusedException>(() => queue.EnterAsync(CancellationToken.None).AsTask());
        Assert.Equal((503, "busy"), (busy.Status, busy.Code));
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        using WorkQueue.Slot again = await queue.EnterAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Work_that_is_alone_may_use_every_core_and_work_in_company_its_share()
    {
        using var queue = new WorkQueue("prompts", 1, Environment.ProcessorCount);
        Assert.Equal(Environment.ProcessorCount, queue.FairThreads);
        using WorkQueue.Slot first = await queue.EnterAsync(CancellationToken.None);
        Assert.Equal(Environment.ProcessorCount, queue.FairThreads);
        using var leaving = new CancellationTokenSource();
        Task[] waiting = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => queue.EnterAsync(leaving.Token).AsTask())];
        Assert.Equal(1, queue.FairThreads);
        await leaving.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.Equal(Environment.ProcessorCount, queue.FairThreads);
    }
}
