using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Saga.Persistence;
using Saga.Persistence.Files.S3;
using Saga.Worker;
using Saga.Worker.Tests.Masks;

namespace Saga.Tests;

/// <summary>Workers for tests: hosts inside this process, and processes of their own that can be killed.</summary>
internal static class WorkerProcess
{
    public const string Switch = "--as-worker";

    private const string BucketVariables = "SAGA_TEST_WORKER_S3_";

    /// <summary>Short intervals, so that tests see the loss of a worker within seconds.</summary>
    public static SagaWorkerOptions Hasty { get; } = new()
    {
        HeartbeatEvery = TimeSpan.FromMilliseconds(300),
        LostAfter = TimeSpan.FromSeconds(3),
        ReconcileEvery = TimeSpan.FromSeconds(1),
        CheckpointEvery = TimeSpan.FromMilliseconds(300),
    };

    /// <summary>Where a test puts models for its workers.</summary>
    public static string ModelsOf(SagaStorageOptions storage) => Path.Combine(storage.DataDirectory, "models");

    public static IHost Build(SagaStorageOptions storage, SagaWorkerOptions? options = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(new TestLog());
        builder.Services.AddSagaPersistence(storage);
        builder.Services.AddSingleton(BandGenerator.ForTests);
        builder.Services.AddSagaWorker((options ?? Hasty) with { ModelsDirectory = ModelsOf(storage) }, storage);
        builder.Services.AddSingleton<IJobKind, ScriptedJob>();
        builder.Services.AddHostedService<DatabaseStartup>();
        return builder.Build();
    }

    /// <summary>This test program again, as a worker.</summary>
    public static Process Start(SagaStorageOptions storage, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        }

        start.ArgumentList.Add(Switch);
        start.ArgumentList.Add(storage.DataDirectory);
        start.ArgumentList.Add(storage.Database ?? "");
        if (storage.S3 is { } bucket)
        {
            start.Environment[BucketVariables + nameof(bucket.Bucket)] = bucket.Bucket;
            start.Environment[BucketVariables + nameof(bucket.Endpoint)] = bucket.Endpoint!.OriginalString;
            start.Environment[BucketVariables + nameof(bucket.Prefix)] = bucket.Prefix;
            start.Environment[BucketVariables + nameof(bucket.AccessKey)] = bucket.AccessKey;
            start.Environment[BucketVariables + nameof(bucket.SecretKey)] = bucket.SecretKey;
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs as a worker until its input ends: with the test process, however that ends.</summary>
    public static async Task<int> RunAsync(string folder, string database)
    {
        // Short stages are to be seen from outside.
        SagaWorkerOptions options = Hasty with { ProgressEvery = TimeSpan.FromMilliseconds(30) };
        var storage = new SagaStorageOptions
        {
            DataDirectory = folder,
            Database = database,
            S3 = S3StorageOptions.Read(name => Environment.GetEnvironmentVariable(BucketVariables + name)),
        };
        using IHost host = Build(storage, options);
        await host.StartAsync();
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    private sealed class TestLog : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            TestContext.Current.TestOutputHelper?.WriteLine($"{DateTime.UtcNow:ss.fff} {logLevel} {formatter(state, exception)} {exception?.Message}");

        public void Dispose()
        {
        }
    }
}
