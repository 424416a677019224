using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Persistence;
using Saga.Persistence.Access;

namespace Saga.Cli.Keys;

/// <summary><c>saga keys</c>: makes, lists and revokes the keys of the service, in its database.</summary>
public static class KeysCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        keys create NAME [--scope read|write|admin]   make an API key and print it, once; the first key closes the service
          --scope SCOPE               read: look and prompt (default); write: store and delete as well; admin: everything
          --expires DAYS              refused after that many days; never unless given
          --requests-per-minute N, --bytes N, --scenes N, --jobs N
                                      limits of this key, 0 for none; the service's settings (Saga__Access__…) unless given
        keys list                                     all keys, what they may do and when they were last used
        keys revoke ID                                refuse a key from now on; a running service knows within 5 seconds
                                      all three work on Saga__DataDirectory or Saga__Database, as the service does
        """;

    private const int MaxNameLength = 100;
    private const int MaxDays = 36500;

    private static readonly string[] CreateOptions = ["scope", "expires", "requests-per-minute", "bytes", "scenes", "jobs"];

    /// <summary>Runs the command.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="output">Receives the key or the list.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>0, or 1 where there is no such key or the database cannot be used.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken) =>
        RunAsync(args, ConfiguredStorage.Read(), output, cancellationToken);

    /// <summary>Runs the command on a given database.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="storage">Where the service keeps its records.</param>
    /// <param name="output">Receives the key or the list.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public static async Task<int> RunAsync(
        string[] args, SagaStorageOptions storage, TextWriter output, CancellationToken cancellationToken)
    {
        Func<ApiKeyStore, Task<int>> run = Parse(args, output, cancellationToken);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSagaPersistence(storage);
        await using ServiceProvider provider = services.BuildServiceProvider();
        try
        {
            await provider.GetRequiredService<SagaDatabase>().MigrateAsync(cancellationToken);
            return await run(provider.GetRequiredService<ApiKeyStore>());
        }
        catch (Exception error) when (error is DbException or DbUpdateException || error.InnerException is DbException)
        {
            await output.WriteLineAsync($"The database cannot be used: {(error as DbException ?? error.InnerException ?? error).Message}");
            return 1;
        }
    }

    /// <summary>Understands everything before the database is touched.</summary>
    private static Func<ApiKeyStore, Task<int>> Parse(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        string[] rest = args.Length > 0 ? args[1..] : [];
        switch (args.FirstOrDefault())
        {
            case "create":
                ApiKeyRecord key = Described(Arguments.Parse(rest, [], CreateOptions, ["NAME"]));
                return store => CreateAsync(store, key, output, cancellationToken);
            case "list":
                Arguments.Parse(rest, [], [], []);
                return store => ListAsync(store, output, cancellationToken);
            case "revoke":
                string id = Arguments.Parse(rest, [], [], ["ID"]).Positional[0];
                return store => RevokeAsync(store, id, output, cancellationToken);
            default:
                throw new UsageException($"keys «{args.FirstOrDefault()}» is not known; accepted: create, list, revoke.");
        }
    }

    private static ApiKeyRecord Described(Arguments arguments)
    {
        string name = arguments.Positional[0].Trim();
        if (name.Length is 0 or > MaxNameLength || name.Any(char.IsControl))
        {
            throw new UsageException($"A key needs a name of 1 to {MaxNameLength} printable characters.");
        }

        long? days = arguments.Whole("expires", 1, MaxDays);
        return new ApiKeyRecord
        {
            Name = name,
            Scope = Enum.Parse<ApiKeyScope>(arguments.OneOf("scope", "read", "write", "admin"), ignoreCase: true),
            ExpiresAt = days is null ? null : DateTimeOffset.UtcNow.AddDays(days.Value),
            RequestsPerMinute = (int?)arguments.Whole("requests-per-minute", 0, int.MaxValue),
            MaxBytes = arguments.Whole("bytes", 0, long.MaxValue),
            MaxScenes = (int?)arguments.Whole("scenes", 0, int.MaxValue),
            MaxJobs = (int?)arguments.Whole("jobs", 0, int.MaxValue),
        };
    }

    private static async Task<int> CreateAsync(ApiKeyStore store, ApiKeyRecord key, TextWriter output, CancellationToken cancellationToken)
    {
        string text = await store.AddAsync(key, cancellationToken);
        await output.WriteLineAsync(
            $"Key {key.Id} of «{key.Name}», {Word(key.Scope)}. It is shown this once; send it as X-Api-Key, or as a bearer token:");
        await output.WriteLineAsync(text);
        return 0;
    }

    private static async Task<int> ListAsync(ApiKeyStore store, TextWriter output, CancellationToken cancellationToken)
    {
        IReadOnlyList<ApiKeyRecord> keys = await store.ListAsync(cancellationToken);
        if (keys.Count == 0)
        {
            await output.WriteLineAsync("There are no keys: the service listens on loopback only, and this machine may do everything.");
            return 0;
        }

        await output.WriteLineAsync($"{"ID",-12}  {"SCOPE",-5}  {"STATE",-8}  {"CREATED",-10}  {"LAST USED",-16}  {"EXPIRES",-10}  NAME");
        foreach (ApiKeyRecord key in keys)
        {
            await output.WriteLineAsync(
                $"{key.Id,-12}  {Word(key.Scope),-5}  {StateOf(key),-8}  {Day(key.CreatedAt),-10}  {Minute(key.LastUsedAt),-16}  "
                + $"{Day(key.ExpiresAt),-10}  {key.Name}{LimitsOf(key)}");
        }

        return 0;
    }

    private static async Task<int> RevokeAsync(ApiKeyStore store, string id, TextWriter output, CancellationToken cancellationToken)
    {
        if (!await store.RevokeAsync(id, cancellationToken))
        {
            await output.WriteLineAsync("There is no key of that id, the part between saga_ and the next _; «keys list» lists them.");
            return 1;
        }

        await output.WriteLineAsync($"Key {id} is revoked; a running service refuses it within 5 seconds.");
        return 0;
    }

    private static string StateOf(ApiKeyRecord key) =>
        key.RevokedAt is not null ? "revoked" : key.IsActive(DateTimeOffset.UtcNow) ? "active" : "expired";

    private static string LimitsOf(ApiKeyRecord key)
    {
        string limits = string.Join(", ", new (long? Value, string Of)[]
        {
            (key.RequestsPerMinute, "requests per minute"), (key.MaxBytes, "bytes"), (key.MaxScenes, "scenes"), (key.MaxJobs, "jobs"),
        }.Where(limit => limit.Value is not null).Select(limit => $"{limit.Of}: {(limit.Value == 0 ? "any" : limit.Value)}"));
        return limits.Length == 0 ? "" : $"  ({limits})";
    }

    private static string Word(ApiKeyScope scope) => scope.ToString().ToLowerInvariant();

    private static string Day(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "never";

    private static string Minute(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "never";
}
