using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Saga.Persistence;
using Saga.Persistence.Access;
using Saga.Persistence.Backups;
using Saga.Persistence.Files;
using Saga.Persistence.Files.S3;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Persistence.Selections;
using Saga.Persistence.Uploads;

namespace Saga.Tests;

/// <summary>The persistence of one process in a temporary folder; several may share a folder or database.</summary>
internal sealed class TestStorage : IAsyncDisposable
{
    private readonly ServiceProvider _provider;
    private readonly bool _ownsFolder;

    public TestStorage(string? database, string? folder = null, S3StorageOptions? s3 = null)
    {
        _ownsFolder = folder is null;
        Folder = folder ?? Path.Combine(Path.GetTempPath(), $"saga-test-{Guid.NewGuid():N}");
        Options = new SagaStorageOptions { DataDirectory = Folder, Database = database, S3 = s3 };
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSagaPersistence(Options);
        _provider = services.BuildServiceProvider(true);
    }

    public string Folder { get; }

    public SagaStorageOptions Options { get; }

    public SagaDatabase Database => _provider.GetRequiredService<SagaDatabase>();

    public ApiKeyStore ApiKeys => _provider.GetRequiredService<ApiKeyStore>();

    public JobStore Jobs => _provider.GetRequiredService<JobStore>();

    public SelectionStore Selections => _provider.GetRequiredService<SelectionStore>();

    public JobEvents Events => _provider.GetRequiredService<JobEvents>();

    public DataBackup Backup => _provider.GetRequiredService<DataBackup>();

    public UploadStore Uploads => _provider.GetRequiredService<UploadStore>();

    public FileStore Files => _provider.GetRequiredService<FileStore>();

    public FileSweep Sweep => _provider.GetRequiredService<FileSweep>();

    /// <summary>Where a committed file is whose store is a folder.</summary>
    public string PathOf(string key) => Path.Combine(Files.Root, key);

    public SagaDbContext Open() => _provider.GetRequiredService<IDbContextFactory<SagaDbContext>>().CreateDbContext();

    /// <summary>A scene with a Gaussian file of the given hash.</summary>
    public async Task<SceneRecord> AddSceneAsync(string sha256 = "aa", string key = "scenes/x/gaussians.ply")
    {
        await using SagaDbContext db = Open();
        var scene = new SceneRecord
        {
            Id = Guid.CreateVersion7(),
            Name = "room",
            State = SceneState.Uploaded,
            GaussianCount = 3,
            CreatedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        scene.Assets.Add(new AssetRecord
        {
            Id = Guid.CreateVersion7(),
            Kind = AssetKind.Gaussians,
            Key = key,
            FileName = "gaussians.ply",
            Sha256 = sha256,
            CreatedAt = DateTimeOffset.UtcNow,
        });
        db.Scenes.Add(scene);
        await db.SaveChangesAsync();
        return scene;
    }

    /// <summary>Stages and commits a file.</summary>
    public async Task StoreAsync(string key, byte[] content)
    {
        await using PendingFile pending = await Files.StageAsync(new MemoryStream(content), long.MaxValue, default);
        await pending.CommitAsync(key, default);
    }

    /// <summary>Opens and reads a committed file.</summary>
    public async Task<byte[]> ReadFileAsync(string key)
    {
        using LocalFile file = await Files.OpenAsync(key, default);
        return await File.ReadAllBytesAsync(file.Path);
    }

    public async Task<JobRecord> ReadJobAsync(Guid id)
    {
        await using SagaDbContext db = Open();
        return await db.Jobs.SingleAsync(j => j.Id == id);
    }

    public async Task<SceneRecord> ReadSceneAsync(Guid id)
    {
        await using SagaDbContext db = Open();
        return await db.Scenes.Include(s => s.Assets).SingleAsync(s => s.Id == id);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        if (_ownsFolder)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(Folder, true);
        }
    }
}
