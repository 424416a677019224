using System.Security.Cryptography;

namespace Saga.Persistence.Uploads;

/// <summary>What the bytes of one request must hash to.</summary>
/// <param name="Algorithm">SHA-1 or SHA-256. It guards against damage on the way, not against an attacker.</param>
/// <param name="Expected">The hash.</param>
public sealed record UploadChecksum(HashAlgorithmName Algorithm, ReadOnlyMemory<byte> Expected);
