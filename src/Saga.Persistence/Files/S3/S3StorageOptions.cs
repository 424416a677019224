using System.Globalization;

namespace Saga.Persistence.Files.S3;

/// <summary>A bucket for committed files: the section <c>Saga:Storage:S3</c>, the same for every process of the service.</summary>
public sealed record S3StorageOptions
{
    /// <summary>The section, as the configuration spells it.</summary>
    public const string Section = "Saga:Storage:S3";

    private const string DefaultRegion = "us-east-1";
    private const string DefaultPrefix = "saga";

    /// <summary>Some scenes of a few million Gaussians with their photos.</summary>
    private const long DefaultCacheBytes = 20L << 30;

    /// <summary>Must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>Where the server is, e.g. <c>https://s3.example.org</c>; null for Amazon's in <see cref="Region"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Part of every signature; most servers but Amazon's take any.</summary>
    public string Region { get; init; } = DefaultRegion;

    /// <summary>Under which the service's keys are, alone: what no record names is swept there.</summary>
    public string Prefix { get; init; } = DefaultPrefix;

    /// <summary>Null where the client library finds credentials itself: Amazon's variables, files, or the machine's role.</summary>
    public string? AccessKey { get; init; }

    /// <summary>Given with <see cref="AccessKey"/>.</summary>
    public string? SecretKey { get; init; }

    /// <summary>Where copies of files are kept; null: <c>cache</c> in the data directory. On a disk of this machine.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Bytes that copies may take, of every process for itself; more only where those in use do not fit.</summary>
    public long CacheMaxBytes { get; init; } = DefaultCacheBytes;

    /// <summary>Reads and checks the section.</summary>
    /// <param name="setting">The value of a name in the section; null or empty where it is not set.</param>
    /// <returns>Null where no bucket is set: files are in a folder.</returns>
    /// <exception cref="ArgumentException">Names the setting and what was expected; never a secret.</exception>
    public static S3StorageOptions? Read(Func<string, string?> setting)
    {
        string? Value(string name) => setting(name) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
        if (Value(nameof(Bucket)) is not { } bucket)
        {
            // Silence would put files into a folder that is lost with its container.
            string? lost = new[] { nameof(Endpoint), nameof(AccessKey), nameof(SecretKey) }.FirstOrDefault(name => Value(name) is not null);
            return lost is null ? null : throw Wrong(lost, $"is set and {Section}:Bucket is not");
        }

        string prefix = (Value(nameof(Prefix)) ?? DefaultPrefix).Trim('/');
        if (!FileStore.IsKey(prefix))
        {
            throw Wrong(nameof(Prefix), "consists of letters, digits, '.', '_' and '-', in parts between '/'");
        }

        string? accessKey = Value(nameof(AccessKey));
        string? secretKey = Value(nameof(SecretKey));
        if (accessKey is null != secretKey is null)
        {
            throw Wrong(accessKey is null ? nameof(AccessKey) : nameof(SecretKey), "is missing; give both keys, or neither");
        }

        return new S3StorageOptions
        {
            Bucket = bucket,
            Endpoint = Value(nameof(Endpoint)) is { } endpoint ? ReadEndpoint(endpoint) : null,
            Region = Value(nameof(Region)) ?? DefaultRegion,
            Prefix = prefix,
            AccessKey = accessKey,
            SecretKey = secretKey,
            CacheDirectory = Value(nameof(CacheDirectory)),
            CacheMaxBytes = Value(nameof(CacheMaxBytes)) is { } bytes ? ReadBytes(bytes) : DefaultCacheBytes,
        };
    }

    /// <summary>Without the keys: a record's own text would have them.</summary>
    public override string ToString() => $"bucket «{Bucket}» at {Endpoint?.Authority ?? $"Amazon's {Region}"}";

    private static Uri ReadEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
        && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/"
            ? uri
            : throw Wrong(nameof(Endpoint), "is an address such as https://s3.example.org, without a path and without credentials");

    private static long ReadBytes(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) && bytes > 0
            ? bytes
            : throw Wrong(nameof(CacheMaxBytes), "is a positive number of bytes");

    private static ArgumentException Wrong(string name, string what) => new($"{Section}:{name} {what}.");
}
