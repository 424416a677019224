using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Persistence;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>
/// Looks scenes up for prompts and pictures. A trained scene is remembered, so that a prompt on it does not wait for the
/// database; while the database does not answer, the last thing known of a scene stands in for it.
/// </summary>
/// <remarks>
/// What is remembered counts until somebody announces a change: who changes a scene in this process calls
/// <see cref="Changed"/> or <see cref="Forget"/> before answering, other processes are heard through <see cref="SceneChanges"/>.
/// A scene that is not ready, such as one in training, is asked for each time: its model counts from the moment of its commit.
/// </remarks>
internal sealed partial class SceneCatalog(IDbContextFactory<SagaDbContext> contexts, TimeProvider time, ILogger<SceneCatalog> logger)
{
    /// <summary>How long a change may stay unseen whose announcement was lost, because the listener was cut off from the database.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    /// <summary>A prompt does not wait longer than this for a database that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Between two questions to a database that did not answer; prompts in between are answered from memory at once.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // Small records, one per scene that was ever prompted in this process.
    private readonly ConcurrentDictionary<Guid, Known> _known = [];
    private readonly Lock _lock = new();
    private long _changes;
    private long _removals;

    /// <exception cref="RefusedException">404 <c>scene-not-found</c>.</exception>
    public ValueTask<SceneSnapshot> FindAsync(Guid sceneId, CancellationToken cancellationToken) =>
        _known.TryGetValue(sceneId, out Known? known) && time.GetTimestamp() < known.FreshUntil
            ? ValueTask.FromResult(known.Scene)
            : new ValueTask<SceneSnapshot>(AskAsync(sceneId, cancellationToken));

    /// <summary>The scene changed and the change is committed: the next look asks the database.</summary>
    public void Changed(Guid sceneId)
    {
        lock (_lock)
        {
            // What is being read at this moment may be older than the change, and is not remembered.
            _changes++;
            if (_known.TryGetValue(sceneId, out Known? known))
            {
                _known[sceneId] = known with { FreshUntil = long.MinValue };
            }
        }
    }

    /// <summary>The scene was deleted: not even a database that does not answer brings it back.</summary>
    public void Forget(Guid sceneId)
    {
        lock (_lock)
        {
            _changes++;
            _removals++;
            _known.TryRemove(sceneId, out _);
        }
    }

    private async Task<SceneSnapshot> AskAsync(Guid sceneId, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        (long Changes, long Removals) before = Counts();
        try
        {
            await using SagaDbContext db = await contexts.CreateDbContextAsync(patience.Token);
            SceneRecord? scene = await db.Scenes.AsNoTracking().Include(s => s.Assets)
                .SingleOrDefaultAsync(s => s.Id == sceneId, patience.Token);
            if (scene is null)
            {
                Forget(sceneId);
                throw SceneLookup.NotFound(sceneId);
            }

            var snapshot = SceneSnapshot.From(scene);
            Remember(snapshot, scene.State == SceneState.Ready ? MaxAge : TimeSpan.Zero, before);
            return snapshot;
        }
        catch (Exception error) when (
            !cancellationToken.IsCancellationRequested
            && (patience.IsCancellationRequested || DatabaseErrors.IsDown(error)))
        {
            if (!_known.TryGetValue(sceneId, out Known? known))
            {
                throw RefusedException.Unavailable(
                    ProblemCodes.DatabaseUnavailable, "The database does not answer and this scene is not in memory. Try again shortly.");
            }

            Remember(known.Scene, RetryDelay, before);
            LogStandIn(logger, sceneId, error.Message);
            return known.Scene;
        }
    }

    /// <param name="scene">As it was read.</param>
    /// <param name="fresh">How long it counts unasked.</param>
    /// <param name="before">
    /// The counts before reading. At another count of changes now, what was read may be out of date: it only stands in while the database
    /// does not answer, or a scene that was just prompted would be unknown then.
    /// </param>
    private void Remember(SceneSnapshot scene, TimeSpan fresh, (long Changes, long Removals) before)
    {
        lock (_lock)
        {
            if (before.Changes == _changes)
            {
                _known[scene.Id] = new Known(scene, time.GetTimestamp() + (long)(fresh.TotalSeconds * time.TimestampFrequency));
            }
            else if (before.Removals == _removals)
            {
                _known.TryAdd(scene.Id, new Known(scene, long.MinValue));
            }
        }
    }

    private (long Changes, long Removals) Counts()
    {
        lock (_lock)
        {
            return (_changes, _removals);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scene {SceneId} is answered from memory, the database does not answer: {Reason}")]
    private static partial void LogStandIn(ILogger logger, Guid sceneId, string reason);

    /// <param name="FreshUntil">Timestamp up to which it counts unasked; afterwards it is a stand-in.</param>
    private sealed record Known(SceneSnapshot Scene, long FreshUntil);
}

/// <summary>Finding a scene's row, or the 404 that says so.</summary>
internal static class SceneLookup
{
    /// <exception cref="RefusedException">404 <c>scene-not-found</c>.</exception>
    public static async Task<SceneRecord> RequireSceneAsync(this SagaDbContext db, Guid sceneId, CancellationToken cancellationToken) =>
        await db.Scenes.Include(scene => scene.Assets).SingleOrDefaultAsync(scene => scene.Id == sceneId, cancellationToken)
        ?? throw NotFound(sceneId);

    public static RefusedException NotFound(Guid sceneId) =>
        RefusedException.NotFound(ProblemCodes.SceneNotFound, $"There is no scene {sceneId}; GET /api/v1/scenes lists them.");
}
