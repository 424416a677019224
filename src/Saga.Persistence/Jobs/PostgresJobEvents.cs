using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Saga.Persistence.Jobs;

/// <summary>
/// Job events across processes: a row in <c>job_events</c> and a notification, sent by the transaction that made the change.
/// </summary>
/// <remarks>
/// The notification is the fast path; the rows are what a listener reads after it lost its connection. A dead connection is
/// noticed by a query every three seconds, not by TCP.
/// </remarks>
public sealed class PostgresJobEvents(string connectionString, ILogger<PostgresJobEvents> logger) : JobEvents, IAsyncDisposable
{
    private const string Channel = "saga_job_events";

    /// <summary>How long a listener may be cut off and still miss nothing.</summary>
    private const string Retention = "1 hour";

    /// <summary>
    /// Transactions commit in another order than they draw ids, so catching up starts this many ids early; an event that is
    /// delivered twice is harmless, one that is skipped is not.
    /// </summary>
    private const int Overlap = 256;

    private static readonly TimeSpan ProbeAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _startLock = new();
    private Task? _listening;
    private long? _lastId;

    public override JobEventSubscription Subscribe()
    {
        JobEventSubscription subscription = base.Subscribe();
        lock (_startLock)
        {
            _listening ??= Task.Run(() => ListenForeverAsync(_stopping.Token));
        }

        return subscription;
    }

    public override async Task PublishAsync(Guid? jobId, Guid sceneId, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            await using NpgsqlCommand command = connection.CreateCommand();
            command.CommandText = Append("@job", "@scene");
            command.Parameters.AddWithValue("job", NpgsqlTypes.NpgsqlDbType.Uuid, (object?)jobId ?? DBNull.Value);
            command.Parameters.AddWithValue("scene", sceneId);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (NpgsqlException error)
        {
            logger.LogWarning(error, "A change of scene {SceneId} could not be announced.", sceneId);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_listening is not null)
        {
            await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stopping.Dispose();
    }

    internal override Task RecordAsync(SagaDbContext db, JobEvent change, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlRawAsync(
            Append("{0}", "{1}"),
            [
                new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid, Value = (object?)change.JobId ?? DBNull.Value },
                new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid, Value = change.SceneId },
            ],
            cancellationToken);

    private static string Append(string job, string scene) =>
        $"WITH appended AS (INSERT INTO job_events (job_id, scene_id) VALUES ({job}, {scene}) RETURNING id, job_id, scene_id) "
        + $"SELECT pg_notify('{Channel}', id || ' ' || coalesce(job_id::text, '-') || ' ' || scene_id) FROM appended";

    private async Task ListenForeverAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(cancellationToken);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                logger.LogWarning("Job events are cut off ({Reason}); trying again.", error.Message);
                await Task.Delay(ReconnectAfter, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // The host stops; the loop's condition ends it.
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        connection.Notification += (_, notification) => Receive(notification.Payload);
        await ExecuteAsync(connection, $"LISTEN {Channel}", cancellationToken);
        await CatchUpAsync(connection, cancellationToken);
        long pruned = Environment.TickCount64;
        while (true)
        {
            if (!await connection.WaitAsync(ProbeAfter, cancellationToken))
            {
                await ExecuteAsync(connection, "SELECT 1", cancellationToken);
            }

            if (Environment.TickCount64 - pruned > PruneEvery.TotalMilliseconds)
            {
                pruned = Environment.TickCount64;
                await ExecuteAsync(
                    connection, $"DELETE FROM job_events WHERE at < clock_timestamp() - interval '{Retention}'", cancellationToken);
            }
        }
    }

    /// <summary>Reads what was appended while nobody listened; a fresh listener reads the last seconds.</summary>
    private async Task CatchUpAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = _lastId is long last
            ? string.Create(CultureInfo.InvariantCulture, $"SELECT id, job_id, scene_id FROM job_events WHERE id > {last - Overlap} ORDER BY id")
            : "SELECT id, job_id, scene_id FROM job_events WHERE at > clock_timestamp() - interval '10 seconds' ORDER BY id";
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            _lastId = Math.Max(_lastId ?? 0, rows.GetInt64(0));
            Deliver(new JobEvent(rows.IsDBNull(1) ? null : rows.GetGuid(1), rows.GetGuid(2)));
        }

        // From here on a gap is filled from the start of the table if need be.
        _lastId ??= 0;
    }

    private void Receive(string payload)
    {
        string[] parts = payload.Split(' ');
        if (parts.Length == 3
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            && Guid.TryParse(parts[2], out Guid sceneId))
        {
            _lastId = Math.Max(_lastId ?? 0, id);
            Deliver(new JobEvent(Guid.TryParse(parts[1], out Guid jobId) ? jobId : null, sceneId));
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = (int)ProbeAfter.TotalSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
