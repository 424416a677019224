using System.Collections.Concurrent;
using System.Collections.Frozen;
using Saga.Api.Hosting;
using Saga.Persistence;
using Saga.Persistence.Access;

namespace Saga.Api.Access;

/// <summary>What became of a request's key.</summary>
internal enum KeyOutcome
{
    /// <summary>The service has no keys.</summary>
    NotNeeded,
    Missing,
    Unknown,
    Expired,
    Revoked,
    Granted,
}

/// <param name="Outcome">Whether the key opens the service.</param>
/// <param name="Key">Its record, where it does.</param>
internal readonly record struct KeyAnswer(KeyOutcome Outcome, ApiKeyRecord? Key = null);

/// <summary>All keys of the service, in memory, never older than 5 seconds when one is judged.</summary>
/// <remarks>
/// All at once, because there are few: a stranger's guesses then cost the database next to nothing. Keys are read again in the
/// background after 2 seconds of use, so no request waits; one that comes after a pause waits for the reading. An age counts from
/// before the reading began, so a key is refused at most 5 seconds after its revocation was written, on every machine.
/// </remarks>
internal sealed partial class KeyRing(
    ApiKeyStore store, SagaDatabase database, SagaOptions options, TimeProvider time, ILogger<KeyRing> logger)
{
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private const long NeverFailed = long.MinValue;

    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(2);

    /// <summary>A key that is not known may be new; strangers' guesses cost the database ten readings a second at most.</summary>
    private static readonly TimeSpan StrangersReadAgainAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a request waits for keys to be read, and how long the next one does not try after that failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Compared with where there is no such key, so that the answer takes as long as for one that there is.</summary>
    private static readonly byte[] NoHash = new byte[32];

    private readonly ConcurrentDictionary<string, long> _touched = new();
    private readonly Lock _reading = new();
    private volatile Ring? _ring;
    private Task? _read;
    private long _failedAt = NeverFailed;

    /// <summary>Judges the key that a request presents.</summary>
    /// <exception cref="RefusedException">503: the keys cannot be read.</exception>
    public async ValueTask<KeyAnswer> JudgeAsync(string? text, CancellationToken cancellationToken)
    {
        Ring ring = await CurrentAsync(cancellationToken);
        if (ring.Keys.Count == 0)
        {
            return new KeyAnswer(KeyOutcome.NotNeeded);
        }

        KeyAnswer answer = Judge(ring, text);
        if (answer.Outcome == KeyOutcome.Unknown && AgeOf(ring) > StrangersReadAgainAfter)
        {
            // Perhaps made just now.
            await TryReadAsync(cancellationToken);
            answer = Judge(_ring ?? ring, text);
        }

        return answer;
    }

    /// <summary>Whether a key, known to be right before, still opens the service; null: none was needed.</summary>
    public async ValueTask<bool> IsStillGoodAsync(string? id, CancellationToken cancellationToken)
    {
        Ring ring = await CurrentAsync(cancellationToken);
        return id is null ? ring.Keys.Count == 0 : ring.Keys.TryGetValue(id, out ApiKeyRecord? key) && key.IsActive(time.GetUtcNow());
    }

    private KeyAnswer Judge(Ring ring, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return new KeyAnswer(KeyOutcome.Missing);
        }

        ApiKeyRecord? key = ApiKeyText.TryReadId(text, out string? id) ? ring.Keys.GetValueOrDefault(id) : null;
        if (!ApiKeyText.Matches(text, key?.Hash ?? NoHash) || key is null)
        {
            return new KeyAnswer(KeyOutcome.Unknown);
        }

        // Only who holds the key learns what became of it.
        if (key.RevokedAt is not null)
        {
            return new KeyAnswer(KeyOutcome.Revoked);
        }

        if (!key.IsActive(time.GetUtcNow()))
        {
            return new KeyAnswer(KeyOutcome.Expired);
        }

        NoteUse(key);
        return new KeyAnswer(KeyOutcome.Granted, key);
    }

    private async ValueTask<Ring> CurrentAsync(CancellationToken cancellationToken)
    {
        Ring? known = _ring;
        if (known is not null && AgeOf(known) < ReadAgainAfter)
        {
            return known;
        }

        if (known is not null && AgeOf(known) < MaxAge)
        {
            _ = ReadOnceAsync();
            return known;
        }

        await TryReadAsync(cancellationToken);

        // Without keys only loopback is served, so old news of there being none opens nothing to strangers.
        Ring? ring = _ring;
        TimeSpan believed = MaxAge + TimeSpan.FromSeconds(options.Access.OutageGraceSeconds);
        return ring is not null && (ring.Keys.Count == 0 || AgeOf(ring) < believed)
            ? ring
            : throw RefusedException.Unavailable(
                ProblemCodes.DatabaseUnavailable,
                "The API keys cannot be read: the database does not answer. /health/ready says what fails.");
    }

    private async Task TryReadAsync(CancellationToken cancellationToken)
    {
        if (FailedJustNow)
        {
            return;
        }

        try
        {
            await ReadOnceAsync().WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
        }
    }

    /// <summary>One reading at a time, whoever asks for it.</summary>
    private Task ReadOnceAsync()
    {
        lock (_reading)
        {
            return _read is { IsCompleted: false } ? _read : _read = FailedJustNow ? Task.CompletedTask : Task.Run(ReadAsync);
        }
    }

    /// <summary>Never throws: what it could not read, the ring's age tells.</summary>
    private async Task ReadAsync()
    {
        long started = time.GetTimestamp();
        try
        {
            if (!database.Ready.IsCompletedSuccessfully)
            {
                return;
            }

            IReadOnlyList<ApiKeyRecord> keys = await store.ListAsync(CancellationToken.None);
            _ring = new Ring(keys.ToFrozenDictionary(key => key.Id), started);
            Volatile.Write(ref _failedAt, NeverFailed);
        }
        catch (Exception error)
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            LogUnread(logger, error.Message);
        }
    }

    /// <summary>In the background, seldom, and without harm where it fails.</summary>
    private void NoteUse(ApiKeyRecord key)
    {
        long now = time.GetTimestamp();
        bool isDue = key.LastUsedAt is not { } last || time.GetUtcNow() - last > ApiKeyStore.LastUsedStep;
        if (!isDue || (_touched.TryGetValue(key.Id, out long at) && time.GetElapsedTime(at, now) < ApiKeyStore.LastUsedStep))
        {
            return;
        }

        _touched[key.Id] = now;
        _ = Task.Run(async () =>
        {
            try
            {
                await store.TouchAsync(key.Id, CancellationToken.None);
            }
            catch (Exception error)
            {
                LogUnread(logger, error.Message);
            }
        });
    }

    private bool FailedJustNow =>
        Volatile.Read(ref _failedAt) is var at && at != NeverFailed && time.GetElapsedTime(at) < Patience;

    private TimeSpan AgeOf(Ring ring) => time.GetElapsedTime(ring.ReadAt);

    private sealed record Ring(FrozenDictionary<string, ApiKeyRecord> Keys, long ReadAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API keys cannot be read or their use noted, trying again: {Reason}")]
    private static partial void LogUnread(ILogger logger, string reason);
}
