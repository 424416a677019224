using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Persistence;
using Saga.Persistence.Scenes;

namespace Saga.Api.Scenes;

/// <summary>
/// Looks scenes up for prompts and pictures. The database is asked each time, so that a new model counts at once; while it does
/// not answer, the last thing known of a scene stands in for it.
/// </summary>
internal sealed partial class SceneCatalog(IDbContextFactory<SagaDbContext> contexts, ILogger<SceneCatalog> logger)
{
    /// <summary>A prompt does not wait longer than this for a database that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // Small records, one per scene that was ever prompted in this process.
    private readonly ConcurrentDictionary<Guid, SceneSnapshot> _known = [];

    /// <exception cref="RefusedException">404 <c>scene-not-found</c>.</exception>
    public async Task<SceneSnapshot> FindAsync(Guid sceneId, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using SagaDbContext db = await contexts.CreateDbContextAsync(patience.Token);
            SceneRecord? scene = await db.Scenes.AsNoTracking().Include(s => s.Assets)
                .SingleOrDefaultAsync(s => s.Id == sceneId, patience.Token);
            if (scene is null)
            {
                _known.TryRemove(sceneId, out _);
                throw SceneLookup.NotFound(sceneId);
            }

            return _known[sceneId] = SceneSnapshot.From(scene);
        }
        catch (Exception error) when (
            !cancellationToken.IsCancellationRequested
            && (patience.IsCancellationRequested || DatabaseErrors.IsDown(error)))
        {
            if (!_known.TryGetValue(sceneId, out SceneSnapshot? known))
            {
                throw RefusedException.Unavailable(
                    ProblemCodes.DatabaseUnavailable, "The database does not answer and this scene is not in memory. Try again shortly.");
            }

            LogStandIn(logger, sceneId, error.Message);
            return known;
        }
    }

    public void Forget(Guid sceneId) => _known.TryRemove(sceneId, out _);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Scene {SceneId} is answered from memory, the database does not answer: {Reason}")]
    private static partial void LogStandIn(ILogger logger, Guid sceneId, string reason);
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
