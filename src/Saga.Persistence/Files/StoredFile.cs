namespace Saga.Persistence.Files;

/// <summary>A file in the store: where, how long, and what it hashes to.</summary>
/// <param name="Key">Relative key with forward slashes, e.g. <c>scenes/{id}/gaussians-{assetId}.ply</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record StoredFile(string Key, long Length, string Sha256);
