using System.Diagnostics;
using System.Globalization;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary>nginx, PostgreSQL, API nodes and workers as processes of this machine, on free loopback ports, in temporary folders.</summary>
public sealed class SagaCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ClusterProcess> _nodes = [];
    private readonly List<ClusterProcess> _workers = [];
    private PostgresProcess? _postgres;
    private ChildProcess? _nginx;

    private SagaCluster(int port) => Address = new Uri($"http://127.0.0.1:{port}");

    /// <summary>Where nginx listens.</summary>
    public Uri Address { get; }

    /// <summary>Logs and files.</summary>
    public string Folder => _folder.Path;

    /// <summary>The API nodes.</summary>
    public IReadOnlyList<ClusterProcess> Nodes => _nodes;

    /// <summary>The workers.</summary>
    public IReadOnlyList<ClusterProcess> Workers => _workers;

    /// <summary>The database's server.</summary>
    public PostgresProcess Database => _postgres!;

    /// <summary>Starts everything and returns once every node is ready.</summary>
    /// <param name="nodes">API processes.</param>
    /// <param name="workers">Worker processes.</param>
    /// <param name="port">Preferred port of nginx; 0 for any.</param>
    /// <param name="settings">More environment variables for workers and nodes.</param>
    /// <param name="cancellationToken">Ends the wait, and what was started.</param>
    /// <exception cref="ServiceException">A program is missing or did not start; the message says which and why.</exception>
    public static async Task<SagaCluster> StartAsync(
        int nodes, int workers, int port, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        ClusterPrograms programs = ClusterPrograms.Find();
        var cluster = new SagaCluster(ServiceProcess.FreePort(port));
        try
        {
            cluster._postgres = await PostgresProcess.CreateAsync(programs, cancellationToken);
            cluster.Describe(nodes, workers, settings);
            await Task.WhenAll(cluster._nodes.Concat(cluster._workers).Select(process => process.StartAsync(cancellationToken)));
            cluster.StartNginx(programs);
            await ServiceProcess.WaitUntilReadyAsync(cluster._nginx!, cluster.Address, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that nginx says has answered.</summary>
    public ClusterProcess NodeAt(string endpoint) =>
        _nodes.Find(node => node.Endpoint == endpoint) ?? throw new CheckFailedException($"«{endpoint}» answered, which is no node.");

    /// <summary>Starts again what a check has killed.</summary>
    public Task ReviveAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_nodes.Concat(_workers).Select(process => process.StartAsync(cancellationToken)));

    /// <summary>Completes when nginx has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _nginx!.WaitForExitAsync(cancellationToken);

    /// <summary>Ends every process that was started, the way in first and the database last, and removes their files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _nginx.DisposeAsync();
        }

        await Task.WhenAll(_nodes.Concat(_workers).Select(process => process.DisposeAsync().AsTask()));
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void Describe(int nodes, int workers, IReadOnlyDictionary<string, string> settings)
    {
        for (int i = 0; i < nodes; i++)
        {
            var address = new Uri($"http://127.0.0.1:{ServiceProcess.FreePort()}");
            _nodes.Add(Process($"api-{i}", "Saga.Api", address, settings, ["--urls", address.ToString()]));
        }

        for (int i = 0; i < workers; i++)
        {
            _workers.Add(Process($"worker-{i}", "Saga.Worker", null, settings, []));
        }
    }

    private ClusterProcess Process(
        string name, string project, Uri? address, IReadOnlyDictionary<string, string> settings, string[] arguments)
    {
        string program = ServiceProcess.FindProgram(project);
        string database = Database.ConnectionString;
        ProcessStartInfo Describe()
        {
            var start = new ProcessStartInfo(ChildProcess.DotnetHost, [program, .. arguments]);
            foreach ((string variable, string value) in settings)
            {
                start.Environment[variable] = value;
            }

            start.Environment["Saga__DataDirectory"] = Path.Combine(Folder, "data");
            start.Environment["Saga__Database"] = database;
            start.Environment["Saga__Worker__Enabled"] = (address is null).ToString(CultureInfo.InvariantCulture);
            return start;
        }

        return new ClusterProcess(name, address, Describe, Path.Combine(Folder, name + ".log"));
    }

    private void StartNginx(ClusterPrograms programs)
    {
        string nginx = Directory.CreateDirectory(Path.Combine(Folder, "nginx")).FullName;
        string deployed = File.ReadAllText(Repository.PathOf("deploy", "nginx", "nginx.conf"));
        string included = Path.Combine(nginx, "saga.conf");
        string main = Path.Combine(nginx, "nginx.conf");
        File.WriteAllText(included, NginxConfig.Render(deployed, Address.Port, [.. _nodes.Select(node => node.Port)]));
        File.WriteAllText(main, NginxConfig.MainFile(nginx, included));
        _nginx = ChildProcess.Start(
            new ProcessStartInfo(programs.Nginx, ["-e", "stderr", "-p", nginx, "-c", main]), Path.Combine(Folder, "nginx.log"));
    }
}
