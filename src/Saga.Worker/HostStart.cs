using Microsoft.Extensions.Hosting;

namespace Saga.Worker;

/// <summary>Waiting for the host to be up.</summary>
internal static class HostStart
{
    /// <summary>Completes when all services of the host have started.</summary>
    public static async Task StartedAsync(this IHostApplicationLifetime host, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = host.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
