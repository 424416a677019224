using System.Diagnostics;

namespace Saga.Cli.Service;

/// <summary>Trains a scene through the service, showing how far it is.</summary>
public static class Training
{
    /// <summary>Enqueues a training and waits for its success.</summary>
    /// <returns>Wall-clock seconds from enqueueing to the end.</returns>
    /// <exception cref="ServiceException">It failed or was cancelled; the message says why.</exception>
    public static async Task<double> RunAsync(
        ServiceClient client, Guid sceneId, TrainingRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        JobAnswer job = await client.StartTrainingAsync(sceneId, request, cancellationToken);
        var line = new ProgressLine(output, !Console.IsOutputRedirected && !Console.IsErrorRedirected);
        try
        {
            job = await JobWatch.FollowAsync(client, job.Id, line.Show, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The job would go on without us on a service that is not ours.
            await client.CancelJobAsync(job.Id, CancellationToken.None);
            throw;
        }

        return job.State == "succeeded"
            ? Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new ServiceException(
                0, job.Failure?.Code ?? "", $"The training ended as {job.State}: {job.Failure?.Detail ?? "no reason was given"}");
    }
}
