using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Saga.Persistence.Backups;
using Saga.Persistence.Files;
using Saga.Persistence.Files.S3;
using Saga.Persistence.Scenes;
using Saga.Persistence.Uploads;
using Saga.Tests;

namespace Saga.Persistence.Tests.Files.S3;

/// <summary>The file store over a bucket of an independent server that checks signatures.</summary>
public sealed class S3FilesTests(S3Server server) : IClassFixture<S3Server>
{
    private const string Key = "scenes/a/gaussians-1.ply";

    [Fact]
    public async Task A_file_is_there_from_its_commit_to_its_deletion()
    {
        await using var node = new TestStorage(null, s3: server.Require());
        byte[] content = Bytes(300_000);
        await using (PendingFile pending = await node.Files.StageAsync(new MemoryStream(content), long.MaxValue, default))
        {
            Assert.False(await node.Files.ExistsAsync(Key, default));
            StoredFile stored = await pending.CommitAsync(Key, default);
            Assert.Equal(new StoredFile(Key, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), stored);
        }

        Assert.Equal(content, await node.ReadFileAsync(Key));
        Assert.True(await node.Files.ExistsAsync(Key, default));
        Assert.Empty(Directory.EnumerateFiles(node.Files.Root, "*", SearchOption.AllDirectories));

        await node.Files.DeleteAsync(Key, default);
        await node.Files.DeleteAsync(Key, default);

        Assert.False(await node.Files.ExistsAsync(Key, default));
        await Assert.ThrowsAsync<FileNotFoundException>(() => node.Files.OpenAsync(Key, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((64 << 20) + 1)]
    [InlineData((80 << 20) - 3)]
    public async Task A_file_of_any_length_comes_back_as_it_was(int length)
    {
        S3StorageOptions bucket = server.Require();
        await using var writer = new TestStorage(null, s3: bucket);
        await using var reader = new TestStorage(null, s3: bucket);
        byte[] content = Bytes(length);

        await writer.StoreAsync(Key, content);

        byte[] found = await reader.ReadFileAsync(Key);
        Assert.True(content.AsSpan().SequenceEqual(found));
    }

    [Fact]
    public async Task Two_nodes_see_what_the_other_commits_and_deletes()
    {
        S3StorageOptions bucket = server.Require();
        await using var one = new TestStorage(null, s3: bucket);
        await using var other = new TestStorage(null, s3: bucket);
        await one.StoreAsync(Key, Bytes(10));
        await other.StoreAsync("scenes/a/model-1.saga", Bytes(20));

        Assert.Equal(Bytes(10), await other.ReadFileAsync(Key));
        Assert.Equal(Bytes(20), await one.ReadFileAsync("scenes/a/model-1.saga"));
        Assert.Equal([Key, "scenes/a/model-1.saga"], (await one.Files.ListAsync("scenes/a", default)).Order());

        await other.Files.DeleteAllAsync("scenes/a", default);
        Assert.False(await one.Files.ExistsAsync(Key, default));
        Assert.Empty(await one.Files.EntriesAsync(default).ToListAsync());
    }

    [Fact]
    public async Task A_committed_file_is_never_overwritten_and_the_same_commit_again_is_no_other()
    {
        await using var node = new TestStorage(null, s3: server.Require());
        await node.StoreAsync(Key, Bytes(10));

        IOException taken = await Assert.ThrowsAsync<IOException>(() => node.StoreAsync(Key, Bytes(11)));
        await node.StoreAsync(Key, Bytes(10));

        Assert.Contains("taken", taken.Message, StringComparison.Ordinal);
        Assert.Equal(Bytes(10), await node.ReadFileAsync(Key));
    }

    [Fact]
    public async Task More_files_than_a_page_of_a_list_holds_are_all_listed()
    {
        await using var node = new TestStorage(null, s3: server.Require());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1003), new ParallelOptions { MaxDegreeOfParallelism = 32 },
            async (i, _) => await node.StoreAsync($"scenes/a/made-masks/b/{i}.json", [1]));
        await node.StoreAsync("scenes/a/made-masks/other.json", [1]);

        Assert.Equal(1003, (await node.Files.ListAsync("scenes/a/made-masks/b", default)).Count);
        Assert.Equal(["scenes/a/made-masks/other.json"], await node.Files.ListAsync("scenes/a/made-masks", default));
    }

    [Fact]
    public async Task The_sweep_removes_what_no_record_names_and_nothing_outside_its_prefix()
    {
        S3StorageOptions bucket = server.Require();
        await using var node = new TestStorage(null, s3: bucket);
        await using var neighbour = new TestStorage(null, s3: bucket with { Prefix = bucket.Prefix + "-2" });
        await node.Database.MigrateAsync(default);
        await node.AddSceneAsync(key: Key);
        await node.StoreAsync(Key, Bytes(10));
        await node.StoreAsync("scenes/a/model-old.saga", Bytes(10));
        await neighbour.StoreAsync("scenes/a/model-old.saga", Bytes(10));
        await node.Files.CheckWritableAsync(default);

        Assert.Equal(0, await node.Sweep.SweepOrphansAsync(TimeSpan.FromHours(1), default));
        Assert.Equal(1, await node.Sweep.SweepOrphansAsync(TimeSpan.FromHours(-1), default));
        Assert.Equal(0, await node.Sweep.SweepUnfinishedAsync(TimeSpan.Zero, default));

        Assert.Equal([Key], await node.Files.EntriesAsync(default).Select(entry => entry.Key).ToListAsync());
        Assert.True(await neighbour.Files.ExistsAsync("scenes/a/model-old.saga", default));
    }

    [Fact]
    public async Task A_withdrawn_upload_is_an_upload_again_and_one_whose_process_ended_before_its_record_commits_again()
    {
        await using var node = new TestStorage(null, s3: server.Require());
        Guid id = Guid.CreateVersion7();
        node.Uploads.Create(new UploadDescription
        {
            Id = id,
            Kind = AssetKind.Gaussians,
            FileName = "a.ply",
            Length = 10,
            Lifetime = TimeSpan.FromHours(1),
        });
        using (OpenUpload upload = node.Uploads.Open(id)!)
        {
            await upload.AppendAsync(new MemoryStream(Bytes(10)), default);
            await using PendingFile file = await upload.FinishAsync(default);
            await file.CommitAsync(Key, default);
            await file.WithdrawAsync();
            Assert.False(await node.Files.ExistsAsync(Key, default));
            await file.CommitAsync(Key, default);
        }

        using OpenUpload again = node.Uploads.Open(id)!;
        Assert.True(again.Status!.IsComplete);
        await using PendingFile finished = await again.FinishAsync(default);
        await finished.CommitAsync(Key, default);
        Assert.Equal(Bytes(10), await node.ReadFileAsync(Key));
    }

    [Fact]
    public async Task A_backup_of_a_bucket_is_a_data_directory_with_a_folder()
    {
        await using var node = new TestStorage(null, s3: server.Require());
        await node.Database.MigrateAsync(default);
        await node.AddSceneAsync(key: Key);
        await node.StoreAsync(Key, Bytes(1000));
        using var copy = new TemporaryFolder();

        BackupResult result = await node.Backup.MakeAsync(Path.Combine(copy.Path, "backup"), default);

        Assert.Equal((1, 1, 1000L, 0), (result.Scenes, result.Files, result.Bytes, result.Missing.Count));
        await using var restored = new TestStorage(null, Path.Combine(copy.Path, "backup"));
        await restored.Database.MigrateAsync(default);
        await using SagaDbContext db = restored.Open();
        Assert.Equal(Bytes(1000), await restored.ReadFileAsync((await db.Assets.SingleAsync()).Key));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    [Fact]
    public async Task A_file_that_was_put_or_read_before_is_not_fetched_again_also_after_a_restart()
    {
        S3StorageOptions bucket = server.Require();
        await using FaultyProxy proxy = await FaultyProxy.StartAsync(bucket.Endpoint!);
        using var folder = new TemporaryFolder();
        await using (var node = new TestStorage(null, folder.Path, bucket with { Endpoint = proxy.Address }))
        {
            await node.StoreAsync(Key, Bytes(10));
            Assert.Equal(Bytes(10), await node.ReadFileAsync(Key));
        }

        await using (var node = new TestStorage(null, folder.Path, bucket with { Endpoint = proxy.Address }))
        {
            Assert.Equal(Bytes(10), await node.ReadFileAsync(Key));
        }

        Assert.DoesNotContain(proxy.Requests, request => request.StartsWith("GET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a secret that is wrong", null, "403 SignatureDoesNotMatch")]
    [InlineData(null, "no-such-bucket", "404 NoSuchBucket")]
    public async Task A_refusal_says_what_the_server_said_and_no_secret(string? secret, string? bucket, string expected)
    {
        S3StorageOptions right = server.Require();
        await using var node = new TestStorage(null, s3: right with
        {
            SecretKey = secret ?? right.SecretKey,
            Bucket = bucket ?? right.Bucket,
        });

        StoreUnavailableException error = await Assert.ThrowsAsync<StoreUnavailableException>(() => node.Files.CheckWritableAsync(default));
        StoreUnavailableException read = await Assert.ThrowsAsync<StoreUnavailableException>(() => node.Files.OpenAsync(Key, default));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, read.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret that is wrong", error.ToString(), StringComparison.Ordinal);
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(42).NextBytes(bytes);
        return bytes;
    }
}
