using System.Diagnostics;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary>An API node or a worker of a cluster, which can be killed, stopped and started again.</summary>
/// <param name="name">As in the log's name.</param>
/// <param name="address">Where it listens; null for a worker, which does not.</param>
/// <param name="describe">What to start.</param>
/// <param name="logPath">Receives what it prints, over all its starts.</param>
public sealed class ClusterProcess(string name, Uri? address, Func<ProcessStartInfo> describe, string logPath) : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>Its name among the others.</summary>
    public string Name { get; } = name;

    /// <summary>Host and port, as nginx names a node.</summary>
    public string Endpoint => address?.Authority ?? "";

    /// <summary>Where it listens; 0 for a worker.</summary>
    public int Port => address?.Port ?? 0;

    /// <summary>Its process id.</summary>
    public int Id => _process?.Id ?? 0;

    /// <summary>Starts it where it does not run, and returns once it is ready.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false })
        {
            return;
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = ChildProcess.Start(describe(), logPath);
        if (address is not null)
        {
            await ServiceProcess.WaitUntilReadyAsync(_process, address, cancellationToken);
        }
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGTERM, and the wait for its end.</summary>
    public Task StopAsync() => _process!.StopAsync();

    /// <summary>What it printed so far.</summary>
    public string ReadLog() => _process?.ReadLog() ?? "";

    /// <summary>Stops it.</summary>
    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
