using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Saga.Cli.Cluster.Checks;

/// <summary>kill -9 of the node that a hub connection is on; the connection comes back on another and hears on.</summary>
internal static class HubCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        Guid scene = context.Scenes[0].Id;
        ClusterProcess node = await NodeOfHubAsync(context, cancellationToken);
        var reconnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int heard = 0;
        await using HubConnection hub = new HubConnectionBuilder()
            .WithUrl(new Uri(context.Client.Address, "/hubs/progress"))
            .WithAutomaticReconnect()
            .Build();
        hub.On<JsonElement>("sceneChanged", _ => Interlocked.Increment(ref heard));
        hub.Reconnected += _ =>
        {
            reconnected.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(cancellationToken);
        await hub.InvokeAsync("WatchScene", scene, cancellationToken);
        await CheckContext.UntilAsync(() => Task.FromResult(heard > 0), "the hub tells of the scene", cancellationToken);

        await node.KillAsync();
        await reconnected.Task.WaitAsync(Patience, cancellationToken);
        ClusterProcess other = await NodeOfHubAsync(context, cancellationToken);
        CheckFailedException.Unless(other != node, "The killed node answered.");
        int before = heard;
        await hub.InvokeAsync("WatchScene", scene, cancellationToken);
        await CheckContext.UntilAsync(() => Task.FromResult(heard > before), "the hub tells of the scene again", cancellationToken);
        return $"it came back by itself, from {node.Name} to {other.Name}, and heard on";
    }

    private static async Task<ClusterProcess> NodeOfHubAsync(CheckContext context, CancellationToken cancellationToken)
    {
        ClusterAnswer answer = await context.Client.SendAsync(
            HttpMethod.Post, "/hubs/progress/negotiate?negotiateVersion=1", null, cancellationToken);
        return context.Cluster.NodeAt(answer.Require(200, "The hub").Node);
    }
}
