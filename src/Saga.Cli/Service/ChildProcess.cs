using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Saga.Cli.Service;

/// <summary>A program as a child of this process: what it prints goes to a file, and it is ended by its id.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>SIGINT.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly StreamWriter _log;

    private ChildProcess(Process process, StreamWriter log, string logPath)
    {
        _process = process;
        _log = log;
        LogPath = logPath;
    }

    /// <summary>What it printed.</summary>
    public string LogPath { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it ended with.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The program that runs .NET assemblies: this process's own where it is one.</summary>
    public static string DotnetHost =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    /// <summary>Starts a program.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="logPath">Receives what it prints, after what is there already.</param>
    public static ChildProcess Start(ProcessStartInfo start, string logPath)
    {
        var log = new StreamWriter(File.Open(logPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var child = new ChildProcess(new Process { StartInfo = start }, log, logPath);
        child._process.OutputDataReceived += (_, line) => child.Write(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Write(line.Data);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Completes when it has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Ends it without a word of warning, as a lost machine would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Asks it to end, and ends it if it does not.</summary>
    /// <param name="signal"><see cref="Terminate"/>, or what the program takes for a request to end soon.</param>
    public async Task StopAsync(int signal = Terminate)
    {
        if (_process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows() || Signal(_process.Id, signal) != 0)
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

    /// <summary>The end of what it printed, for a message.</summary>
    public string LogTail()
    {
        string[] lines = ReadLog().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? " It printed nothing." : " It printed:\n  " + string.Join("\n  ", lines.TakeLast(20));
    }

    /// <summary>What it printed so far.</summary>
    public string ReadLog()
    {
        using var reader = new StreamReader(File.Open(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    /// <summary>Stops it where it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
        lock (_log)
        {
            _log.Dispose();
        }
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

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);
}
