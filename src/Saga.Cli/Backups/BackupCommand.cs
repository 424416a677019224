using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Persistence;
using Saga.Persistence.Backups;

namespace Saga.Cli.Backups;

/// <summary><c>saga backup</c>: copies the data directory while the service may be at work.</summary>
public static class BackupCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        backup FOLDER                             copy records and files, while the service may run, to a new folder that a service
                                      can be started on: Saga__DataDirectory=FOLDER ./run; also of files in a bucket; with PostgreSQL
                                      see docs/operations.md
        """;

    /// <summary>Runs the command.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="output">Receives what was copied.</param>
    /// <param name="cancellationToken">Stops it; the folder is then of no use.</param>
    /// <returns>0, or 1 where there is nothing to copy or it cannot be copied whole.</returns>
    public static Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken) =>
        RunAsync(args, ConfiguredStorage.Read(), output, cancellationToken);

    /// <summary>Runs the command on a given data directory.</summary>
    /// <param name="args">Its arguments.</param>
    /// <param name="storage">Where the service keeps its records and files.</param>
    /// <param name="output">Receives what was copied.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<int> RunAsync(
        string[] args, SagaStorageOptions storage, TextWriter output, CancellationToken cancellationToken)
    {
        string folder = Path.GetFullPath(Arguments.Parse(args, [], [], ["FOLDER"]).Positional[0]);
        if (!storage.IsPostgres && !Directory.Exists(storage.DataDirectory))
        {
            await output.WriteLineAsync($"There is no data directory {storage.DataDirectory}; Saga__DataDirectory names another.");
            return 1;
        }

        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSagaPersistence(storage);
        await using ServiceProvider provider = services.BuildServiceProvider();
        try
        {
            BackupResult result = await provider.GetRequiredService<DataBackup>().MakeAsync(folder, cancellationToken);
            await output.WriteLineAsync(
                FormattableString.Invariant($"{result.Scenes} scenes with {result.Files} files, {result.Bytes >> 20} MiB, are copied to {folder}"));
            foreach (string key in result.Missing)
            {
                await output.WriteLineAsync($"missing in the store: {key}");
            }

            return result.Missing.Count == 0 ? 0 : 1;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or DbException)
        {
            await output.WriteLineAsync($"The copy could not be made: {error.Message}");
            return 1;
        }
    }
}
