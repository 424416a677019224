using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Saga.Cli.Service;

/// <summary>The service as a child of this process: started, waited for, and ended by its id.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _process;

    private ServiceProcess(ChildProcess process, Uri address)
    {
        _process = process;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>What it printed.</summary>
    public string LogPath => _process.LogPath;

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
        var address = new Uri($"http://127.0.0.1:{port}");
        var start = new ProcessStartInfo(ChildProcess.DotnetHost)
        {
            ArgumentList = { FindProgram("Saga.Api"), "--urls", address.ToString() },
            Environment = { ["Saga__DataDirectory"] = Path.GetFullPath(dataDirectory) },
        };

        // The data directory is this run's alone; a database that the environment names is somebody's.
        start.Environment.Remove("Saga__Database");
        Directory.CreateDirectory(dataDirectory);
        string logPath = Path.Combine(dataDirectory, "service.log");
        File.Delete(logPath);
        var service = new ServiceProcess(ChildProcess.Start(start, logPath), address);
        try
        {
            await WaitUntilReadyAsync(service._process, address, cancellationToken);
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
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Returns once a started service says that it is ready.</summary>
    /// <exception cref="ServiceException">It ended, or was not ready in time; the message holds the end of its log.</exception>
    internal static async Task WaitUntilReadyAsync(ChildProcess process, Uri address, CancellationToken cancellationToken)
    {
        using var client = new ServiceClient(address);
        long start = Stopwatch.GetTimestamp();
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (process.HasExited)
            {
                await process.WaitForExitAsync(cancellationToken);
                throw new ServiceException(0, "", $"The service ended with code {process.ExitCode} while starting.{process.LogTail()}");
            }

            if (Stopwatch.GetElapsedTime(start) > StartLimit)
            {
                throw new ServiceException(0, "", $"The service was not ready within {StartLimit.TotalSeconds:0} s.{process.LogTail()}");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>A built program: beside this one in the same configuration.</summary>
    internal static string FindProgram(string project)
    {
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        string framework = Path.GetFileName(own);
        string configuration = Path.GetFileName(Path.GetDirectoryName(own)!);
        string path = Path.Combine(Repository.Root, "src", project, "bin", configuration, framework, project + ".dll");
        return File.Exists(path)
            ? path
            : throw new ServiceException(0, "", $"The service is not built: {path} is missing. Run ./run, which builds it.");
    }
}
