using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster.Checks;

/// <summary>Kills the worker that trains; the other one goes on from its checkpoint.</summary>
internal static class KilledWorkerCheck
{
    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        using var service = new ServiceClient(context.Cluster.Address);
        SceneAnswer scene = await service.UploadAsync(SceneFolder.Open(Repository.PathOf("samples", "playroom")), cancellationToken);
        JobAnswer job = await service.StartTrainingAsync(
            scene.Id, new TrainingRequest("balanced", context.Size.Iterations, 0), cancellationToken);
        await CheckContext.UntilAsync(
            async () => (await JobAsync(context, job.Id, cancellationToken)).GetProperty("iteration").GetInt32() >= context.Size.KillAt,
            "the training has begun", cancellationToken);

        // Two checkpoints' time.
        await Task.Delay(1000, cancellationToken);
        string begins = $"Job {job.Id} (train): attempt 1 begins";
        ClusterProcess worker = context.Cluster.Workers.Single(w => w.ReadLog().Contains(begins, StringComparison.Ordinal));
        await worker.KillAsync();
        long killed = Stopwatch.GetTimestamp();
        CheckFailedException.Unless(
            (await JobAsync(context, job.Id, cancellationToken)).GetProperty("state").GetString() == "running",
            "The training was over before its worker was killed.");

        await CheckContext.UntilAsync(
            async () => (await JobAsync(context, job.Id, cancellationToken)).GetProperty("attempt").GetInt32() == 2,
            "another worker has taken the job up", cancellationToken);
        double takenUp = Stopwatch.GetElapsedTime(killed).TotalSeconds;

        JsonElement ended = default;
        await CheckContext.UntilAsync(
            async () =>
            {
                ended = await JobAsync(context, job.Id, cancellationToken);
                return ended.GetProperty("state").GetString() is "succeeded" or "failed" or "canceled";
            },
            "the training is over", cancellationToken);
        string? state = ended.GetProperty("state").GetString();
        int attempt = ended.GetProperty("attempt").GetInt32();
        CheckFailedException.Unless(state == "succeeded" && attempt == 2, $"The training ended as {state} in attempt {attempt}.");
        int resumedFrom = ended.GetProperty("report").GetProperty("resumedFrom").GetInt32();
        CheckFailedException.Unless(resumedFrom > 0, "The second attempt began at the beginning.");
        context.First = scene.Id;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"taken up {takenUp:0.0} s after the kill, 8 s of silence being the sign; ended in attempt {attempt}, from its checkpoint at iteration {resumedFrom} of {context.Size.Iterations}");
    }

    private static async Task<JsonElement> JobAsync(CheckContext context, Guid job, CancellationToken cancellationToken) =>
        (await context.Client.GetAsync($"/api/v1/jobs/{job}", cancellationToken)).Require(200, "The job").Json;
}
