namespace Saga.Persistence.Files;

/// <summary>A file in the store: where, how long, and what it hashes to.</summary>
/// <param name="Key">Relative key with forward slashes, e.g. <c>scenes/{id}/gaussians-{assetId}.ply</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record StoredFile(string Key, long Length, string Sha256);

/// <summary>More bytes came than the store was told to take. Nothing was kept.</summary>
/// <param name="maxBytes">The limit that was passed.</param>
public sealed class FileTooLargeException(long maxBytes)
    : Exception($"The file is larger than {maxBytes} bytes, the most that is accepted.")
{
    /// <summary>The limit.</summary>
    public long MaxBytes { get; } = maxBytes;
}
