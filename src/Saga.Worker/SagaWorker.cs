using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quartz;
using Saga.Persistence;
using Saga.Worker.Compute;
using Saga.Worker.Jobs;
using Saga.Worker.Masks;
using Saga.Worker.Observability;
using Saga.Worker.Queue;

namespace Saga.Worker;

/// <summary>Composes the worker of a host that has called <see cref="SagaPersistence.AddSagaPersistence"/>.</summary>
public static class SagaWorker
{
    /// <summary>
    /// Adds the worker; it begins when <see cref="SagaDatabase.Ready"/> completes. Disabled, it only adds what jobs may ask for, and tidies
    /// this process's staging folder.
    /// </summary>
    /// <param name="storage">The same as the persistence's: the queue lives beside the records.</param>
    public static IServiceCollection AddSagaWorker(
        this IServiceCollection services, SagaWorkerOptions options, SagaStorageOptions storage)
    {
        // Asked also where jobs are only queued: what no worker can do is refused at once.
        services.TryAddSingleton(MaskGenerators.Installed(options));
        services.AddHostedService<StagingSweeper>();
        if (!options.Enabled)
        {
            return services;
        }

        KeepThreadsForHeartbeats();
        services.AddMetrics();
        services.AddSagaCompute(new ComputeOptions());
        services.AddSingleton(options);
        services.AddSingleton<JobMetrics>();
        services.AddSingleton(new PulseWatch(options, TimeProvider.System));
        services.AddSingleton<JobLoop>();
        services.AddSingleton<IJobKind, TrainAffinityJob>();
        services.AddSingleton<IJobKind, BuildVocabularyJob>();
        services.AddSingleton<JobQueue>();
        services.AddQuartz(quartz => AddQueue(quartz, options, storage));
        services.AddHostedService<Reconciler>();
        services.AddHostedService<StoreSweeper>();
        return services;
    }

    private static void AddQueue(IQuartzBuilder quartz, SagaWorkerOptions options, SagaStorageOptions storage)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = "saga";
            scheduler.GenerateInstanceId = storage.IsPostgres;
            scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);

            // A job that waited long because all workers were busy is late, not lost.
            scheduler.DefaultMisfireHandling = DefaultMisfireHandling.IgnoreMisfires;
        });
        quartz.UseDefaultThreadPool(options.ConcurrentJobs);
        quartz.UsePersistentStore(store =>
        {
            store.ProvisionSchema();
            store.ConfigureStore(ado =>
            {
                ado.DbRetryInterval = TimeSpan.FromSeconds(2);
                ado.MisfireThreshold = TimeSpan.FromSeconds(2);
                ado.StoreJobDataAsStrings = true;
            });
            if (storage.IsPostgres)
            {
                store.UsePostgres(NpgsqlFactory.Instance, storage.Database!);
                store.UseClustering(cluster =>
                {
                    cluster.CheckinInterval = TimeSpan.FromSeconds(2);
                    cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(2);
                });
            }
            else
            {
                store.UseSqlite(SqliteFactory.Instance, storage.SqliteConnectionString(JobQueue.FileName));
            }
        });
    }

    /// <summary>Training occupies a pool thread per core for minutes; heartbeats and requests need some more at once.</summary>
    private static void KeepThreadsForHeartbeats()
    {
        const int spare = 8;
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + spare), completions);
    }
}
