using Saga.Cli.Service;

namespace Saga.Cli.Cluster;

/// <summary>The programs that a cluster needs beside our own.</summary>
/// <param name="Nginx">nginx.</param>
/// <param name="PostgresFolder">Folder of <c>initdb</c> and <c>postgres</c>.</param>
public sealed record ClusterPrograms(string Nginx, string PostgresFolder)
{
    /// <summary>What is missing, and where it comes from; null where nothing is.</summary>
    public static string? Missing() => (FindNginx(), FindPostgres()) switch
    {
        (null, _) => "nginx was not found (Debian: apt-get install nginx-light).",
        (_, null) => "PostgreSQL's server programs were not found: initdb, postgres (Debian: apt-get install postgresql-15).",
        _ when Environment.IsPrivilegedProcess && !HasPostgresUser() =>
            "PostgreSQL does not run as root, and there is no user «postgres» for it to run as.",
        _ => null,
    };

    /// <summary>Finds them.</summary>
    /// <exception cref="ServiceException">The message says what is missing.</exception>
    public static ClusterPrograms Find() => Missing() is { } missing
        ? throw new ServiceException(0, "", missing)
        : new ClusterPrograms(FindNginx()!, FindPostgres()!);

    // Debian keeps servers where only root's PATH leads.
    private static string? FindNginx() =>
        OnPath().Concat(["/usr/sbin", "/usr/local/sbin"]).Select(folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists);

    private static string? FindPostgres()
    {
        IEnumerable<string> versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin"))
            : [];
        return versions.Concat(OnPath()).FirstOrDefault(
            folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")));
    }

    private static bool HasPostgresUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal));

    private static string[] OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
}
