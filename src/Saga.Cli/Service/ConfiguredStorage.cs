using Saga.Persistence;
using Saga.Persistence.Files.S3;

namespace Saga.Cli.Service;

/// <summary>Where the service of this clone keeps its records and files.</summary>
public static class ConfiguredStorage
{
    /// <summary>The same settings and defaults as the service's under <c>./run</c>.</summary>
    /// <exception cref="ArgumentException">A setting of the bucket is wrong; the message says which.</exception>
    public static SagaStorageOptions Read()
    {
        string? data = Environment.GetEnvironmentVariable("Saga__DataDirectory");
        return new SagaStorageOptions
        {
            DataDirectory = Path.GetFullPath(string.IsNullOrEmpty(data) ? Repository.PathOf("data") : data),
            Database = Environment.GetEnvironmentVariable("Saga__Database"),
            S3 = S3StorageOptions.Read(
                name => Environment.GetEnvironmentVariable($"{S3StorageOptions.Section}:{name}".Replace(":", "__", StringComparison.Ordinal))),
        };
    }
}
