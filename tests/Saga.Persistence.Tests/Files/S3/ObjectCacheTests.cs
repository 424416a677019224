using Saga.Persistence.Files;
using Saga.Persistence.Files.S3;
using Saga.Tests;

namespace Saga.Persistence.Tests.Files.S3;

public sealed class ObjectCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _downloads;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Readers_of_many_files_never_lose_the_one_they_read_and_the_budget_holds()
    {
        const int files = 40;
        const long length = 1000;
        using var cache = new ObjectCache(_folder.Path, 8 * length);
        long most = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, token) =>
        {
            int file = i * 7919 % files;
            using LocalFile local = await cache.AcquireAsync($"scenes/{file}/a.bin", Download((byte)file, length), token);
            await Task.Yield();
            byte[] bytes = await File.ReadAllBytesAsync(local.Path, token);
            Assert.Equal(length, bytes.Length);
            Assert.All(bytes, b => Assert.Equal((byte)file, b));
            InterlockedMax(ref most, cache.Bytes);
        });

        Assert.InRange(_downloads, files, 2000);
        Assert.InRange(most, length, 8 * length);
        Assert.Equal(cache.Bytes, Copies().Sum(file => file.Length));
    }

    [Fact]
    public async Task The_least_recently_used_leaves_first()
    {
        using var cache = new ObjectCache(_folder.Path, 200);
        (await cache.AcquireAsync("a", Download(1, 100), default)).Dispose();
        (await cache.AcquireAsync("b", Download(2, 100), default)).Dispose();
        (await cache.AcquireAsync("a", Download(1, 100), default)).Dispose();
        (await cache.AcquireAsync("c", Download(3, 100), default)).Dispose();

        Assert.Equal(3, _downloads);
        (await cache.AcquireAsync("a", Download(1, 100), default)).Dispose();
        Assert.Equal(3, _downloads);
        (await cache.AcquireAsync("b", Download(2, 100), default)).Dispose();
        Assert.Equal(4, _downloads);
    }

    [Fact]
    public async Task What_is_in_use_stays_even_over_the_budget_and_one_larger_than_it_is_served_and_leaves()
    {
        using var cache = new ObjectCache(_folder.Path, 150);
        using LocalFile held = await cache.AcquireAsync("a", Download(1, 100), default);
        LocalFile large = await cache.AcquireAsync("b", Download(2, 1000), default);

        Assert.True(File.Exists(held.Path));
        Assert.Equal(1000, new FileInfo(large.Path).Length);
        Assert.Equal(1100, cache.Bytes);
        large.Dispose();
        large.Dispose();

        Assert.True(File.Exists(held.Path));
        Assert.False(File.Exists(large.Path));
        Assert.Equal(100, cache.Bytes);
    }

    [Fact]
    public async Task A_download_is_shared_and_does_not_end_with_one_of_those_who_wait()
    {
        using var cache = new ObjectCache(_folder.Path, 1000);
        var go = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        Task<LocalFile> first = cache.AcquireAsync("a", Wait, impatient.Token);
        Task<LocalFile>[] others = [.. Enumerable.Range(0, 10).Select(_ => cache.AcquireAsync("a", Wait, default))];
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        go.SetResult();

        foreach (LocalFile file in await Task.WhenAll(others))
        {
            file.Dispose();
        }

        Assert.Equal(1, _downloads);

        async Task Wait(string path, Action<long> announce, CancellationToken token)
        {
            await go.Task;
            await Download(1, 100)(path, announce, token);
        }
    }

    [Fact]
    public async Task A_download_that_fails_leaves_nothing_and_is_tried_again()
    {
        using var cache = new ObjectCache(_folder.Path, 1000);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => cache.AcquireAsync(
            "a",
            async (path, announce, token) =>
            {
                announce(100);
                await File.WriteAllBytesAsync(path, new byte[50], token);
                throw new StoreUnavailableException("gone");
            },
            default));

        Assert.Equal(0, cache.Bytes);
        Assert.Empty(Parts());
        (await cache.AcquireAsync("a", Download(1, 100), default)).Dispose();
        Assert.Equal(100, cache.Bytes);
    }

    [Fact]
    public async Task Copies_outlive_the_process_but_not_a_smaller_budget_nor_half_a_download()
    {
        using (var cache = new ObjectCache(_folder.Path, 1000))
        {
            foreach (string key in new[] { "a", "b", "c" })
            {
                (await cache.AcquireAsync(key, Download((byte)key[0], 100), default)).Dispose();
                FileInfo copy = Copies().Single(file => file.Name.EndsWith($"-{key}", StringComparison.Ordinal));
                copy.LastWriteTimeUtc = new DateTime(2020, 1, key[0] - 'a' + 1);
            }
        }

        Directory.CreateDirectory(Path.Combine(_folder.Path, "0", ".part"));
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "0", ".part", "left"), new byte[10]);
        using var again = new ObjectCache(_folder.Path, 200);
        (await again.AcquireAsync("c", Download((byte)'c', 100), default)).Dispose();
        (await again.AcquireAsync("b", Download((byte)'b', 100), default)).Dispose();

        Assert.Equal(3, _downloads);
        Assert.Equal(200, again.Bytes);
        Assert.Empty(Parts());
    }

    [Fact]
    public async Task Two_processes_have_copies_of_their_own()
    {
        using var one = new ObjectCache(_folder.Path, 100);
        using var other = new ObjectCache(_folder.Path, 100);
        using LocalFile held = await one.AcquireAsync("a", Download(1, 100), default);
        using LocalFile same = await other.AcquireAsync("a", Download(1, 100), default);
        (await other.AcquireAsync("b", Download(2, 100), default)).Dispose();

        Assert.NotEqual(held.Path, same.Path);
        Assert.Equal(2, Directory.GetDirectories(_folder.Path).Length);
        Assert.Equal(100, (await File.ReadAllBytesAsync(held.Path)).Length);
    }

    [Fact]
    public async Task A_deleted_file_is_forgotten_and_one_that_somebody_tidied_away_is_fetched_again()
    {
        using var cache = new ObjectCache(_folder.Path, 1000);
        (await cache.AcquireAsync("a", Download(1, 100), default)).Dispose();
        (await cache.AcquireAsync("b", Download(1, 100), default)).Dispose();
        cache.Forget("a");
        Assert.Equal(100, cache.Bytes);
        Copies().Single().Delete();

        using LocalFile again = await cache.AcquireAsync("b", Download(1, 100), default);

        Assert.True(File.Exists(again.Path));
        Assert.Equal(100, cache.Bytes);
    }

    [Fact]
    public void A_file_that_was_just_put_is_taken_over_where_it_fits()
    {
        using var cache = new ObjectCache(_folder.Path, 150);
        string small = Path.Combine(_folder.Path, "small");
        string large = Path.Combine(_folder.Path, "large");
        File.WriteAllBytes(small, new byte[100]);
        File.WriteAllBytes(large, new byte[200]);

        cache.Adopt("a", small);
        cache.Adopt("b", large);

        Assert.Equal(100, Assert.Single(Copies()).Length);
        Assert.Equal(100, cache.Bytes);
        Assert.False(File.Exists(small));
        Assert.False(File.Exists(large));
    }

    private IEnumerable<FileInfo> Copies() =>
        new DirectoryInfo(Path.Combine(_folder.Path, "0")).EnumerateFiles().Where(file => file.Name[0] != '.');

    private string[] Parts() =>
        [.. Directory.EnumerateDirectories(Path.Combine(_folder.Path, "0"), ".part").SelectMany(Directory.GetFiles)];

    private Func<string, Action<long>, CancellationToken, Task> Download(byte value, long length) => async (path, announce, token) =>
    {
        Interlocked.Increment(ref _downloads);
        announce(length);
        byte[] bytes = new byte[length];
        Array.Fill(bytes, value);
        await File.WriteAllBytesAsync(path, bytes, token);
    };

    private static void InterlockedMax(ref long most, long value)
    {
        for (long seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
