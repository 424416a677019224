namespace Saga.Cli.Cluster.Checks;

/// <summary>Stops PostgreSQL for a while under a load of clicks; they go on, and afterwards so does everything else.</summary>
internal static class DatabaseCheck
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        // Each node knows its scene, as it would in operation.
        foreach (TrainedScene scene in context.Scenes)
        {
            await CheckContext.UntilAsync(
                async () => (await context.Client.PromptAsync(scene.Id, cancellationToken)).Require(200, "A click").Node == scene.Node,
                "every scene is at its node", cancellationToken);
        }

        await using PromptLoad load = context.StartLoad(cancellationToken);

        // The check before killed a node. For some seconds after its return nginx sends a click elsewhere now and then, and a node that never
        // heard of the scene can answer it only from the database.
        await Task.Delay(Settling, cancellationToken);
        await context.Cluster.Database.StopAsync();
        ClusterAnswer refused = await context.Client.PostAsync("/api/v1/scenes", new { name = "refused" }, cancellationToken);
        CheckFailedException.Unless(
            refused.Require(503, "A new scene without the database").Headers.ContainsKey("Retry-After"),
            "The refusal has no Retry-After.");
        int before = load.Count;
        await Task.Delay(context.Size.Load, cancellationToken);
        await CheckContext.UntilAsync(
            () => Task.FromResult(load.Count >= before + (10 * context.Scenes.Count)),
            "clicks go on without the database", cancellationToken);
        int during = load.Count - before;
        await context.Cluster.Database.StartAsync(cancellationToken);

        await CheckContext.UntilAsync(
            async () => (await context.Client.PostAsync("/api/v1/scenes", new { name = "after" }, cancellationToken)).Status == 201,
            "scenes can be made again", cancellationToken);
        PromptLoadResult result = await load.StopAsync();
        result.RequireNoFailure();
        await JobRunsAsync(context, cancellationToken);
        return FormattableString.Invariant(
            $"none of {result.Count} clicks failed, {during} of them without it; then scenes and jobs as before");
    }

    /// <summary>The queue and the workers came back as well.</summary>
    private static async Task JobRunsAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var training = new { kind = "train", options = new { preset = "balanced", iterations = 1000 } };
        ClusterAnswer queued = await context.Client.PostAsync($"/api/v1/scenes/{context.First}/jobs", training, cancellationToken);
        string job = $"/api/v1/jobs/{queued.Require(202, "A new job").Json.GetProperty("id").GetGuid()}";
        async Task<bool> IsAsync(string state) =>
            (await context.Client.GetAsync(job, cancellationToken)).Require(200, "The job").Json.GetProperty("state").GetString() == state;

        await CheckContext.UntilAsync(() => IsAsync("running"), "a job runs", cancellationToken);
        (await context.Client.SendAsync(HttpMethod.Post, $"{job}/cancel", null, cancellationToken)).Require(202, "Cancelling the job");
        await CheckContext.UntilAsync(() => IsAsync("canceled"), "the job is cancelled", cancellationToken);
    }
}
