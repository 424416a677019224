using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Jobs;
using Saga.Api.Scenes;
using Saga.Persistence;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;

namespace Saga.Api.Progress;

/// <summary>Sends changed jobs and scenes to those who watch them: at most 10 a second each, always the last state.</summary>
/// <remarks>An event says only that something changed; what is sent is read from the database at that moment.</remarks>
internal sealed partial class ProgressBroadcaster(
    JobEvents events,
    WatchList watches,
    IHubContext<ProgressHub> hub,
    IDbContextFactory<SagaDbContext> contexts,
    ILogger<ProgressBroadcaster> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Sends the current state to one client.</summary>
    /// <returns>False when there is no such job or scene.</returns>
    public async Task<bool> SendCurrentAsync(WatchedTopic topic, IClientProxy client, CancellationToken cancellationToken)
    {
        await topic.Sending.WaitAsync(cancellationToken);
        try
        {
            object? current = await ReadAsync(topic, cancellationToken);
            if (current is null)
            {
                return false;
            }

            topic.LastSent ??= current;
            await client.SendAsync(MethodOf(topic), current, cancellationToken);
            return true;
        }
        finally
        {
            topic.Sending.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using JobEventSubscription subscription = events.Subscribe();
        await foreach (JobEvent change in subscription.ReadAllAsync(stoppingToken))
        {
            Notify(change.JobId, stoppingToken);
            Notify(change.SceneId, stoppingToken);
        }
    }

    private void Notify(Guid? id, CancellationToken stopping)
    {
        if (id is { } watched && watches.Find(watched) is { } topic && topic.BeginPump())
        {
            _ = PumpAsync(topic, stopping);
        }
    }

    private async Task PumpAsync(WatchedTopic topic, CancellationToken stopping)
    {
        do
        {
            try
            {
                topic.Clean();
                await SendToWatchersAsync(topic, stopping);
                await Task.Delay(Interval, stopping);
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                LogRetry(logger, topic.Id, error.Message);
                topic.BeginPump();
                await Task.Delay(RetryDelay, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        while (!topic.EndPump());
    }

    private async Task SendToWatchersAsync(WatchedTopic topic, CancellationToken stopping)
    {
        await topic.Sending.WaitAsync(stopping);
        try
        {
            object? current = await ReadAsync(topic, stopping) ?? Ended(topic.LastSent);

            // A job's every step also announces its scene, which seldom changed.
            if (current is not null && !Equals(Comparable(current), Comparable(topic.LastSent)))
            {
                topic.LastSent = current;
                await hub.Clients.Group(topic.Group).SendAsync(MethodOf(topic), current, stopping);
            }
        }
        finally
        {
            topic.Sending.Release();
        }
    }

    private async Task<object?> ReadAsync(WatchedTopic topic, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        if (topic.IsJob)
        {
            JobRecord? job = await db.Jobs.AsNoTracking().FirstOrDefaultAsync(j => j.Id == topic.Id, cancellationToken);
            return job is null ? null : JobResponse.From(job);
        }

        SceneRecord? scene = await db.Scenes.AsNoTracking().FirstOrDefaultAsync(s => s.Id == topic.Id, cancellationToken);
        return scene is null ? null : SceneResponse.From(scene);
    }

    /// <summary>The last word on a job that was deleted with its scene.</summary>
    private static JobResponse? Ended(object? lastSent) => lastSent is JobResponse job && job.State.IsActive()
        ? job with { State = JobState.Canceled, Stage = "canceled", EtaSeconds = null }
        : null;

    // Scenes hold lists, which records compare by reference; their JSON is what clients see.
    private static object? Comparable(object? state) => state is SceneResponse scene
        ? System.Text.Json.JsonSerializer.Serialize(scene, Hosting.ContractJson.Options)
        : state;

    private static string MethodOf(WatchedTopic topic) => topic.IsJob ? "jobChanged" : "sceneChanged";

    [LoggerMessage(Level = LogLevel.Warning, Message = "Progress of {Id} cannot be sent, trying again: {Reason}")]
    private static partial void LogRetry(ILogger logger, Guid id, string reason);
}
