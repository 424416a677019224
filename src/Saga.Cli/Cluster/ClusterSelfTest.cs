using System.Diagnostics;
using System.Globalization;
using Saga.Cli.Cluster.Checks;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary>Starts a cluster, breaks it in every way that is promised to go unnoticed, and counts what held.</summary>
/// <param name="nodes">API processes, at least two.</param>
/// <param name="workers">Worker processes, at least two.</param>
/// <param name="size">How much is done.</param>
/// <param name="output">Gets a line for each check and a closing one.</param>
public sealed class ClusterSelfTest(int nodes, int workers, ClusterTestSize size, TextWriter output)
{
    /// <summary>So that the killed training has a checkpoint soon; 30 s otherwise.</summary>
    private static readonly Dictionary<string, string> Settings = new() { ["Saga__Worker__CheckpointEvery"] = "00:00:00.5" };

    private int _passed;
    private int _failed;

    /// <summary>Runs all checks.</summary>
    /// <returns>True where all passed.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"Starting PostgreSQL, {nodes} API nodes, {workers} workers and nginx");
        await using SagaCluster cluster = await SagaCluster.StartAsync(nodes, workers, 0, Settings, cancellationToken);
        using var client = new ClusterClient(cluster.Address);
        var context = new CheckContext(cluster, client, size);

        // The rest needs the trained scene.
        await RunAsync("a worker killed in a training", KilledWorkerCheck.RunAsync, context, cancellationToken);
        if (_failed == 0)
        {
            await RunAsync("a scene's requests reach one node", SameNodeCheck.RunAsync, context, cancellationToken);
            await RunAsync("clicks are spread over the nodes", SpreadCheck.RunAsync, context, cancellationToken);
            await RunAsync("a node killed", KilledNodeCheck.RunAsync, context, cancellationToken);
            await RunAsync("a hub connection whose node is killed", HubCheck.RunAsync, context, cancellationToken);
            await RunAsync("an upload whose node is killed", UploadCheck.RunAsync, context, cancellationToken);
            await RunAsync("PostgreSQL restarted", DatabaseCheck.RunAsync, context, cancellationToken);
            await RunAsync("a rolling restart", RollingRestartCheck.RunAsync, context, cancellationToken);
        }

        await output.WriteLineAsync($"cluster: {_passed} checks passed" + (_failed == 0 ? "" : $", {_failed} failed"));
        return _failed == 0;
    }

    private async Task RunAsync(
        string name, Func<CheckContext, CancellationToken, Task<string>> check, CheckContext context, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        string line;
        try
        {
            string found = await check(context, cancellationToken);
            line = $"  ok      {name}: {found}";
            _passed++;
        }
        catch (Exception error) when (
            error is CheckFailedException or ServiceException or HttpRequestException or IOException or TimeoutException)
        {
            line = $"  FAILED  {name}: {error.Message}";
            _failed++;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{line} ({seconds:0} s)"));
        await output.FlushAsync(cancellationToken);
        await context.Cluster.ReviveAsync(cancellationToken);
    }
}
