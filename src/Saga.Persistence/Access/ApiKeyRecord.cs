namespace Saga.Persistence.Access;

/// <summary>What a key may do; each includes what stands before it.</summary>
public enum ApiKeyScope
{
    /// <summary>Look, download, prompt: nothing that is stored changes.</summary>
    Read,

    /// <summary>Store, change and delete.</summary>
    Write,

    /// <summary>What concerns everybody who uses the service.</summary>
    Admin,
}

/// <summary>One key as the service knows it: everything but the key itself.</summary>
public sealed class ApiKeyRecord
{
    /// <summary>The public part of the key, by which it is found, listed and revoked.</summary>
    public string Id { get; set; } = "";

    /// <summary>For people: who or what uses it.</summary>
    public string Name { get; set; } = "";

    public ApiKeyScope Scope { get; set; }

    /// <summary>SHA-256 of the whole key.</summary>
    public byte[] Hash { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Coarse: written at most once in <see cref="ApiKeyStore.LastUsedStep"/>.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>From then on it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Set once, for good. The record stays, so that the service does not open when its last key is revoked.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Null: the service's own setting; 0: no limit. So for the others below.</summary>
    public int? RequestsPerMinute { get; set; }

    /// <summary>Bytes of all files that the key brought and that are still there.</summary>
    public long? MaxBytes { get; set; }

    /// <summary>Scenes that the key made and that are still there.</summary>
    public int? MaxScenes { get; set; }

    /// <summary>Jobs that the key asked for and that are not finished.</summary>
    public int? MaxJobs { get; set; }

    /// <summary>True while it opens the service.</summary>
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);
}
