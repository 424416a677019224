using Microsoft.AspNetCore.SignalR.Client;

namespace Saga.Cli.Service;

/// <summary>Follows a job to its end: pushed by the hub, and asked for now and then in case the hub falls silent.</summary>
public static class JobWatch
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(2);

    /// <summary>Returns the job once it is over.</summary>
    /// <param name="client">The service.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="changed">Called with every state seen, from one thread at a time.</param>
    /// <param name="cancellationToken">Ends the watching, not the job.</param>
    public static async Task<JobAnswer> FollowAsync(
        ServiceClient client, Guid jobId, Action<JobAnswer> changed, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var over = new TaskCompletionSource<JobAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        void See(JobAnswer job)
        {
            lock (gate)
            {
                if (over.Task.IsCompleted)
                {
                    return;
                }

                changed(job);
                if (job.IsOver)
                {
                    over.SetResult(job);
                }
            }
        }

        await using HubConnection hub = new HubConnectionBuilder()
            .WithUrl(
                new Uri(client.Address, "/hubs/progress"), options => options.AccessTokenProvider = () => Task.FromResult(ServiceClient.ApiKey))
            .WithAutomaticReconnect()
            .Build();
        hub.On<JobAnswer>("jobChanged", See);
        hub.Reconnected += _ => hub.InvokeAsync("WatchJob", jobId, cancellationToken);
        await hub.StartAsync(cancellationToken);
        await hub.InvokeAsync("WatchJob", jobId, cancellationToken);
        while (!over.Task.IsCompleted)
        {
            await Task.WhenAny(over.Task, Task.Delay(AskEvery, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            See(await client.GetJobAsync(jobId, cancellationToken));
        }

        return await over.Task;
    }
}
