using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Saga.Persistence.Jobs;

namespace Saga.Api.Tests.Progress;

public sealed class ProgressHubTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<(string Method, JsonElement State, long At)> _received = [];
    private ServiceHost _service = null!;
    private HubConnection _hub = null!;
    private Guid _scene;
    private Guid _job;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _scene = Guid.Parse(await _service.CreateSceneAsync(TwoBlobs.AllFiles));
        JsonElement job = await (await _service.PostAsync($"/api/v1/scenes/{_scene}/jobs", new { kind = "train" })).JsonAsync(202);
        _job = job.GetProperty("id").GetGuid();
        _hub = new HubConnectionBuilder().WithUrl($"{_service.Address}/hubs/progress").Build();
        foreach (string method in new[] { "jobChanged", "sceneChanged" })
        {
            _hub.On<JsonElement>(method, state => _received.Enqueue((method, state, Stopwatch.GetTimestamp())));
        }

        await _hub.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_watcher_gets_the_state_at_once_then_at_most_ten_a_second_and_always_the_last()
    {
        await _hub.InvokeAsync("WatchJob", _job);
        JsonElement first = await NextAsync("jobChanged", _ => true);
        Assert.Equal("queued", first.GetProperty("state").GetString());

        JobStore jobs = _service.Get<JobStore>();
        ClaimedJob claimed = (await jobs.ClaimAsync(_job, _ => false, CancellationToken.None))!;
        long start = Stopwatch.GetTimestamp();
        const int reports = 200;
        for (int i = 1; i <= reports; i++)
        {
            await jobs.ReportAsync(claimed.Lease, new JobProgress("training", 0.9 * i / reports, i, reports, 0.5), CancellationToken.None);
        }

        Assert.True(await jobs.SucceedAsync(claimed.Lease, null, null, "{}", CancellationToken.None));
        JsonElement last = await NextAsync("jobChanged", state => state.GetProperty("state").GetString() == "succeeded");
        Assert.Equal(1, last.GetProperty("progress").GetDouble());

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        int sent = _received.Count(message => message.Method == "jobChanged");
        Assert.True(sent <= 10 * seconds + 3, $"{sent} messages in {seconds:0.00} s");
        double[] progress = [.. _received.Where(m => m.Method == "jobChanged").Select(m => m.State.GetProperty("progress").GetDouble())];
        Assert.Equal(progress.Order(), progress);
    }

    [Fact]
    public async Task A_scene_is_sent_when_it_changes_and_not_on_every_step_of_its_job()
    {
        await _hub.InvokeAsync("WatchScene", _scene);
        Assert.Equal("training", (await NextAsync("sceneChanged", _ => true)).GetProperty("state").GetString());
        JobStore jobs = _service.Get<JobStore>();
        ClaimedJob claimed = (await jobs.ClaimAsync(_job, _ => false, CancellationToken.None))!;
        for (int i = 1; i <= 5; i++)
        {
            await jobs.ReportAsync(claimed.Lease, new JobProgress("training", 0.1 * i), CancellationToken.None);
            await Task.Delay(120);
        }

        await jobs.FailAsync(claimed.Lease, new JobFailure("test", "It was a test."), CancellationToken.None);
        await NextAsync("sceneChanged", state => state.GetProperty("state").GetString() == "failed");
        Assert.Equal(2, _received.Count(message => message.Method == "sceneChanged"));
        Assert.Equal(0, _received.Count(message => message.Method == "jobChanged"));
    }

    [Fact]
    public async Task Whoever_stops_watching_hears_no_more()
    {
        await _hub.InvokeAsync("WatchJob", _job);
        await NextAsync("jobChanged", _ => true);
        await _hub.InvokeAsync("Unwatch", _job);
        _received.Clear();
        (await _service.PostAsync($"/api/v1/jobs/{_job}/cancel", new { })).Expect(202);
        await Task.Delay(400);
        Assert.Empty(_received);
    }

    [Fact]
    public async Task The_last_word_on_a_job_deleted_with_its_scene_is_that_it_was_canceled()
    {
        await _hub.InvokeAsync("WatchJob", _job);
        (await _service.Client.DeleteAsync($"/api/v1/scenes/{_scene}")).Expect(204);
        await NextAsync("jobChanged", state => state.GetProperty("state").GetString() == "canceled");
    }

    [Fact]
    public async Task Unknown_ids_are_refused()
    {
        HubException refused = await Assert.ThrowsAsync<HubException>(() => _hub.InvokeAsync("WatchJob", Guid.NewGuid()));
        Assert.Contains("There is no job", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HubException>(() => _hub.InvokeAsync("WatchScene", Guid.NewGuid()));
    }

    private async Task<JsonElement> NextAsync(string method, Func<JsonElement, bool> wanted)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience; await Task.Delay(10))
        {
            foreach ((string name, JsonElement state, _) in _received)
            {
                if (name == method && wanted(state))
                {
                    return state;
                }
            }
        }

        throw new TimeoutException($"No such {method} came; there were {_received.Count} messages.");
    }
}
