using Microsoft.EntityFrameworkCore;
using Saga.Api.Hosting;
using Saga.Persistence;
using Saga.Persistence.Access;
using Saga.Persistence.Uploads;

namespace Saga.Api.Access;

/// <summary>Refuses what a key may no longer store, before its bytes travel; the transaction that stores it looks again, exactly.</summary>
internal sealed class KeyQuotas(IDbContextFactory<SagaDbContext> contexts, UploadStore uploads)
{
    /// <summary>Bytes that the key may still bring, unfinished resumable uploads counted in full.</summary>
    public async Task<long> RoomAsync(Owner owner, CancellationToken cancellationToken)
    {
        if (owner.KeyId is null || owner.MaxBytes is not { } allowed)
        {
            return long.MaxValue;
        }

        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        return allowed - await db.CountAsync(owner.KeyId, QuotaKind.Bytes, cancellationToken) - uploads.BytesOf(owner.KeyId);
    }

    /// <exception cref="RefusedException">403 <c>quota-bytes</c>.</exception>
    public async Task RequireRoomAsync(Owner owner, long bytes, CancellationToken cancellationToken)
    {
        long room = await RoomAsync(owner, cancellationToken);
        if (bytes > room)
        {
            throw TooManyBytes(owner, room);
        }
    }

    /// <exception cref="RefusedException">403 <c>quota-scenes</c>.</exception>
    public async Task RequireSceneAsync(Owner owner, CancellationToken cancellationToken)
    {
        if (owner.KeyId is null || owner.MaxScenes is not { } allowed)
        {
            return;
        }

        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        long found = await db.CountAsync(owner.KeyId, QuotaKind.Scenes, cancellationToken);
        if (found >= allowed)
        {
            throw Refusal(new QuotaExceededException(QuotaKind.Scenes, found + 1, allowed));
        }
    }

    public static RefusedException TooManyBytes(Owner owner, long room) => new(
        StatusCodes.Status403Forbidden,
        ProblemCodes.QuotaBytes,
        $"Of the {owner.MaxBytes} bytes that this key may store, {Math.Max(0, room)} are left, and more are to come. Delete scenes or "
        + "unfinished uploads of this key that are no longer needed, or ask for a key with more.");

    /// <summary>What was found, what is allowed, the way out.</summary>
    public static RefusedException Refusal(QuotaExceededException exceeded) => exceeded.Kind switch
    {
        QuotaKind.Bytes => new RefusedException(
            StatusCodes.Status403Forbidden,
            ProblemCodes.QuotaBytes,
            $"This key's files would take {exceeded.Found} bytes and may take {exceeded.Allowed}. Delete scenes that are no longer "
            + "needed, or ask for a key with more."),
        QuotaKind.Scenes => new RefusedException(
            StatusCodes.Status403Forbidden,
            ProblemCodes.QuotaScenes,
            $"This key would have {exceeded.Found} scenes and may have {exceeded.Allowed}. Delete one that is no longer needed, or ask "
            + "for a key with more."),
        _ => new RefusedException(
            StatusCodes.Status429TooManyRequests,
            ProblemCodes.QuotaJobs,
            $"This key would have {exceeded.Found} jobs queued or running and may have {exceeded.Allowed}. Wait for one to end, or "
            + "cancel one."),
    };
}
