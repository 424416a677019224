using Saga.Persistence;

namespace Saga.Cli.Service;

/// <summary>Where the service of this clone keeps its records and files.</summary>
public static class ConfiguredStorage
{
    /// <summary>The same settings and defaults as the service's under <c>./run</c>.</summary>
    public static SagaStorageOptions Read()
    {
        string? data = Environment.GetEnvironmentVariable("Saga__DataDirectory");
        return new SagaStorageOptions
        {
            DataDirectory = Path.GetFullPath(string.IsNullOrEmpty(data) ? Repository.PathOf("data") : data),
            Database = Environment.GetEnvironmentVariable("Saga__Database"),
        };
    }
}
