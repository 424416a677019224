using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Saga.Persistence.Files.S3;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

// Workers start processes, use every core and are held to seconds: one test at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Saga.Worker.Tests;

/// <summary>A database, workers on it, and patience.</summary>
public abstract class WorkerTests(string? folder = null) : IAsyncLifetime
{
    /// <summary>Generous: only a failing test waits this long, and build machines are busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly List<IHost> _hosts = [];
    private TestStorage? _storage;

    protected abstract string? Connection();

    /// <summary>Null for files in the folder.</summary>
    protected virtual S3StorageOptions? Bucket() => null;

    internal TestStorage Storage => _storage!;

    public async ValueTask InitializeAsync()
    {
        _storage = new TestStorage(Connection(), folder, Bucket());
        await _storage.Database.MigrateAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal async Task<IHost> StartWorkerAsync()
    {
        IHost host = WorkerProcess.Build(Storage.Options);
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }

    internal async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }

    internal async Task<JobRecord> EnqueueAsync(ScriptedJob.Script script)
    {
        SceneRecord scene = await Storage.AddSceneAsync();
        return (await Storage.Jobs.EnqueueAsync(scene.Id, ScriptedJob.Name, script.ToJson(), null, default)).Job!;
    }

    internal Task<JobRecord> WaitForAsync(Guid jobId, JobState state) => WaitForAsync(
        jobId, j => j.State == state || (!j.State.IsActive() ? throw new InvalidOperationException(
            $"The job is {j.State} ({j.FailureCode}: {j.FailureDetail}) instead of {state}.") : false));

    internal async Task<JobRecord> WaitForAsync(Guid jobId, Func<JobRecord, bool> condition, int every = 50)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string found;
            try
            {
                JobRecord job = await Storage.ReadJobAsync(jobId);
                if (condition(job))
                {
                    return job;
                }

                found = $"The job is {job.State}, attempt {job.Attempt}, {job.Stage} {job.Iteration}/{job.Iterations}";
            }
            catch (Exception error) when (error is Npgsql.NpgsqlException or InvalidOperationException { InnerException: Npgsql.NpgsqlException })
            {
                found = error.Message;
            }

            Assert.True(clock.Elapsed < Patience, $"{found} after {clock.Elapsed}.");
            await Task.Delay(every);
        }
    }

    internal static int FirstStep(JobRecord done) =>
        int.Parse(done.ReportJson!.Split(':')[1].TrimEnd('}'), CultureInfo.InvariantCulture);
}
