using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Saga.Tests;

namespace Saga.Api.Tests.Observability;

/// <summary>The service as a process that trains and answers, and what its operator sees: /metrics, the log, and what a collector receives.</summary>
public sealed partial class ObservedServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_the_service_does_is_seen_at_metrics_in_the_log_and_by_a_collector()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        await using ServiceProgram service = await ServiceProgram.StartAsync(
            folder.Path, "--Saga:Worker:Enabled=true", "--Saga:LogFormat=json", $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_METRIC_EXPORT_INTERVAL=500", "--OTEL_BSP_SCHEDULE_DELAY=200",
            "--OTEL_BLRP_SCHEDULE_DELAY=200");
        using var client = new HttpClient { BaseAddress = new Uri(service.Address) };
        (string scene, string job) = await TrainAsync(client);
        var prompt = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.5 };
        (await client.PostAsJsonAsync($"/api/v1/scenes/{scene}/segment", prompt)).Expect(200);

        using (HttpResponseMessage missing = await client.GetAsync($"/api/v1/scenes/{Guid.NewGuid()}"))
        {
            Assert.Equal(404, (int)missing.StatusCode);
        }

        // A web socket's address may hold a key, which no collector is to see.
        await client.PostAsync("/hubs/progress/negotiate?negotiateVersion=1&access_token=saga_0123456789ab_topsecret", null);

        Dictionary<string, double> metrics = await MetricsAsync(client, shown => shown.GetValueOrDefault("saga_scenes") == 1);
        Assert.Equal(1, metrics["saga_job_queue_duration_seconds_count kind=train"]);
        Assert.Equal(1, metrics["saga_job_attempt_duration_seconds_count kind=train outcome=succeeded"]);
        Assert.Equal(1, metrics["saga_job_stage_duration_seconds_count kind=train stage=contrastive loss"]);
        Assert.InRange(metrics["saga_resident_load_duration_seconds_count kind=PromptScene"], 1, 10);
        Assert.InRange(metrics["saga_resident_size_bytes"], 1, metrics["saga_resident_limit_bytes"]);
        Assert.Equal(0, metrics["saga_resident_evictions_total"]);
        Assert.InRange(metrics["saga_store_size_bytes"], TwoBlobs.Ply.Length, 1 << 24);
        Assert.True(metrics["saga_store_free_bytes"] > 0);
        Assert.Equal(0, metrics["saga_work_refused_total work=prompts"]);
        Assert.Equal(1, metrics.Single(m => m.Key.StartsWith("saga_engine_info ", StringComparison.Ordinal)).Value);
        Assert.Contains(metrics.Keys, key => key.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal)
            && key.Contains("http_response_status_code=404", StringComparison.Ordinal));

        AssertDashboardShows(metrics);
        JsonElement[] lines = [.. service.Log.Where(line => line.StartsWith('{')).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
        JsonElement done = lines.First(line => line.GetProperty("Message").GetString() == $"Job {job}: done.");
        string scopes = done.GetProperty("Scopes").ToString();
        Assert.Contains(job, scopes, StringComparison.Ordinal);
        Assert.Contains(scene, scopes, StringComparison.Ordinal);

        await collector.WaitForAsync("/v1/traces", "job train");
        await collector.WaitForAsync("/v1/traces", "load PromptScene");
        await collector.WaitForAsync("/v1/metrics", "saga.prompt.duration", "saga.job.stage.duration");
        await collector.WaitForAsync("/v1/logs", job);
        await collector.WaitForAsync("/v1/traces", "/hubs/progress/negotiate");
        Assert.DoesNotContain("topsecret", collector.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain(service.Log, line => line.Contains("topsecret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Prompts_are_counted_by_kind_and_stage()
    {
        using var folder = new TemporaryFolder();
        await using ServiceProgram service = await ServiceProgram.StartAsync(folder.Path);
        using var client = new HttpClient { BaseAddress = new Uri(service.Address) };
        using HttpResponseMessage created = await client.PostAsync("/api/v1/scenes", Form());
        string id = (await created.JsonAsync(201)).GetProperty("id").GetString()!;
        (await client.PutAsync($"/api/v1/scenes/{id}/model", new ByteArrayContent(TwoBlobs.Model))).Expect(204);
        object prompt = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.5 };
        for (int i = 0; i < 3; i++)
        {
            (await client.PostAsJsonAsync($"/api/v1/scenes/{id}/segment", prompt)).Expect(200);
        }

        (await client.PostAsJsonAsync($"/api/v1/scenes/{id}/segment/candidates", prompt)).Expect(200);
        (await client.PostAsJsonAsync($"/api/v1/scenes/{id}/similarity", prompt)).Expect(200);

        Dictionary<string, double> metrics = await MetricsAsync(client, _ => true);
        foreach (string stage in new[] { "load", "feature", "match", "total" })
        {
            Assert.Equal(3, metrics[$"saga_prompt_duration_seconds_count kind=segment stage={stage}"]);
            Assert.Equal(1, metrics[$"saga_prompt_duration_seconds_count kind=candidates stage={stage}"]);
            Assert.Equal(1, metrics[$"saga_prompt_duration_seconds_count kind=similarity stage={stage}"]);
        }
    }

    /// <summary>Every figure that the dashboard asks for is one that the service has.</summary>
    private static void AssertDashboardShows(Dictionary<string, double> metrics)
    {
        string dashboard = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "deploy", "grafana", "saga.json"));
        HashSet<string> names = [.. metrics.Keys.Select(key => key.Split(' ')[0])];
        string[] asked = [.. DashboardMetric().Matches(dashboard).Select(match => match.Value).Distinct()];
        Assert.True(asked.Length > 15);
        Assert.All(asked, name => Assert.Contains(name, names));
    }

    [GeneratedRegex(@"\b(saga|http|dotnet)_[a-z_]+(?=\{)")]
    private static partial Regex DashboardMetric();

    private static async Task<(string Scene, string Job)> TrainAsync(HttpClient client)
    {
        using HttpResponseMessage created = await client.PostAsync("/api/v1/scenes", Form());
        string id = (await created.JsonAsync(201)).GetProperty("id").GetString()!;
        using HttpResponseMessage accepted = await client.PostAsJsonAsync(
            $"/api/v1/scenes/{id}/jobs", new { kind = "train", options = new { iterations = 2, featureDimension = 8 } });
        string job = (await accepted.JsonAsync(202)).GetProperty("id").GetString()!;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            using HttpResponseMessage found = await client.GetAsync($"/api/v1/jobs/{job}");
            JsonElement state = await found.JsonAsync(200);
            if (state.GetProperty("state").GetString() == "succeeded")
            {
                return (id, job);
            }

            Assert.True(state.GetProperty("state").GetString() is "queued" or "running" && clock.Elapsed < Patience, state.ToString());
            await Task.Delay(100);
        }
    }

    private static MultipartFormDataContent Form()
    {
        var form = new MultipartFormDataContent { { new StringContent("balls"), "name" } };
        foreach ((string part, byte[] bytes, string fileName) in TwoBlobs.AllFiles)
        {
            form.Add(new ByteArrayContent(bytes), part, fileName);
        }

        return form;
    }

    /// <summary>Samples by name and labels, such as <c>name kind=train</c>; those of the library itself left out.</summary>
    private static async Task<Dictionary<string, double>> MetricsAsync(HttpClient client, Predicate<Dictionary<string, double>> until)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string text = await client.GetStringAsync("/metrics");
            var samples = new Dictionary<string, double>();
            foreach (string line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
            {
                int end = line.LastIndexOf(' ');
                int open = line.IndexOf('{', StringComparison.Ordinal);
                string name = open < 0 ? line[..end] : line[..open];
                string[] labels = open < 0 ? [] : line[(open + 1)..line.LastIndexOf('}')].Split("\",");
                IEnumerable<string> kept = labels.Select(label => label.Replace("\"", "", StringComparison.Ordinal))
                    .Where(label => label.Length > 0 && !label.StartsWith("otel_", StringComparison.Ordinal));
                samples[string.Join(' ', kept.Prepend(name))] = double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture);
            }

            if (until(samples))
            {
                return samples;
            }

            Assert.True(clock.Elapsed < Patience, text);
            await Task.Delay(200);
        }
    }

    /// <summary>Takes what is sent by OTLP over HTTP and keeps it as it came: names and values stand in the messages as text.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication _app;
        private readonly ConcurrentQueue<(string Path, string Text)> _received = [];

        private Collector(WebApplication app) => _app = app;

        public string Address => _app.Urls.Single();

        public string Everything => string.Concat(_received.Select(message => message.Text));

        public static async Task<Collector> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            WebApplication app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var collector = new Collector(app);
            app.MapPost("/v1/{signal}", async (HttpRequest request) =>
            {
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body);
                collector._received.Enqueue((request.Path, Encoding.Latin1.GetString(body.ToArray())));
            });
            await app.StartAsync();
            return collector;
        }

        public async Task WaitForAsync(string path, params string[] texts)
        {
            var clock = Stopwatch.StartNew();
            while (!texts.All(text => _received.Any(message => message.Path == path && message.Text.Contains(text, StringComparison.Ordinal))))
            {
                Assert.True(clock.Elapsed < Patience, $"{path} has not got {string.Join(", ", texts)}.");
                await Task.Delay(100);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
