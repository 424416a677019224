using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Saga.Persistence.Access;
using Saga.Persistence.Backups;
using Saga.Persistence.Files;
using Saga.Persistence.Files.S3;
using Saga.Persistence.Jobs;
using Saga.Persistence.Selections;
using Saga.Persistence.Uploads;

namespace Saga.Persistence;

/// <summary>Composes the persistence of a host.</summary>
public static class SagaPersistence
{
    internal const string StoreFolder = "store";
    internal const string SqliteFile = "saga.db";

    /// <summary>
    /// Adds <see cref="SagaDbContext"/> (scoped), <c>IDbContextFactory&lt;SagaDbContext&gt;</c>, <see cref="SagaDatabase"/>,
    /// <see cref="FileStore"/>, <see cref="FileSweep"/>, <see cref="DataBackup"/>, <see cref="UploadStore"/>, <see cref="ApiKeyStore"/>, <see cref="JobStore"/>,
    /// <see cref="SelectionStore"/> and
    /// <see cref="JobEvents"/> (singletons).
    /// Call <see cref="SagaDatabase.MigrateAsync"/> before the first query.
    /// </summary>
    public static IServiceCollection AddSagaPersistence(this IServiceCollection services, SagaStorageOptions options)
    {
        Directory.CreateDirectory(options.DataDirectory);
        services.AddSingleton(options);
        if (options.IsPostgres)
        {
            services.AddDbContextFactory<PostgresSagaDbContext>(db => Quieter(db.UseNpgsql(options.Database)));
            services.AddSingleton<IDbContextFactory<SagaDbContext>, ContextFactory<PostgresSagaDbContext>>();
            services.AddSingleton<JobEvents>(provider => new PostgresJobEvents(
                options.Database!, provider.GetRequiredService<ILogger<PostgresJobEvents>>()));
        }
        else
        {
            services.AddDbContextFactory<SqliteSagaDbContext>(db => Quieter(db.UseSqlite(options.SqliteConnectionString(SqliteFile))));
            services.AddSingleton<IDbContextFactory<SagaDbContext>, ContextFactory<SqliteSagaDbContext>>();
            services.AddSingleton<JobEvents, InProcessJobEvents>();
        }

        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<SagaDbContext>>().CreateDbContext());
        services.AddSingleton(_ => Open(options));
        services.AddSingleton<SagaDatabase>();
        services.AddSingleton<FileSweep>();
        services.AddSingleton<DataBackup>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<SelectionStore>();
        return services;
    }

    private static FileStore Open(SagaStorageOptions options)
    {
        string data = Path.GetFullPath(options.DataDirectory);
        string root = Path.Combine(data, StoreFolder);
        return options.S3 is { } bucket ? new FileStore(root, new S3Files(bucket, data)) : new FileStore(root);
    }

    /// <summary>
    /// Every heartbeat is a statement; that is no information. Whether the migrations fit the model a test asks, once, instead of
    /// every start.
    /// </summary>
    private static DbContextOptionsBuilder Quieter(DbContextOptionsBuilder db) =>
        db.ConfigureWarnings(w => w.Log((RelationalEventId.CommandExecuted, LogLevel.Debug)).Ignore(RelationalEventId.PendingModelChangesWarning));

    private sealed class ContextFactory<T>(IDbContextFactory<T> contexts) : IDbContextFactory<SagaDbContext>
        where T : SagaDbContext
    {
        public SagaDbContext CreateDbContext() => contexts.CreateDbContext();

        public async Task<SagaDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) =>
            await contexts.CreateDbContextAsync(cancellationToken);
    }
}
