namespace Saga.Cli.Cluster.Checks;

/// <summary>Clicks on all scenes at once; every node answers its share.</summary>
internal static class SpreadCheck
{
    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        await using PromptLoad load = context.StartLoad(cancellationToken);
        await Task.Delay(context.Size.Load, cancellationToken);
        await CheckContext.UntilAsync(
            () => Task.FromResult(load.Count >= 10 * context.Scenes.Count), "each scene was clicked ten times", cancellationToken);
        PromptLoadResult result = await load.StopAsync();
        result.RequireNoFailure();

        // Scenes are clicked in turn, so each node's share is about one of their number.
        foreach (ClusterProcess node in context.Cluster.Nodes)
        {
            double share = (double)result.Answers.GetValueOrDefault(node.Endpoint) / result.Count;
            CheckFailedException.Unless(
                share * context.Scenes.Count > 0.5,
                FormattableString.Invariant($"{node.Name} has one scene of {context.Scenes.Count} and answered {share:P0} of the clicks."));
        }

        IEnumerable<string> rates = context.Cluster.Nodes.Select(
            node => FormattableString.Invariant($"{node.Name} {result.Answers.GetValueOrDefault(node.Endpoint) / result.Seconds:0}"));
        return FormattableString.Invariant(
            $"{result.Count / result.Seconds:0} clicks/s of {context.Size.Clients} clients: {string.Join(", ", rates)}");
    }
}
