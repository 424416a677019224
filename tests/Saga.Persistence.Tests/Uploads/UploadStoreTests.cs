using System.Security.Cryptography;
using Saga.Persistence.Files;
using Saga.Persistence.Scenes;
using Saga.Persistence.Uploads;
using Saga.Tests;

namespace Saga.Persistence.Tests.Uploads;

public sealed class UploadStoreTests : IAsyncDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 1000).Select(i => (byte)(3 * i))];

    private readonly TestStorage _storage = new(null);
    private readonly UploadStore _uploads;

    public UploadStoreTests() => _uploads = new UploadStore(_storage.Files);

    public ValueTask DisposeAsync() => _storage.DisposeAsync();

    [Fact]
    public async Task Bytes_that_came_before_a_body_broke_off_are_kept()
    {
        Guid id = Begin();
        using (OpenUpload upload = _uploads.Open(id)!)
        {
            await Assert.ThrowsAsync<IOException>(() => upload.AppendAsync(new BreakingStream(Content[..700]), default));
        }

        Assert.Equal(700, _uploads.Find(id)!.Offset);
        using OpenUpload again = _uploads.Open(id)!;
        await again.AppendAsync(new MemoryStream(Content[700..]), default);
        Assert.True(again.Status!.IsComplete);
        await using PendingFile file = await again.FinishAsync(default);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Content)), file.Sha256);
        Assert.Equal(Content.Length, file.Length);
    }

    [Fact]
    public async Task A_body_that_broke_off_before_its_checksum_is_dropped()
    {
        Guid id = Begin();
        using OpenUpload upload = _uploads.Open(id)!;
        await upload.AppendAsync(new MemoryStream(Content[..100]), default);
        var checksum = new UploadChecksum(HashAlgorithmName.SHA256, SHA256.HashData(Content[100..700]));
        await Assert.ThrowsAsync<IOException>(() => upload.AppendAsync(new BreakingStream(Content[100..700]), checksum, default));
        Assert.Equal(100, upload.Status!.Offset);
        Assert.True(await upload.AppendAsync(new MemoryStream(Content[100..700]), checksum, default));
        Assert.Equal(700, upload.Status!.Offset);
    }

    [Theory]
    [InlineData("100", 100)]
    [InlineData("", 0)]
    [InlineData("damaged", 0)]
    [InlineData("-5", 0)]
    public async Task Bytes_that_a_killed_process_had_not_checked_do_not_count(string mark, long expected)
    {
        Guid id = Begin();
        File.WriteAllBytes(Path.Combine(FolderOf(id), "bytes"), Content[..600]);
        File.WriteAllText(Path.Combine(FolderOf(id), "unchecked"), mark);
        Assert.Equal(expected, _uploads.Find(id)!.Offset);

        using OpenUpload upload = _uploads.Open(id)!;
        await upload.AppendAsync(new MemoryStream(Content[(int)expected..]), default);
        Assert.True(upload.Status!.IsComplete);
        Assert.Equal(Content, File.ReadAllBytes(Path.Combine(FolderOf(id), "bytes")));
    }

    [Fact]
    public async Task An_upload_that_is_not_committed_stays_one_and_a_withdrawn_commit_gives_it_back()
    {
        Guid id = Begin();
        using OpenUpload upload = _uploads.Open(id)!;
        await upload.AppendAsync(new MemoryStream(Content), default);
        await using (await upload.FinishAsync(default))
        {
        }

        Assert.True(upload.Status!.IsComplete);
        await using (PendingFile file = await upload.FinishAsync(default))
        {
            await file.CommitAsync("scenes/a/file", default);
            Assert.Null(upload.Status);
            await file.WithdrawAsync();
        }

        Assert.False(await _storage.Files.ExistsAsync("scenes/a/file", default));
        Assert.True(upload.Status!.IsComplete);
    }

    [Fact]
    public async Task A_withdrawn_commit_of_anything_else_leaves_nothing()
    {
        await using (PendingFile file = await _storage.Files.StageAsync(new MemoryStream(Content), long.MaxValue, default))
        {
            await file.CommitAsync("scenes/a/file", default);
            await file.WithdrawAsync();
        }

        Assert.Empty(Directory.EnumerateFiles(_storage.Files.Root, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Only_one_has_it_open()
    {
        Guid id = Begin();
        using (_uploads.Open(id))
        {
            Assert.Throws<UploadLockedException>(() => _uploads.Open(id));
            Assert.Equal(0, _uploads.Find(id)!.Offset);
        }

        using OpenUpload? again = _uploads.Open(id);
        Assert.NotNull(again);
        Assert.Null(_uploads.Open(Guid.NewGuid()));
    }

    [Fact]
    public void The_sweep_removes_what_has_expired_and_what_was_never_whole()
    {
        Guid young = Begin();
        Guid old = Begin();
        Age(Path.Combine(FolderOf(old), "bytes"), hours: 2);
        Guid damaged = Begin();
        File.WriteAllText(Path.Combine(FolderOf(damaged), "description.json"), "{\"Id\":");
        Guid halfMade = Begin();
        File.Delete(Path.Combine(FolderOf(halfMade), "description.json"));
        File.Delete(Path.Combine(FolderOf(halfMade), "lock"));
        Assert.Null(_uploads.Find(damaged));
        Assert.Null(_uploads.Open(damaged));
        Assert.Null(_uploads.Find(halfMade));

        // Another process may be making them this moment.
        Assert.Equal(1, _uploads.Sweep());
        Assert.False(Directory.Exists(FolderOf(old)));
        Directory.SetLastWriteTimeUtc(FolderOf(damaged), DateTime.UtcNow.AddHours(-2));
        Directory.SetLastWriteTimeUtc(FolderOf(halfMade), DateTime.UtcNow.AddHours(-2));
        Assert.Equal(2, _uploads.Sweep());
        Assert.Equal(1, _uploads.Count);
        Assert.NotNull(_uploads.Find(young));
    }

    [Fact]
    public void The_sweep_spares_what_somebody_works_on()
    {
        Guid id = Begin();
        Age(Path.Combine(FolderOf(id), "bytes"), hours: 2);
        using (_uploads.Open(id))
        {
            Assert.Equal(0, _uploads.Sweep());
        }

        Assert.Equal(1, _uploads.Sweep());
    }

    [Fact]
    public async Task The_other_sweeps_leave_uploads_alone()
    {
        await _storage.Database.MigrateAsync(default);
        Guid id = Begin();
        foreach (string file in Directory.EnumerateFiles(FolderOf(id)))
        {
            Age(file, hours: 100);
        }

        Assert.Equal(0, _storage.Sweep.SweepStaging(TimeSpan.Zero));
        Assert.Equal(0, await _storage.Sweep.SweepOrphansAsync(TimeSpan.Zero, default));
        Assert.NotNull(_uploads.Find(id));
    }

    private static void Age(string file, int hours) => File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-hours));

    private string FolderOf(Guid id) => Path.Combine(_storage.Files.Root, ".staging", "uploads", id.ToString("N"));

    private Guid Begin()
    {
        var id = Guid.CreateVersion7();
        _uploads.Create(new UploadDescription
        {
            Id = id,
            Kind = AssetKind.Masks,
            FileName = "masks.zip",
            Length = Content.Length,
            Lifetime = TimeSpan.FromHours(1),
        });
        return id;
    }

    /// <summary>Ends as a lost connection does.</summary>
    private sealed class BreakingStream(byte[] first) : MemoryStream(first)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = await base.ReadAsync(buffer, cancellationToken);
            return read > 0 ? read : throw new IOException("The connection was reset.");
        }
    }
}
