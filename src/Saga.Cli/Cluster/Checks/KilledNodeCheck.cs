namespace Saga.Cli.Cluster.Checks;

/// <summary>kill -9 of a node under a load of clicks; its scene answers from another, and from itself again once it is back.</summary>
internal static class KilledNodeCheck
{
    public static async Task<string> RunAsync(CheckContext context, CancellationToken cancellationToken)
    {
        TrainedScene scene = context.Scenes[0];
        ClusterProcess node = context.Cluster.NodeAt(scene.Node);
        await using PromptLoad load = context.StartLoad(cancellationToken);
        await CheckContext.UntilAsync(() => Task.FromResult(load.Count > 0), "clicks are answered", cancellationToken);
        await node.KillAsync();
        ClusterAnswer answer = (await context.Client.PromptAsync(scene.Id, cancellationToken)).Require(200, "A click after the kill");
        CheckFailedException.Unless(answer.Node != scene.Node, $"The killed node {scene.Node} answered.");
        CheckFailedException.Unless(answer.Body.AsSpan().SequenceEqual(scene.Mask), "The other node's mask is another.");
        await Task.Delay(context.Size.Load, cancellationToken);
        PromptLoadResult result = await load.StopAsync();
        result.RequireNoFailure();

        await node.StartAsync(cancellationToken);
        await CheckContext.UntilAsync(
            async () => (await context.Client.PromptAsync(scene.Id, cancellationToken)).Require(200, "A click").Node == scene.Node,
            "the scene is back at its node", cancellationToken);
        return FormattableString.Invariant(
            $"none of {result.Count} clicks failed, the slowest took {result.SlowestSeconds:0.0} s; back at its node after its start");
    }
}
