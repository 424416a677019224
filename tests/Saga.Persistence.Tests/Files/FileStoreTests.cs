using System.Security.Cryptography;
using Saga.Persistence.Files;
using Saga.Persistence.Jobs;
using Saga.Persistence.Scenes;
using Saga.Tests;

namespace Saga.Persistence.Tests.Files;

public sealed class FileStoreTests : IAsyncLifetime
{
    private readonly TestStorage _storage = new(null);

    private FileStore Files => _storage.Files;

    public async ValueTask InitializeAsync() => await _storage.Database.MigrateAsync(default);

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Fact]
    public async Task A_committed_file_has_the_bytes_and_hash_that_came()
    {
        byte[] content = Bytes(300_000);
        await using PendingFile pending = await Files.StageAsync(new MemoryStream(content), long.MaxValue, default);

        Assert.False(await Files.ExistsAsync("scenes/a/file.ply", default));
        Assert.Equal(content, await ReadStagedAsync(pending));
        StoredFile stored = await pending.CommitAsync("scenes/a/file.ply", default);

        Assert.Equal(new StoredFile("scenes/a/file.ply", content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), stored);
        Assert.Equal(content, await File.ReadAllBytesAsync(_storage.PathOf("scenes/a/file.ply")));
        Assert.False(File.Exists(pending.Path));
    }

    [Fact]
    public async Task An_uncommitted_file_leaves_nothing()
    {
        PendingFile pending = await Files.StageAsync((s, token) => s.WriteAsync(Bytes(10), token).AsTask(), default);
        await pending.DisposeAsync();

        Assert.Empty(Directory.EnumerateFiles(Files.Root, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public async Task Too_many_bytes_are_refused_and_forgotten(int limit, bool fits)
    {
        Task<PendingFile> staging = Files.StageAsync(new MemoryStream(Bytes(100)), limit, default);
        if (fits)
        {
            await (await staging).DisposeAsync();
            return;
        }

        FileTooLargeException error = await Assert.ThrowsAsync<FileTooLargeException>(() => staging);
        Assert.Equal(limit, error.MaxBytes);
        Assert.Empty(Directory.EnumerateFiles(Files.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_broken_upload_leaves_nothing()
    {
        await Assert.ThrowsAsync<IOException>(() => Files.StageAsync(
            async (s, token) =>
            {
                await s.WriteAsync(Bytes(1000), token);
                throw new IOException("The connection was reset.");
            },
            default));

        Assert.Empty(Directory.EnumerateFiles(Files.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_committed_file_is_never_overwritten()
    {
        await StoreAsync("models/1", 1);

        await Assert.ThrowsAsync<IOException>(() => StoreAsync("models/1", 2));

        Assert.Equal(1, new FileInfo(_storage.PathOf("models/1")).Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../secret")]
    [InlineData("scenes/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("scenes//x")]
    [InlineData("scenes/x/")]
    [InlineData("scenes\\x")]
    [InlineData(".staging/x")]
    [InlineData("scenes/.hidden")]
    [InlineData("scenes/a\0b")]
    [InlineData("C:x")]
    public void Keys_cannot_climb_out(string key)
    {
        Assert.Throws<ArgumentException>(() => { _ = Files.OpenAsync(key, default); });
        Assert.Throws<ArgumentException>(() => { _ = Files.DeleteAsync(key, default); });
        Assert.Throws<ArgumentException>(() => { _ = Files.DeleteAllAsync(key, default); });
    }

    [Fact]
    public async Task A_deleted_scene_takes_its_folder_along_and_may_be_deleted_twice()
    {
        await StoreAsync("scenes/a/one", 1);
        await StoreAsync("scenes/a/sub/two", 1);
        await StoreAsync("scenes/b/one", 1);

        await Files.DeleteAllAsync("scenes/a", default);
        await Files.DeleteAllAsync("scenes/a", default);
        await Files.DeleteAsync("scenes/a/one", default);

        Assert.False(await Files.ExistsAsync("scenes/a/sub/two", default));
        Assert.True(await Files.ExistsAsync("scenes/b/one", default));
    }

    [Fact]
    public async Task The_sweep_removes_what_a_killed_process_left_and_spares_a_live_upload()
    {
        await using PendingFile live = await Files.StageAsync(new MemoryStream(Bytes(10)), 100, default);
        string dead = Path.Combine(Path.GetDirectoryName(live.Path)!, "dead");
        await File.WriteAllBytesAsync(dead, Bytes(10));
        string fresh = Path.Combine(Path.GetDirectoryName(live.Path)!, "fresh");
        await File.WriteAllBytesAsync(fresh, Bytes(10));
        File.SetLastWriteTimeUtc(dead, DateTime.UtcNow.AddHours(-2));
        File.SetLastWriteTimeUtc(live.Path, DateTime.UtcNow.AddHours(-2));

        Assert.Equal(1, _storage.Sweep.SweepStaging(TimeSpan.FromHours(1)));

        Assert.False(File.Exists(dead));
        Assert.True(File.Exists(fresh));
        Assert.Equal(10, (await live.CommitAsync("scenes/a/late", default)).Length);
    }

    [Fact]
    public async Task The_sweep_removes_old_files_that_no_record_names()
    {
        SceneRecord scene = await _storage.AddSceneAsync(key: "scenes/a/gaussians.ply");
        string[] keys = ["scenes/a/gaussians.ply", "scenes/a/model-old", "scenes/gone/gaussians.ply", "scenes/a/model-new"];
        foreach (string key in keys)
        {
            await StoreAsync(key, 1);
            File.SetLastWriteTimeUtc(_storage.PathOf(key), DateTime.UtcNow.AddHours(-2));
        }

        File.SetLastWriteTimeUtc(_storage.PathOf("scenes/a/model-new"), DateTime.UtcNow);
        Assert.NotEqual(Guid.Empty, scene.Id);

        Assert.Equal(2, await _storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));

        Assert.True(await Files.ExistsAsync("scenes/a/gaussians.ply", default));
        Assert.True(await Files.ExistsAsync("scenes/a/model-new", default));
        Assert.False(await Files.ExistsAsync("scenes/a/model-old", default));
        Assert.False(await Files.ExistsAsync("scenes/gone/gaussians.ply", default));
    }

    [Fact]
    public async Task The_sweep_keeps_the_masks_made_of_a_scene_for_as_long_as_it_has_those_Gaussians()
    {
        SceneRecord scene = await _storage.AddSceneAsync(sha256: new string('a', 64));
        string kept = $"{GeneratedFiles.MaskFolderOf(scene.Id, new string('a', 64))}/x.json";
        string[] gone =
        [
            $"{GeneratedFiles.MaskFolderOf(scene.Id, new string('b', 64))}/x.json",
            $"{GeneratedFiles.MaskFolderOf(Guid.NewGuid(), new string('a', 64))}/x.json",
        ];
        foreach (string key in gone.Append(kept))
        {
            await StoreAsync(key, 1);
            File.SetLastWriteTimeUtc(_storage.PathOf(key), DateTime.UtcNow.AddHours(-3));
        }

        Assert.Equal(2, await _storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));

        Assert.Equal([kept], await Files.ListAsync(GeneratedFiles.MaskFolderOf(scene.Id, new string('a', 64)), default));
        Assert.All(gone, key => Assert.False(File.Exists(_storage.PathOf(key))));
        Assert.Empty(await Files.ListAsync("scenes/nothing/here", default));
    }

    [Fact]
    public async Task The_sweep_spares_a_file_that_waited_long_before_it_was_committed()
    {
        // The first part of a form whose last part took hours: committed a moment before the record that names it.
        await using PendingFile first = await Files.StageAsync(new MemoryStream(Bytes(10)), 100, default);
        File.SetLastWriteTimeUtc(first.Path, DateTime.UtcNow.AddHours(-3));
        await first.CommitAsync("scenes/a/gaussians", default);

        Assert.Equal(0, await _storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));
        Assert.True(await Files.ExistsAsync("scenes/a/gaussians", default));
    }

    [Fact]
    public async Task The_sweep_spares_the_files_of_a_scene_with_a_job()
    {
        // A training that ended while the database was away names its model when the database is back.
        SceneRecord scene = await _storage.AddSceneAsync();
        JobRecord job = (await _storage.Jobs.EnqueueAsync(scene.Id, "train", "{}", null, default)).Job!;
        string key = $"scenes/{scene.Id}/model-1.saga";
        await StoreAsync(key, 1);
        File.SetLastWriteTimeUtc(_storage.PathOf(key), DateTime.UtcNow.AddHours(-3));

        Assert.Equal(0, await _storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));
        await _storage.Jobs.CancelAsync(job.Id, default);
        Assert.Equal(1, await _storage.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));
    }

    private async Task StoreAsync(string key, int length)
    {
        await using PendingFile pending = await Files.StageAsync(new MemoryStream(Bytes(length)), 1000, default);
        await pending.CommitAsync(key, default);
    }

    private static async Task<byte[]> ReadStagedAsync(PendingFile pending)
    {
        // As a reader that knows nothing of the store would open it.
        await using FileStream reader = new(pending.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var copy = new MemoryStream();
        await reader.CopyToAsync(copy);
        return copy.ToArray();
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(42).NextBytes(bytes);
        return bytes;
    }
}
