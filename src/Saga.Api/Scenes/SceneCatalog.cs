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
            _known.TryRemove(sceneId, out _);
        }
    }

    private async Task<SceneSnapshot> AskAsync(Guid sceneId, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        long changes = Volatile.Read(ref _changes);
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
            Remember(snapshot, scene.State == SceneState.Ready ? MaxAge : TimeSpan.Zero, changes);
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

            Remember(known.Scene, RetryDelay, changes);
            LogStandIn(logger, sceneId, error.Message);
            return known.Scene;
        }
    }

    /// <param name="scene">As it was read.</param>
    /// <param name="fresh">How long it counts unasked.</param>
    /// <param name="changes">The count of changes before reading; at another count now, what was read may be out of date.</param>
    private void Remember(SceneSnapshot scene, TimeSpan fresh, long changes)
    {
        lock (_lock)
        {
            if (changes == _changes)
            {
                _known[scene.Id] = new Known(scene, time.GetTimestamp() + (long)(fresh.TotalSeconds * time.TimestampFrequency));
            }
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
