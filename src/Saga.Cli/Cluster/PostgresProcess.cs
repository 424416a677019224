using System.Diagnostics;
using System.Globalization;
using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary>A PostgreSQL of this run alone: its own folder, loopback, a free port.</summary>
public sealed class PostgresProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string _programs;
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = ServiceProcess.FreePort();
    private ChildProcess? _server;

    private PostgresProcess(string programs) => _programs = programs;

    /// <summary>For <c>Saga__Database</c>.</summary>
    public string ConnectionString =>
        $"Host=127.0.0.1;Port={_port};Username=saga;Database=saga;Maximum Pool Size=20;Timeout=5;Command Timeout=10";

    /// <summary>Makes a new, empty server and starts it.</summary>
    public static async Task<PostgresProcess> CreateAsync(ClusterPrograms programs, CancellationToken cancellationToken)
    {
        var server = new PostgresProcess(programs.PostgresFolder);
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                // The server refuses to run as root.
                await FinishAsync(new ProcessStartInfo("chown", ["postgres", server._folder.Path]), cancellationToken);
            }

            await FinishAsync(
                server.Program("initdb", "-D", server.Data, "-U", "saga", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
                cancellationToken);
            await server.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the same port with the same data.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Nothing here outlives the run, so nothing needs to survive a power cut.
        _server = ChildProcess.Start(
            Program(
                "postgres", "-D", Data, "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-k", _folder.Path,
                "-c", "fsync=off", "-c", "max_connections=300"),
            Path.Combine(_folder.Path, "server.log"));
        long start = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            if (_server.HasExited || Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                throw new ServiceException(0, "", $"PostgreSQL did not start.{_server.LogTail()}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Stops it as an operator in a hurry would: open connections are cut.</summary>
    public Task StopAsync() => _server?.StopAsync(ChildProcess.Interrupt) ?? Task.CompletedTask;

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    private string Data => Path.Combine(_folder.Path, "data");

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using Process probe = Process.Start(new ProcessStartInfo(
            Path.Combine(_programs, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "saga", "-d", "postgres"]))!;
        await probe.WaitForExitAsync(cancellationToken);
        return probe.ExitCode == 0;
    }

    private ProcessStartInfo Program(string name, params string[] arguments)
    {
        string program = Path.Combine(_programs, name);

        // Replaced by the program, so that its id is the server's.
        return Environment.IsPrivilegedProcess
            ? new ProcessStartInfo(
                "setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
    }

    private static async Task FinishAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var logs = new TemporaryFolder();
        await using ChildProcess process = ChildProcess.Start(start, Path.Combine(logs.Path, "log"));
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new ServiceException(0, "", $"{start.FileName} ended with {process.ExitCode}.{process.LogTail()}");
        }
    }
}
