using Saga.Persistence.Files.S3;

namespace Saga.Persistence;

/// <summary>Where records and files are kept.</summary>
public sealed record SagaStorageOptions
{
    /// <summary>
    /// Folder of files being written, of committed ones without <see cref="S3"/>, and of the SQLite files without <see cref="Database"/>.
    /// Created when missing.
    /// </summary>
    public required string DataDirectory { get; init; }

    /// <summary>A PostgreSQL connection string; null or empty for SQLite in <see cref="DataDirectory"/>.</summary>
    public string? Database { get; init; }

    /// <summary>A bucket for committed files; null for a folder <c>store</c> in <see cref="DataDirectory"/>.</summary>
    public S3StorageOptions? S3 { get; init; }

    /// <summary>True when the records live in PostgreSQL, which several processes may share.</summary>
    public bool IsPostgres => !string.IsNullOrWhiteSpace(Database);

    /// <summary>Connection string of a SQLite file in the data folder.</summary>
    /// <param name="fileName">e.g. <c>saga.db</c>.</param>
    public string SqliteConnectionString(string fileName) =>
        $"Data Source={Path.Combine(Path.GetFullPath(DataDirectory), fileName)};Foreign Keys=True;Default Timeout=30";
}
