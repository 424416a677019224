using Saga.Persistence.Scenes;

namespace Saga.Persistence.Uploads;

/// <summary>What a client said of its upload at the beginning; it never changes.</summary>
public sealed record UploadDescription
{
    /// <summary>Also the id of the asset that the upload becomes.</summary>
    public required Guid Id { get; init; }

    public required AssetKind Kind { get; init; }

    /// <summary>Cleaned, for its extension and for people; never part of a path.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes of the whole file.</summary>
    public required long Length { get; init; }

    /// <summary>The only scene that may get it; null: any.</summary>
    public Guid? SceneId { get; init; }

    /// <summary>The API key that began it; null where none was needed.</summary>
    public string? OwnerKeyId { get; init; }

    /// <summary>The metadata as the client wrote it, to be given back.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>How long the upload is kept after its last byte.</summary>
    public required TimeSpan Lifetime { get; init; }
}

/// <summary>How far an upload is.</summary>
/// <param name="Offset">Bytes that have arrived and are kept; the next one to send.</param>
/// <param name="ExpiresAt">From then on it may be removed at any moment.</param>
public sealed record UploadStatus(UploadDescription Description, long Offset, DateTimeOffset ExpiresAt)
{
    public bool IsComplete => Offset == Description.Length;

    public bool IsExpired => ExpiresAt <= DateTimeOffset.UtcNow;
}

/// <summary>Another request, perhaps to another process, is writing to the upload or making it an asset.</summary>
public sealed class UploadLockedException() : Exception("Another request is working on the upload.");

/// <summary>More bytes came than were announced; those of this request were dropped.</summary>
public sealed class UploadOverrunException() : Exception("More bytes came than the upload announced.");
