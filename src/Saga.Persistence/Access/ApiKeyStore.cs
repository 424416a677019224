using Microsoft.EntityFrameworkCore;

namespace Saga.Persistence.Access;

/// <summary>The keys of the service: made, listed and revoked by whoever runs it, read by the service.</summary>
public sealed class ApiKeyStore(IDbContextFactory<SagaDbContext> contexts)
{
    /// <summary>How exactly the last use of a key is known.</summary>
    public static readonly TimeSpan LastUsedStep = TimeSpan.FromMinutes(5);

    /// <summary>Keeps a new key. Its text is returned here and nowhere else.</summary>
    /// <param name="key">Name, scope, expiry and limits; the rest is filled in.</param>
    public async Task<string> AddAsync(ApiKeyRecord key, CancellationToken cancellationToken)
    {
        string text = ApiKeyText.Create();
        key.Id = ApiKeyText.TryReadId(text, out string? id) ? id : throw new InvalidOperationException("A new key cannot be read.");
        key.Hash = ApiKeyText.Hash(text);
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        key.CreatedAt = await db.NowAsync(cancellationToken);
        db.ApiKeys.Add(key);
        await db.SaveChangesAsync(cancellationToken);
        return text;
    }

    /// <summary>All keys, also those that expired or were revoked, oldest first.</summary>
    public async Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.ApiKeys.AsNoTracking().OrderBy(key => key.CreatedAt).ThenBy(key => key.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Revokes a key for good; one that was revoked before keeps its time.</summary>
    /// <returns>False when there is no such key.</returns>
    public async Task<bool> RevokeAsync(string id, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        await db.ApiKeys.Where(key => key.Id == id && key.RevokedAt == null)
            .ExecuteUpdateAsync(key => key.SetProperty(x => x.RevokedAt, now), cancellationToken);
        return await db.ApiKeys.AnyAsync(key => key.Id == id, cancellationToken);
    }

    /// <summary>Notes that a key was used.</summary>
    public async Task TouchAsync(string id, CancellationToken cancellationToken)
    {
        await using SagaDbContext db = await contexts.CreateDbContextAsync(cancellationToken);
        DateTimeOffset now = await db.NowAsync(cancellationToken);
        await db.ApiKeys.Where(key => key.Id == id)
            .ExecuteUpdateAsync(key => key.SetProperty(x => x.LastUsedAt, now), cancellationToken);
    }
}
