using System.Collections.Concurrent;
using System.Diagnostics;

namespace Saga.Api.Tests;

/// <summary>The service as the process a user starts.</summary>
internal sealed class ServiceProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private readonly ConcurrentQueue<string> _log;

    private ServiceProgram(Process process, string address, ConcurrentQueue<string> log)
    {
        _process = process;
        Address = address;
        _log = log;
    }

    /// <summary>The lines that it has written so far.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public int Id => _process.Id;

    public string Address { get; }

    /// <summary>The most memory that the process has ever had in use.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public static async Task<ServiceProgram> StartAsync(string folder, params string[] arguments)
    {
        Process process = Start(["--urls=http://127.0.0.1:0", $"--Saga:DataDirectory={folder}", "--Saga:Worker:Enabled=false", .. arguments]);
        const string listening = "Now listening on: ";
        using var patience = new CancellationTokenSource(Patience);
        var log = new ConcurrentQueue<string>();
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            log.Enqueue(line);
            int at = line.IndexOf(listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                _ = KeepAsync(process.StandardOutput, log);
                _ = KeepAsync(process.StandardError, log);
                return new ServiceProgram(process, line[(at + listening.Length)..].Split('"')[0].Trim(), log);
            }
        }

        throw new InvalidOperationException("The service ended before it listened: " + await process.StandardError.ReadToEndAsync(patience.Token));
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        using var patience = new CancellationTokenSource(Patience);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        string errors = await process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, errors);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, as an operator stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        using (Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task KeepAsync(StreamReader reader, ConcurrentQueue<string> log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            log.Enqueue(line);
        }
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Saga.Api.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_URLS");
        return Process.Start(start)!;
    }
}
