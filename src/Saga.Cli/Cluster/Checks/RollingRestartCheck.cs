namespace Saga.Cli.Cluster.Checks;

/// <summary>Restarts every API node, one after the other, under a load of clicks; no click fails.</summary>
internal static class RollingRestartCheck
{
    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        await using PromptLoad load = context.StartLoad(cancellationToken);
        foreach (ClusterProcess node in context.Cluster.Nodes)
        {
            await node.StopAsync();
            await node.StartAsync(cancellationToken);

            // Only when nginx asks it again may the next one go, or for a moment there is none that it would ask.
            Guid scene = context.Scenes.Single(trained => trained.Node == node.Endpoint).Id;
            await CheckContext.UntilAsync(
                async () => (await context.Client.PromptAsync(scene, cancellationToken)).Node == node.Endpoint,
                $"{node.Name} answers again", cancellationToken);
        }

        PromptLoadResult result = await load.StopAsync();
        result.RequireNoFailure();
        string slowest = FormattableString.Invariant($"{result.SlowestSeconds:0.0} s");
        return $"{context.Cluster.Nodes.Count} nodes one by one, none of {result.Count} clicks failed, the slowest took {slowest}";
    }
}
