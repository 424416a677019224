using Saga.Cli.CommandLine;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary><c>saga cluster</c>: the service on several processes, as on several machines, or the checks of that.</summary>
public static class ClusterCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        cluster [--api N] [--workers N]           start nginx, PostgreSQL, API nodes (3) and workers (2) on this machine
          --self-test                 kill, stop and restart them under load, check that nobody notices, and end
        """;

    private const int PreferredPort = 5080;

    private static readonly string[] Switches = ["self-test"];
    private static readonly string[] Options = ["api", "workers"];

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, Switches, Options, []);
        int nodes = (int)(arguments.Whole("api", 1, 32) ?? 3);
        int workers = (int)(arguments.Whole("workers", 1, 32) ?? 2);
        TextWriter output = Console.Out;
        if (arguments.Has("self-test"))
        {
            return nodes < 2 || workers < 2
                ? throw new UsageException("The self-test kills nodes and workers: it needs --api 2 and --workers 2 or more.")
                : await new ClusterSelfTest(nodes, workers, ClusterTestSize.Full, output).RunAsync(cancellationToken) ? 0 : 1;
        }

        output.WriteLine($"Starting PostgreSQL, {nodes} API nodes, {workers} workers and nginx");
        await using SagaCluster cluster = await SagaCluster.StartAsync(
            nodes, workers, PreferredPort, new Dictionary<string, string>(), cancellationToken);
        foreach (ClusterProcess process in cluster.Nodes.Concat(cluster.Workers))
        {
            output.WriteLine($"  {process.Name}  process {process.Id}  {process.Endpoint}");
        }

        output.WriteLine($"The service is running at {cluster.Address}; logs and files are in {cluster.Folder}.");
        output.WriteLine($"Stop it with Ctrl+C, or: kill {Environment.ProcessId}. What it stored is removed then.");
        await output.FlushAsync(cancellationToken);
        try
        {
            await cluster.WaitForExitAsync(cancellationToken);
            throw new ServiceException(0, "", "nginx ended by itself.");
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("Stopping");
        }

        return 0;
    }
}
