using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Jobs;

namespace Saga.Persistence.Access;

/// <summary>Who stores something, and how much of it they may have; null limits: any amount.</summary>
/// <param name="KeyId">The key, or null where the service has none.</param>
public sealed record Owner(string? KeyId, long? MaxBytes = null, int? MaxScenes = null, int? MaxJobs = null)
{
    /// <summary>Nobody in particular, without limits.</summary>
    public static readonly Owner Nobody = new(KeyId: null);

    public bool HasLimits => KeyId is not null && (MaxBytes ?? MaxScenes ?? MaxJobs) is not null;
}

/// <summary>A key would have more than it may. Thrown inside the transaction that would have stored it, which is rolled back.</summary>
public sealed class QuotaExceededException(QuotaKind kind, long found, long allowed) : Exception($"{found} {kind} of {allowed} allowed.")
{
    public QuotaKind Kind { get; } = kind;

    /// <summary>What the key would have.</summary>
    public long Found { get; } = found;

    public long Allowed { get; } = allowed;
}

/// <summary>What is counted.</summary>
public enum QuotaKind
{
    Bytes,
    Scenes,
    Jobs,
}

/// <summary>Counts what a key has, and holds it to its limits.</summary>
public static class KeyUsage
{
    /// <summary>
    /// Makes this transaction the only one that adds to what the key has, until it ends: so several requests at once do not each find
    /// the last free place. Comes before every other row, so nobody waits in turn.
    /// </summary>
    public static Task LockAsync(this SagaDbContext db, Owner owner, CancellationToken cancellationToken) => !owner.HasLimits
        ? Task.CompletedTask
        : db.ApiKeys.Where(key => key.Id == owner.KeyId)
            .ExecuteUpdateAsync(key => key.SetProperty(x => x.Name, x => x.Name), cancellationToken);

    /// <summary>Checks, after the rows are written and before they are committed, that the key has no more than it may.</summary>
    /// <exception cref="QuotaExceededException">It has.</exception>
    public static async Task CheckAsync(
        this SagaDbContext db, Owner owner, IReadOnlyList<QuotaKind> kinds, CancellationToken cancellationToken)
    {
        foreach (QuotaKind kind in kinds)
        {
            if (owner.KeyId is not null && LimitOf(owner, kind) is { } allowed
                && await db.CountAsync(owner.KeyId, kind, cancellationToken) is var found && found > allowed)
            {
                throw new QuotaExceededException(kind, found, allowed);
            }
        }
    }

    /// <summary>What the key has now.</summary>
    public static async Task<long> CountAsync(this SagaDbContext db, string keyId, QuotaKind kind, CancellationToken cancellationToken) =>
        kind switch
        {
            QuotaKind.Bytes => await db.Assets.Where(asset => asset.OwnerKeyId == keyId).SumAsync(asset => asset.Length, cancellationToken),
            QuotaKind.Scenes => await db.Scenes.CountAsync(scene => scene.OwnerKeyId == keyId, cancellationToken),
            QuotaKind.Jobs => await db.Jobs.CountAsync(
                job => job.OwnerKeyId == keyId && (job.State == JobState.Queued || job.State == JobState.Running), cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    private static long? LimitOf(Owner owner, QuotaKind kind) => kind switch
    {
        QuotaKind.Bytes => owner.MaxBytes,
        QuotaKind.Scenes => owner.MaxScenes,
        _ => owner.MaxJobs,
    };
}
