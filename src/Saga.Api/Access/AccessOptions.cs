using Saga.Api.Hosting;

namespace Saga.Api.Access;

/// <summary>Who may use the service and how much of it, <c>Saga:Access</c>. A key's own limits, where it has some, count instead.</summary>
internal sealed record AccessOptions
{
    /// <summary>
    /// Requests of one key, as many at once and then evenly spread; 0: any number. A hand at the page stays far below. Without keys
    /// nothing is counted.
    /// </summary>
    public int RequestsPerMinute { get; init; } = 6000;

    /// <summary>Bytes of the files that one key may have here; 0: any number.</summary>
    public long MaxBytesPerKey { get; init; }

    /// <summary>Scenes that one key may have here; 0: any number.</summary>
    public int MaxScenesPerKey { get; init; }

    /// <summary>Jobs of one key that may be queued or running; 0: any number.</summary>
    public int MaxJobsPerKey { get; init; }

    /// <summary>Origins whose pages may use the service, such as <c>https://example.org</c>; none unless given.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>
    /// How long keys go on being believed, beyond the usual 5 seconds, while the database does not answer. 0: not at all, and a
    /// service with keys answers 503 until it does. More keeps prompts going, and a key that was revoked meanwhile with them.
    /// </summary>
    public int OutageGraceSeconds { get; init; }

    /// <exception cref="StartupException">Names the setting, what was found and what was expected.</exception>
    public void Check()
    {
        foreach ((string name, long value) in new[]
        {
            (nameof(RequestsPerMinute), RequestsPerMinute), (nameof(MaxBytesPerKey), MaxBytesPerKey),
            (nameof(MaxScenesPerKey), MaxScenesPerKey), (nameof(MaxJobsPerKey), MaxJobsPerKey),
            (nameof(OutageGraceSeconds), OutageGraceSeconds),
        })
        {
            if (value < 0)
            {
                throw new StartupException($"Saga:Access:{name} is {value}; give a number from 0.");
            }
        }

        foreach (string origin in AllowedOrigins)
        {
            // What browsers send: scheme, host and perhaps a port, nothing behind it. A wildcard would undo the point of it.
            if (!Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")
                || uri.GetLeftPart(UriPartial.Authority) != origin)
            {
                throw new StartupException(
                    $"Saga:Access:AllowedOrigins holds «{origin}»; an origin is scheme, host and port, such as https://example.org.");
            }
        }
    }
}
