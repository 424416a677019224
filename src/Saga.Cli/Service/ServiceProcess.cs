using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Saga.Cli.Service;

/// <summary>The service as a child of this process: started, waited for, and ended by its id.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private ServiceProcess(Process process, StreamWriter log, Uri address, string logPath)
    {
        _process = process;
        _log = log;
        Address = address;
        LogPath = logPath;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it printed.</summary>
    public string LogPath { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>A TCP port of the loopback address that is free now; <paramref name="preferred"/> if that one is.</summary>
    public static int FreePort(int preferred = 0)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, preferred);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException) when (preferred != 0)
        {
            return FreePort();
        }
    }

    /// <summary>Starts the service and returns once it says that it is ready.</summary>
    /// <param name="dataDirectory">Folder for its database and files; made if missing.</param>
    /// <param name="port">Loopback port.</param>
    /// <param name="cancellationToken">Ends the wait, and the service with it.</param>
    /// <exception cref="ServiceException">It ended at once, or was not ready in time; the message holds the end of its log.</exception>
    public static async Task<ServiceProcess> StartAsync(string dataDirectory, int port, CancellationToken cancellationToken)
    {
        string program = FindProgram();
        Directory.CreateDirectory(dataDirectory);
        string logPath = Path.Combine(dataDirectory, "service.log");
        var log = new StreamWriter(File.Open(logPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var address = new Uri($"http://127.0.0.1:{port}");
        var start = new ProcessStartInfo(DotnetHost())
        {
            ArgumentList = { program, "--urls", address.ToString() },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["Saga__DataDirectory"] = Path.GetFullPath(dataDirectory) },
        };

        // The data directory is this run's alone; a database that the environment names is somebody's.
        start.Environment.Remove("Saga__Database");
        var service = new ServiceProcess(new Process { StartInfo = start }, log, address, logPath);
        service._process.OutputDataReceived += (_, line) => service.Write(line.Data);
        service._process.ErrorDataReceived += (_, line) => service.Write(line.Data);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        try
        {
            await service.WaitUntilReadyAsync(cancellationToken);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the service has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Asks the service to end, and ends it if it does not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (OperatingSystem.IsWindows() || Signal(_process.Id, SignalTerminate) != 0)
            {
                _process.Kill(entireProcessTree: true);
            }

            using var limit = new CancellationTokenSource(StopLimit);
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new ServiceClient(Address);
        long start = Stopwatch.GetTimestamp();
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(cancellationToken);
                throw new ServiceException(0, "", $"The service ended with code {_process.ExitCode} while starting.{LogTail()}");
            }

            if (Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                throw new ServiceException(0, "", $"The service was not ready within {StartLimit.TotalSeconds:0} s.{LogTail()}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    private string LogTail()
    {
        using var reader = new StreamReader(File.Open(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? " It printed nothing." : " It printed:\n  " + string.Join("\n  ", lines.TakeLast(20));
    }

    private void Write(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                if (_log.BaseStream is { CanWrite: true })
                {
                    _log.WriteLine(line);
                }
            }
        }
    }

    /// <summary>The built service: beside this program in the same configuration.</summary>
    private static string FindProgram()
    {
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string framework = Path.GetFileName(own);
        string configuration = Path.GetFileName(Path.GetDirectoryName(own)!);
        string path = Path.Combine(Repository.Root, "src", "Saga.Api", "bin", configuration, framework, "Saga.Api.dll");
        return File.Exists(path)
            ? path
            : throw new ServiceException(0, "", $"The service is not built: {path} is missing. Run ./run, which builds it.");
    }

    private static string DotnetHost()
    {
        string? own = Environment.ProcessPath;
        return Path.GetFileNameWithoutExtension(own) == "dotnet" ? own! : "dotnet";
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);
}
