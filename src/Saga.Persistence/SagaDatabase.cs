using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Saga.Persistence;

/// <summary>Brings the database up to the model, and tells who waits for it.</summary>
public sealed class SagaDatabase(IDbContextFactory<SagaDbContext> contexts, SagaStorageOptions options)
{
    /// <summary>Any number, the same in every process of the service.</summary>
    private const long MigrationLock = 0x5A6A_0001;

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when <see cref="MigrateAsync"/> has succeeded in this process.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Creates or upgrades the database. Safe to call from several processes at once: one works, the others wait.</summary>
    /// <exception cref="NpgsqlException">The server cannot be reached; call again later.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (options.IsPostgres)
        {
            await MigratePostgresAsync(cancellationToken);
        }
        else
        {
            await MigrateSqliteAsync(cancellationToken);
        }

        _ready.TrySetResult();
    }

    /// <summary>Throws when the database does not answer a query.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Scenes.AnyAsync(cancellationToken);
    }

    private async Task MigratePostgresAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        await CreateIfMissingAsync(db, cancellationToken);

        // A session lock: it ends with this connection, so a process that is killed here blocks nobody.
        await using var guard = new NpgsqlConnection(options.Database);
        await guard.OpenAsync(cancellationToken);
        await using (NpgsqlCommand take = guard.CreateCommand())
        {
            take.CommandText = $"SELECT pg_advisory_lock({MigrationLock})";
            take.CommandTimeout = 0;
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        await db.Database.MigrateAsync(cancellationToken);
        await using NpgsqlCommand release = guard.CreateCommand();
        release.CommandText = $"SELECT pg_advisory_unlock({MigrationLock})";
        await release.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CreateIfMissingAsync(SagaDbContext db, CancellationToken cancellationToken)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException error)
            when (error.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process created it between the two calls.
        }
    }

    private async Task MigrateSqliteAsync(CancellationToken cancellationToken)
    {
        await using FileStream guard = await OpenExclusiveAsync(
            Path.Combine(options.DataDirectory, "saga.db.migrating"), cancellationToken);
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);

        // EF Core guards SQLite migrations by a row that a killed process leaves behind, and then waits for it for ever.
        // The file above is released by the kernel, so whoever holds it may clear that row.
        await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
        await db.Database.MigrateAsync(cancellationToken);
    }

    private static async Task<FileStream> OpenExclusiveAsync(string path, CancellationToken cancellationToken)
    {
        for (; ; )
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (error is not DirectoryNotFoundException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }
}
