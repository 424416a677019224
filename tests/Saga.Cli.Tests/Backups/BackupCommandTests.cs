using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Saga.Cli.Backups;
using Saga.Persistence;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;

namespace Saga.Cli.Tests.Backups;

public sealed class BackupCommandTests : IDisposable
{
    private readonly Saga.Tests.TemporaryFolder _folder = new();

    private SagaStorageOptions Storage => new() { DataDirectory = Path.Combine(_folder.Path, "data") };

    private string Target => Path.Combine(_folder.Path, "copy");

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    [Fact]
    public async Task Records_and_their_files_are_copied_and_counted()
    {
        await FillAsync(withFile: true);
        (int code, string said) = await RunAsync();
        Assert.Equal(0, code);
        Assert.Contains("1 scenes with 1 files", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Target, "saga.db")));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(Target, "store", "scenes", "a", "gaussians")));

        (code, said) = await RunAsync();
        Assert.Equal(1, code);
        Assert.Contains("is not empty", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_a_record_names_and_the_store_lacks_is_named()
    {
        await FillAsync(withFile: false);
        (int code, string said) = await RunAsync();
        Assert.Equal(1, code);
        Assert.Contains("missing in the store: scenes/a/gaussians", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_nothing_to_copy_it_says_so()
    {
        (int code, string said) = await RunAsync();
        Assert.Equal(1, code);
        Assert.Contains("There is no data directory", said, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Said)> RunAsync()
    {
        var output = new StringWriter();
        int code = await BackupCommand.RunAsync([Target], Storage, output, CancellationToken.None);
        return (code, output.ToString());
    }

    private async Task FillAsync(bool withFile)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSagaPersistence(Storage);
        await using ServiceProvider provider = services.BuildServiceProvider();
        await provider.GetRequiredService<SagaDatabase>().MigrateAsync(default);
        await using SagaDbContext db = provider.GetRequiredService<IDbContextFactory<SagaDbContext>>().CreateDbContext();
        var scene = new SceneRecord { Id = Guid.CreateVersion7(), Name = "a" };
        scene.Assets.Add(new AssetRecord { Id = Guid.CreateVersion7(), Kind = AssetKind.Gaussians, Key = "scenes/a/gaussians", FileName = "a.ply" });
        db.Scenes.Add(scene);
        await db.SaveChangesAsync();
        if (withFile)
        {
            FileStore store = provider.GetRequiredService<FileStore>();
            await using PendingFile pending = await store.StageAsync(new MemoryStream([1, 2, 3]), 10, default);
            await pending.CommitAsync("scenes/a/gaussians", default);
        }
    }
}
