namespace Saga.Persistence.Files;

/// <summary>More bytes came than the store was told to take. Nothing was kept.</summary>
/// <param name="maxBytes">The limit that was passed.</param>
public sealed class FileTooLargeException(long maxBytes)
    : Exception($"The file is larger than {maxBytes} bytes, the most that is accepted.")
{
    /// <summary>The limit.</summary>
    public long MaxBytes { get; } = maxBytes;
}

/// <summary>The object store cannot be reached, or refuses what this service asks. Somebody will mend it; until then, wait.</summary>
/// <param name="message">What it did, for whoever runs the service; no secrets.</param>
/// <param name="inner">What the client library says.</param>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The object store has other bytes under a key than were committed. Waiting does not help.</summary>
/// <param name="key">The key.</param>
/// <param name="expected">SHA-256 of what was committed, lower-case hex; null where the object does not say.</param>
/// <param name="found">SHA-256 of what is there.</param>
public sealed class DamagedFileException(string key, string? expected, string found)
    : IOException($"«{key}» is damaged in the object store: its SHA-256 is {found} instead of {expected ?? "what its ETag says"}.");
