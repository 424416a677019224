using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Saga.Persistence.Files.S3;

namespace Saga.Tests;

/// <summary>
/// An independent S3 server that checks every request's signature (npm's @20minutes/s3rver, installed by the first test that needs it under
/// tests/S3Server), for the tests of one class: a bucket in a folder, loopback, a free port.
/// </summary>
/// <remarks>
/// Use as a class fixture and start with <see cref="Require"/>, which skips without Node.js or the package. Where the variables
/// <c>SAGA_TEST_S3_Bucket</c>, <c>…_Endpoint</c> and so on name a bucket, as in Saga:Storage:S3, tests use that one; those that
/// stop the server or look into its files skip then.
/// </remarks>
public sealed class S3Server : IAsyncLifetime
{
    /// <summary>The key of the server's only account, and its secret.</summary>
    public const string Key = "S3RVER";

    /// <summary>The bucket.</summary>
    public const string Bucket = "saga-tests";

    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> Missing = new(Install);

    private static readonly S3StorageOptions? Elsewhere =
        S3StorageOptions.Read(name => Environment.GetEnvironmentVariable($"SAGA_TEST_S3_{name}"));

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"saga-s3-{Guid.NewGuid():N}");
    private readonly int _port = FreePort();
    private Process? _server;

    private static string Packages => Path.Combine(SharedData.RepositoryRoot, "tests", "S3Server");

    /// <summary>Where the server keeps the objects of the bucket.</summary>
    public string ObjectFolder => Path.Combine(_folder, Bucket);

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>The bucket with a new prefix; skips without a server.</summary>
    public S3StorageOptions Require()
    {
        if (Elsewhere is null && Missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        S3StorageOptions bucket = Elsewhere
            ?? new S3StorageOptions { Bucket = Bucket, Endpoint = Address, AccessKey = Key, SecretKey = Key };
        return bucket with { Prefix = $"test-{Guid.NewGuid():N}" };
    }

    /// <summary>The bucket of a server that lists unfinished puts, which the one for tests does not.</summary>
    public S3StorageOptions RequireOther()
    {
        if (Elsewhere is null)
        {
            Assert.Skip("The S3 server for tests does not list unfinished puts; SAGA_TEST_S3_Endpoint names one that does.");
        }

        return Require();
    }

    /// <summary>The bucket of a server that the test stops, or whose files it changes.</summary>
    public S3StorageOptions RequireOwn()
    {
        if (Elsewhere is not null)
        {
            Assert.Skip("The server of SAGA_TEST_S3_Endpoint is not this test's to break.");
        }

        return Require();
    }

    public ValueTask InitializeAsync() =>
        Elsewhere is null && Missing.Value is null ? new ValueTask(StartAsync()) : ValueTask.CompletedTask;

    /// <summary>Starts the server, again with the same objects.</summary>
    public async Task StartAsync()
    {
        // It enciphers where a list goes on with DES, which OpenSSL counts as legacy.
        string[] arguments = ["--openssl-legacy-provider", Path.Combine(Packages, "server.cjs"), $"{_port}", _folder, Bucket];
        _server = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = Packages,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = _server.StandardError.ReadToEndAsync();
        string? line = await _server.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        Assert.Equal("ready", line);
    }

    /// <summary>Ends the server at once; what it was doing is cut off.</summary>
    public async Task StopAsync()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
            _server = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, true);
        }
    }

    private static string? Install()
    {
        string server = Path.Combine(Packages, "node_modules", "@20minutes", "s3rver", "package.json");
        if (File.Exists(server))
        {
            return null;
        }

        // Several test processes may find it missing at once.
        using var once = new Mutex(false, "saga-tests-s3-server");
        once.WaitOne(InstallTime);
        try
        {
            if (File.Exists(server))
            {
                return null;
            }

            using Process npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            {
                WorkingDirectory = Packages,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = npm.StandardOutput.ReadToEndAsync();
            Task<string> errors = npm.StandardError.ReadToEndAsync();
            if (!npm.WaitForExit(InstallTime))
            {
                npm.Kill(entireProcessTree: true);
                return $"The S3 server for tests was not installed by npm within {InstallTime}.";
            }

            return File.Exists(server) ? null : $"The S3 server for tests could not be installed by npm: {output.Result} {errors.Result}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "Node.js is missing, which the S3 server for tests runs on.";
        }
        finally
        {
            once.ReleaseMutex();
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
