using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace Saga.Api.Progress;

/// <summary>
/// The hub <c>/hubs/progress</c>. Clients call <c>WatchJob</c>, <c>WatchScene</c> and <c>Unwatch</c>; the server sends
/// <c>jobChanged(job)</c> and <c>sceneChanged(scene)</c>: at once on watching, then at most 10 a second, always the last one.
/// </summary>
internal sealed class ProgressHub(WatchList watches, ProgressBroadcaster broadcaster) : Hub
{
    private const string WatchedKey = "watched";

    /// <summary>Far more than a page shows; keeps one connection from filling the memory.</summary>
    private const int MaxWatchesPerConnection = 1000;

    private ConcurrentDictionary<Guid, bool> Watched => (ConcurrentDictionary<Guid, bool>)Context.Items[WatchedKey]!;

    public Task WatchJob(Guid jobId) => WatchAsync(jobId, true);

    public Task WatchScene(Guid sceneId) => WatchAsync(sceneId, false);

    public async Task Unwatch(Guid id)
    {
        if (Watched.TryRemove(id, out _))
        {
            watches.Remove(id);
            await Groups.RemoveFromGroupAsync(Context.ConnectionId, WatchedTopic.GroupOf(id));
        }
    }

    public override Task OnConnectedAsync()
    {
        Context.Items[WatchedKey] = new ConcurrentDictionary<Guid, bool>();
        return base.OnConnectedAsync();
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        foreach (Guid id in Watched.Keys)
        {
            watches.Remove(id);
        }

        return base.OnDisconnectedAsync(exception);
    }

    private async Task WatchAsync(Guid id, bool isJob)
    {
        if (Watched.Count >= MaxWatchesPerConnection)
        {
            throw new HubException($"This connection already watches {MaxWatchesPerConnection} jobs and scenes; Unwatch some first.");
        }

        WatchedTopic topic = watches.Add(id, isJob);
        if (!Watched.TryAdd(id, isJob))
        {
            watches.Remove(id);
        }

        try
        {
            // Join first, read second: a change in between is sent to the group.
            await Groups.AddToGroupAsync(Context.ConnectionId, topic.Group, Context.ConnectionAborted);
            if (!await broadcaster.SendCurrentAsync(topic, Clients.Caller, Context.ConnectionAborted))
            {
                throw new HubException($"There is no {(isJob ? "job" : "scene")} {id}.");
            }
        }
        catch
        {
            await Unwatch(id);
            throw;
        }
    }
}
