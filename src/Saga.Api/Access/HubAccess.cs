using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.SignalR;
using Saga.Api.Hosting;

namespace Saga.Api.Access;

/// <summary>Ends hub connections whose key was revoked, or that needed none when they began: they outlive the checked request.</summary>
internal sealed class HubAccess(KeyRing keys) : BackgroundService, IHubFilter
{
    /// <summary>With what a look may find, still within the 5 seconds that are promised.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, HubCallerContext> _connections = new();

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        _connections[context.Context.ConnectionId] = context.Context;
        await next(context);
    }

    public async Task OnDisconnectedAsync(
        HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        _connections.TryRemove(context.Context.ConnectionId, out _);
        await next(context, exception);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (HubCallerContext connection in _connections.Values)
            {
                if (!await IsStillGoodAsync(connection, stoppingToken))
                {
                    connection.Abort();
                }
            }
        }
    }

    private async Task<bool> IsStillGoodAsync(HubCallerContext connection, CancellationToken cancellationToken)
    {
        try
        {
            return await keys.IsStillGoodAsync(connection.User?.FindFirstValue(ClaimTypes.NameIdentifier), cancellationToken);
        }
        catch (RefusedException)
        {
            // The keys cannot be read: as for requests, nobody is believed.
            return false;
        }
    }
}
