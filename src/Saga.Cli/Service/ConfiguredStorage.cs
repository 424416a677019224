using Saga.Cli.CommandLine;
using Saga.Persistence;
using Saga.Persistence.Files.S3;

namespace Saga.Cli.Service;

/// <summary>Where the service of this clone keeps its records and files.</summary>
public static class ConfiguredStorage
{
    /// <summary>The same settings and defaults as the service's under <c>./run</c>.</summary>
    /// <exception cref="UsageException">A setting of the bucket is wrong; the message says which.</exception>
    public static SagaStorageOptions Read()
    {
        string? data = Environment.GetEnvironmentVariable("Saga__DataDirectory");
        return new SagaStorageOptions
        {
            DataDirectory = Path.GetFullPath(string.IsNullOrEmpty(data) ? Repository.PathOf("data") : data),
            Database = Environment.GetEnvironmentVariable("Saga__Database"),
            S3 = ReadS3(),
        };
    }

    private static S3StorageOptions? ReadS3()
    {
        string section = S3StorageOptions.Section.Replace(":", "__", StringComparison.Ordinal);
        try
        {
            return S3StorageOptions.Read(name => Environment.GetEnvironmentVariable($"{section}__{name}"));
        }
        catch (ArgumentException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
