using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Saga.Tests;

/// <summary>
/// A real PostgreSQL for the tests of one class: its own data folder, loopback, a free port. It stops with the test process,
/// however that ends, because it runs behind a shell that waits for the end of its input.
/// </summary>
/// <remarks>Use as a class or collection fixture and start with <see cref="Require"/>, which skips where there is no PostgreSQL.</remarks>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"saga-pg-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private string? _binaries;
    private string? _missing;
    private Process? _server;

    /// <summary>Connection string of a database of this server that need not exist yet; skips without PostgreSQL.</summary>
    /// <param name="database">Null for a new name.</param>
    public string Require(string? database = null)
    {
        if (_missing is not null)
        {
            Assert.Skip(_missing);
        }

        return $"Host=127.0.0.1;Port={_port};Username=saga;Database={database ?? $"saga_{Guid.NewGuid():N}"};"
            + "Maximum Pool Size=20;Timeout=5;Command Timeout=10";
    }

    public async ValueTask InitializeAsync()
    {
        _binaries = FindBinaries();
        if (_binaries is null)
        {
            _missing = "PostgreSQL's server programs were not found (initdb, postgres); Debian has them in the package postgresql-15.";
            return;
        }

        Directory.CreateDirectory(_folder);
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            if (!File.ReadAllText("/etc/passwd").Contains("\npostgres:", StringComparison.Ordinal))
            {
                _missing = "These tests run as root and there is no user «postgres» for the server to run as.";
                return;
            }

            await RunAsync("chown", "postgres", _folder);
        }

        await RunAsUserAsync(
            Path.Combine(_binaries, "initdb"), "-D", Data, "-U", "saga", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await StartAsync();
    }

    /// <summary>Stops the server as an operator would; open connections are cut.</summary>
    public async Task StopAsync()
    {
        if (_server is null)
        {
            return;
        }

        _server.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await _server.WaitForExitAsync(patience.Token);
        _server.Dispose();
        _server = null;
    }

    /// <summary>Starts the server again on the same port with the same data.</summary>
    public async Task StartAsync()
    {
        string postgres = Path.Combine(_binaries!, "postgres");
        string script = $"'{postgres}' -D '{Data}' -h 127.0.0.1 -p {_port} -k '{_folder}' -c fsync=off -c shared_buffers=16MB "
            + $"-c max_connections=100 > '{Path.Combine(_folder, "server.log")}' 2>&1 & server=$!; cat > /dev/null; kill -INT $server; wait $server";
        _server = Process.Start(AsUser("sh", ["-c", script]))!;
        for (long start = Environment.TickCount64; !await IsReadyAsync(); await Task.Delay(50))
        {
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds || _server.HasExited)
            {
                throw new InvalidOperationException(
                    "PostgreSQL did not start: " + await File.ReadAllTextAsync(Path.Combine(_folder, "server.log")));
            }
        }
    }

    /// <summary>Brings a database back under another name from a dump of it, with the server's own tools.</summary>
    public async Task CopyDatabaseAsync(string from, string to)
    {
        string connection = $"-h 127.0.0.1 -p {_port} -U saga";
        await RunAsync(
            "sh", "-c", $"'{_binaries}/createdb' {connection} {to} && '{_binaries}/pg_dump' {connection} -Fc {from} | '{_binaries}/pg_restore' {connection} -d {to}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, true);
        }
    }

    private string Data => Path.Combine(_folder, "data");

    private async Task<bool> IsReadyAsync()
    {
        using Process probe = Process.Start(new ProcessStartInfo(
            Path.Combine(_binaries!, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", $"{_port}", "-U", "saga", "-d", "postgres"]))!;
        await probe.WaitForExitAsync();
        return probe.ExitCode == 0;
    }

    private static string? FindBinaries()
    {
        IEnumerable<string> versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending().Select(v => Path.Combine(v, "bin"))
            : [];
        IEnumerable<string> onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return versions.Concat(onPath).FirstOrDefault(
            folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
    }

    private static ProcessStartInfo AsUser(string program, IEnumerable<string> arguments) => Environment.IsPrivilegedProcess
        ? new ProcessStartInfo(
            "setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments])
        {
            RedirectStandardInput = true,
        }
        : new ProcessStartInfo(program, arguments) { RedirectStandardInput = true };

    private static Task RunAsUserAsync(string program, params string[] arguments) => FinishAsync(AsUser(program, arguments));

    private static Task RunAsync(string program, params string[] arguments) => FinishAsync(new ProcessStartInfo(program, arguments));

    private static async Task FinishAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}: {errors}{await output}");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
