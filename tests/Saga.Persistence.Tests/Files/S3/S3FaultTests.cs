using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Saga.Persistence.Files;
using Saga.Persistence.Files.S3;
using Saga.Tests;

namespace Saga.Persistence.Tests.Files.S3;

/// <summary>An object store that goes away, answers 5xx, cuts connections and damages bytes.</summary>
public sealed class S3FaultTests(S3Server server) : IClassFixture<S3Server>, IAsyncLifetime
{
    private const string Key = "scenes/a/gaussians-1.ply";
    private const int Length = 3_000_000;

    private readonly byte[] _content = Bytes(Length);
    private FaultyProxy _proxy = null!;
    private S3StorageOptions _bucket = null!;
    private TestStorage _node = null!;

    public async ValueTask InitializeAsync()
    {
        _bucket = server.Require();
        _proxy = await FaultyProxy.StartAsync(_bucket.Endpoint!);
        _node = new TestStorage(null, s3: _bucket with { Endpoint = _proxy.Address });
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
            await _proxy.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_is_down_is_said_to_be_and_all_goes_on_when_it_is_back()
    {
        await using var node = new TestStorage(null, s3: server.RequireOwn());
        await node.Files.CheckWritableAsync(default);
        await server.StopAsync();
        long start = Stopwatch.GetTimestamp();

        StoreUnavailableException check = await Assert.ThrowsAsync<StoreUnavailableException>(() => node.Files.CheckWritableAsync(default));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 5);
        await using PendingFile pending = await node.Files.StageAsync(new MemoryStream(_content), long.MaxValue, default);
        StoreUnavailableException put = await Assert.ThrowsAsync<StoreUnavailableException>(() => pending.CommitAsync(Key, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => node.Files.OpenAsync(Key, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => node.Files.DeleteAsync(Key, default));
        await server.StartAsync();

        Assert.Contains("The object store", check.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be reached", put.Message, StringComparison.Ordinal);
        await pending.CommitAsync(Key, default);
        Assert.Equal(_content, await node.ReadFileAsync(Key));
    }

    [Fact]
    public async Task A_server_that_is_busy_for_a_moment_is_asked_again()
    {
        int refused = 0;
        _proxy.Break = _ => Interlocked.Increment(ref refused) % 3 == 0 ? null : new Fault(Status: 503);

        await _node.StoreAsync(Key, _content);
        await _node.Files.DeleteAsync(Key, default);

        Assert.InRange(refused, 9, 12);
    }

    [Fact]
    public async Task A_server_that_hangs_is_not_waited_for_by_who_asks_whether_it_works()
    {
        var never = new TaskCompletionSource();
        _proxy.Break = _ =>
        {
            never.Task.Wait(TimeSpan.FromSeconds(20));
            return null;
        };
        long start = Stopwatch.GetTimestamp();

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => _node.Files.CheckWritableAsync(default));
        never.SetResult();

        Assert.Contains("did not answer in time", error.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 2, 5);
    }

    [Fact]
    public async Task A_download_that_is_cut_off_goes_on_where_it_was()
    {
        await PutPastProxyAsync(_content);
        int cuts = 0;
        _proxy.Break = request => HttpMethods.IsGet(request.Method) && cuts++ < 3 ? new Fault(CutAnswerAfter: 700_000) : null;

        Assert.Equal(_content, await _node.ReadFileAsync(Key));

        string[] ranges =
            [.. _proxy.Requests.Select(request => request.Split(' ')).Where(parts => parts.Length > 2).Select(parts => parts[2])];
        Assert.Equal(3, ranges.Length);
        Assert.All(ranges, range => Assert.Matches("^bytes=[1-9][0-9]*-$", range));
    }

    [Fact]
    public async Task A_download_that_is_always_cut_off_ends_and_leaves_nothing()
    {
        await PutPastProxyAsync(_content);
        _proxy.Break = request => HttpMethods.IsGet(request.Method) ? new Fault(CutAnswerAfter: 20_000) : null;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _node.Files.OpenAsync(Key, default));

        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_node.Folder, "cache", "0", ".part")));
        _proxy.Break = _ => null;
        Assert.Equal(_content, await _node.ReadFileAsync(Key));
    }

    [Fact]
    public async Task Bytes_that_were_damaged_on_the_way_are_fetched_again()
    {
        await PutPastProxyAsync(_content);
        int gets = 0;
        _proxy.Break = request => HttpMethods.IsGet(request.Method) && gets++ == 0 ? new Fault(FlipAt: 1_234_567) : null;

        Assert.Equal(_content, await _node.ReadFileAsync(Key));
        Assert.Equal(2, gets);
    }

    [Theory]
    [InlineData("rots")]
    [InlineData("is cut short")]
    [InlineData("rots and says no hash")]
    public async Task An_object_that_is_damaged_where_it_lies_is_found_and_named(string how)
    {
        _ = server.RequireOwn();
        await PutPastProxyAsync(_content);
        string[] files = Directory.GetFiles(Path.Combine(server.ObjectFolder, _bucket.Prefix), "*", SearchOption.AllDirectories);
        string path = files.Single(file => file.EndsWith("object", StringComparison.Ordinal));
        await using (FileStream bytes = File.Open(path, FileMode.Open))
        {
            bytes.Position = Length / 2;
            bytes.WriteByte((byte)~_content[Length / 2]);
            bytes.SetLength(how == "is cut short" ? Length / 2 : Length);
        }

        // As a file that another tool brought: only its ETag says what it was.
        bool hasHash = how != "rots and says no hash";
        if (!hasHash)
        {
            File.Delete(files.Single(file => file.EndsWith("metadata.json", StringComparison.Ordinal)));
        }

        DamagedFileException error = await Assert.ThrowsAsync<DamagedFileException>(() => _node.Files.OpenAsync(Key, default));

        Assert.Contains(Key, error.Message, StringComparison.Ordinal);
        Assert.Equal(hasHash, error.Message.Contains(Convert.ToHexStringLower(SHA256.HashData(_content)), StringComparison.Ordinal));
        Assert.Equal(0, CachedFiles(_node));
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(70 << 20)]
    public async Task A_put_that_is_cut_off_is_tried_again(int length)
    {
        int cuts = 0;
        _proxy.Break = request => HttpMethods.IsPut(request.Method) && cuts++ < 2 ? new Fault(CutRequestAfter: 1_000_000) : null;
        byte[] content = Bytes(length);

        await _node.StoreAsync(Key, content);

        await using var other = new TestStorage(null, s3: _bucket);
        byte[] found = await other.ReadFileAsync(Key);
        Assert.True(content.AsSpan().SequenceEqual(found));
    }

    [Theory]
    [InlineData(Length)]
    [InlineData(70 << 20)]
    public async Task A_put_that_ends_midway_leaves_nothing_to_be_seen(int length)
    {
        // Of the last part, when the others have arrived.
        int puts = 0;
        _proxy.Break = request => HttpMethods.IsDelete(request.Method) ? new Fault(Status: 403)
            : HttpMethods.IsPut(request.Method) && (length == Length || Interlocked.Increment(ref puts) > 4)
                ? new Fault(CutRequestAfter: 1_000_000) : null;
        PendingFile pending = await _node.Files.StageAsync(new MemoryStream(Bytes(length)), long.MaxValue, default);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => pending.CommitAsync(Key, default));

        await using var other = new TestStorage(null, s3: _bucket);
        Assert.False(await other.Files.ExistsAsync(Key, default));
        Assert.Empty(await other.Files.EntriesAsync(default).ToListAsync());
        await pending.DisposeAsync();
        Assert.Equal(0, CachedFiles(_node));
    }

    [Fact]
    public async Task What_a_put_in_parts_left_that_was_killed_is_swept_when_it_is_old()
    {
        _ = server.RequireOther();
        _proxy.Break = request => HttpMethods.IsDelete(request.Method) ? new Fault(Status: 403)
            : HttpMethods.IsPut(request.Method) ? new Fault(CutRequestAfter: 1_000_000) : null;
        await using PendingFile pending = await _node.Files.StageAsync(new MemoryStream(Bytes(70 << 20)), long.MaxValue, default);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => pending.CommitAsync(Key, default));
        _proxy.Break = _ => null;

        Assert.Equal(0, await _node.Sweep.SweepUnfinishedAsync(TimeSpan.FromHours(1), default));
        Assert.Equal(1, await _node.Sweep.SweepUnfinishedAsync(TimeSpan.FromHours(-1), default));
        Assert.Equal(0, await _node.Sweep.SweepUnfinishedAsync(TimeSpan.FromHours(-1), default));
    }

    private static int CachedFiles(TestStorage node)
    {
        var cache = new DirectoryInfo(Path.Combine(node.Folder, "cache", "0"));
        return cache.Exists ? cache.EnumerateFiles().Count(file => file.Name[0] != '.') : 0;
    }

    private async Task PutPastProxyAsync(byte[] content)
    {
        await using var writer = new TestStorage(null, s3: _bucket);
        await writer.StoreAsync(Key, content);
    }

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(42).NextBytes(bytes);
        return bytes;
    }
}
