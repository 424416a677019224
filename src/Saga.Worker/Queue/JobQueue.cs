using Microsoft.Data.Sqlite;
using Quartz;
using Saga.Persistence;
using Saga.Persistence.Jobs;

namespace Saga.Worker.Queue;

/// <summary>Quartz as the queue: it decides which worker wakes for a job, and how many jobs a worker runs at once.</summary>
/// <remarks>It only wakes. Whether the job is really to be run, and by whom, is decided by the claim in the jobs table.</remarks>
internal sealed class JobQueue(ISchedulerFactory schedulers, JobLoop loop, SagaStorageOptions storage)
{
    /// <summary>The queue's own SQLite file: its transactions and the records' would wait for each other.</summary>
    public const string FileName = "quartz.db";

    private const string JobIdKey = "jobId";
    private const int LongDueYears = 10;

    private IScheduler? _scheduler;

    /// <summary>Creates the queue's tables if needed and starts to run what is in them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!storage.IsPostgres)
        {
            await WriteAheadAsync(cancellationToken);
        }

        _scheduler = await schedulers.GetScheduler(cancellationToken);
        await _scheduler.Start(cancellationToken);
    }

    /// <summary>Sees to it that some worker wakes for a due job.</summary>
    /// <returns>False when one was already on its way.</returns>
    public async Task<bool> WakeAsync(DueJob job, CancellationToken cancellationToken)
    {
        // One entry per attempt: whatever a dead worker left in the queue belongs to an earlier attempt and blocks nothing.
        string name = $"{job.Id:N}.{job.Attempt}";
        var key = new TriggerKey(name);
        if (await _scheduler!.GetTriggerState(key, cancellationToken)
            is TriggerState.Normal or TriggerState.Blocked or TriggerState.Executing or TriggerState.Awaiting)
        {
            return false;
        }

        // First come, first served; and long due, so that a clock that is set back makes no job wait.
        IJobDetail detail = JobBuilder.Create<WakeJob>().WithIdentity(name).UsingJobData(JobIdKey, job.Id.ToString()).Build();
        ITrigger trigger = TriggerBuilder.Create().WithIdentity(key).StartAt(job.QueuedAt.AddYears(-LongDueYears)).Build();
        await _scheduler.ScheduleJob(detail, [trigger], new ScheduleJobOptions { Replace = true }, cancellationToken);
        return true;
    }

    /// <summary>Hands running jobs back and waits until they have.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        loop.Stop();
        if (_scheduler is not null)
        {
            await _scheduler.Shutdown(true, cancellationToken);
        }
    }

    private async Task WriteAheadAsync(CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(storage.SqliteConnectionString(FileName));
        await connection.OpenAsync(cancellationToken);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What Quartz runs.</summary>
    internal sealed class WakeJob(JobLoop loop) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
            await loop.RunAsync(Guid.Parse(context.MergedJobDataMap.GetString(JobIdKey)!));
    }
}
