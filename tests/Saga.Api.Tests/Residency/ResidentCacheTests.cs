using Saga.Api.Residency;

namespace Saga.Api.Tests.Residency;

public sealed class ResidentCacheTests
{
    [Fact]
    public async Task A_load_in_progress_is_shared_by_all_that_wait()
    {
        var cache = new ResidentCache<string, object>(100);
        using var gate = new ManualResetEventSlim();
        int loads = 0;
        Task<ResidentCache<string, object>.Lease>[] waiting = [.. Enumerable.Range(0, 10).Select(_ => cache.AcquireAsync(
            "a",
            10,
            () =>
            {
                gate.Wait();
                return (new object(), 10L + Interlocked.Increment(ref loads) - 1);
            },
            CancellationToken.None).AsTask())];
        gate.Set();
        ResidentCache<string, object>.Lease[] leases = await Task.WhenAll(waiting);
        Assert.Equal(1, loads);
        Assert.All(leases, lease => Assert.Same(leases[0].Value, lease.Value));
        Assert.Equal(10, cache.Bytes);
    }

    [Fact]
    public async Task The_least_recently_used_leaves_first_and_never_one_with_a_lease()
    {
        var cache = new ResidentCache<string, object>(100);
        ResidentCache<string, object>.Lease leased = await LoadAsync(cache, "leased", 40);
        (await LoadAsync(cache, "old", 30)).Dispose();
        (await LoadAsync(cache, "young", 30)).Dispose();
        (await LoadAsync(cache, "old", 30)).Dispose();
        (await LoadAsync(cache, "new", 30)).Dispose();
        Assert.Equal(100, cache.Bytes);

        int loads = 0;
        (await LoadAsync(cache, "leased", 40, () => loads++)).Dispose();
        (await LoadAsync(cache, "old", 30, () => loads++)).Dispose();
        Assert.Equal(0, loads);
        (await LoadAsync(cache, "young", 30, () => loads++)).Dispose();
        Assert.Equal(1, loads);
        leased.Dispose();
    }

    [Fact]
    public async Task What_grows_while_leased_is_counted_and_makes_others_leave()
    {
        var cache = new ResidentCache<string, object>(100);
        (await LoadAsync(cache, "other", 50)).Dispose();
        ResidentCache<string, object>.Lease growing = await LoadAsync(cache, "growing", 40);

        growing.Recount(80);

        Assert.Equal(80, cache.Bytes);
        Assert.Equal(("growing", 80L, growing.Value), Assert.Single(cache.Contents()));
        growing.Dispose();
        Assert.Equal(80, cache.Bytes);
        cache.Forget(_ => true);
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task What_is_disposable_is_disposed_once_when_its_last_lease_has_ended()
    {
        var cache = new ResidentCache<string, Counted>(100);
        Task<ResidentCache<string, Counted>.Lease> AcquireAsync(string key, Counted value) =>
            cache.AcquireAsync(key, 60, () => (value, 60L), CancellationToken.None).AsTask();
        Counted evicted = new(), forgotten = new(), leased = new();
        (await AcquireAsync("evicted", evicted)).Dispose();
        (await AcquireAsync("forgotten", forgotten)).Dispose();
        Assert.Equal((1, 0), (evicted.Disposals, forgotten.Disposals));

        cache.Forget(_ => true);
        Assert.Equal(1, forgotten.Disposals);

        ResidentCache<string, Counted>.Lease lease = await AcquireAsync("leased", leased);
        cache.Forget(_ => true);
        Assert.Equal(0, leased.Disposals);
        lease.Dispose();
        lease.Dispose();
        Assert.Equal((1, 1, 1), (leased.Disposals, evicted.Disposals, forgotten.Disposals));
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_disposed_when_it_is_loaded()
    {
        var cache = new ResidentCache<string, Counted>(100);
        using var gate = new ManualResetEventSlim();
        using var giveUp = new CancellationTokenSource();
        Counted value = new();
        Task<ResidentCache<string, Counted>.Lease> waiting = cache.AcquireAsync(
            "late",
            10,
            () =>
            {
                gate.Wait();
                return (value, 10L);
            },
            giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        cache.Forget(_ => true);
        gate.Set();

        Assert.True(SpinWait.SpinUntil(() => value.Disposals == 1, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task What_is_larger_than_the_budget_is_served_and_dropped_on_release()
    {
        var cache = new ResidentCache<string, object>(100);
        ResidentCache<string, object>.Lease large = await LoadAsync(cache, "large", 500);
        Assert.Equal(500, cache.Bytes);
        large.Dispose();
        large.Dispose();
        Assert.Equal(0, cache.Bytes);
    }

    [Fact]
    public async Task A_failed_load_is_tried_again_by_the_next_caller()
    {
        var cache = new ResidentCache<string, object>(100);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.AcquireAsync(
            "a", 10, () => throw new InvalidOperationException("damaged"), CancellationToken.None).AsTask());
        Assert.Equal(0, cache.Bytes);
        using ResidentCache<string, object>.Lease lease = await LoadAsync(cache, "a", 10);
        Assert.Equal(10, cache.Bytes);
    }

    [Fact]
    public async Task Whoever_stops_waiting_leaves_no_trace_in_the_count()
    {
        var cache = new ResidentCache<string, object>(100);
        using var gate = new ManualResetEventSlim();
        using var patience = new CancellationTokenSource();
        Task<ResidentCache<string, object>.Lease> waiting = cache.AcquireAsync(
            "a",
            10,
            () =>
            {
                gate.Wait();
                return (new object(), 60L);
            },
            patience.Token).AsTask();
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        cache.Forget(_ => true);
        gate.Set();
        (await LoadAsync(cache, "b", 20)).Dispose();
        Assert.Equal(20, cache.Bytes);
    }

    [Fact]
    public async Task A_forgotten_value_stays_until_its_last_lease_ends()
    {
        var cache = new ResidentCache<string, object>(100);
        ResidentCache<string, object>.Lease old = await LoadAsync(cache, "a", 10);
        cache.Forget(key => key == "a");
        ResidentCache<string, object>.Lease fresh = await LoadAsync(cache, "a", 10);
        Assert.NotSame(old.Value, fresh.Value);
        Assert.Equal(20, cache.Bytes);
        old.Dispose();
        Assert.Equal(10, cache.Bytes);
        fresh.Dispose();
        Assert.Equal(10, cache.Bytes);
    }

    [Fact]
    public async Task The_count_comes_out_even_after_many_threads()
    {
        var cache = new ResidentCache<int, object>(50);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), async (i, token) =>
        {
            using ResidentCache<int, object>.Lease lease = await cache.AcquireAsync(i * 7 % 13, 5, () => (new object(), 10L), token);
            if (i % 50 == 0)
            {
                cache.Forget(key => key == i % 13);
            }
        });
        Assert.InRange(cache.Bytes, 0, 50);
        cache.Forget(_ => true);
        Assert.Equal(0, cache.Bytes);
    }

    private static async Task<ResidentCache<string, object>.Lease> LoadAsync(
        ResidentCache<string, object> cache, string key, long bytes, Action? loaded = null) =>
        await cache.AcquireAsync(
            key,
            bytes,
            () =>
            {
                loaded?.Invoke();
                return (new object(), bytes);
            },
            CancellationToken.None);

    private sealed class Counted : IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}

/// <summary>Loads that have nothing to wait for.</summary>
internal static class ResidentCacheCalls
{
    public static ValueTask<ResidentCache<TKey, TValue>.Lease> AcquireAsync<TKey, TValue>(
        this ResidentCache<TKey, TValue> cache, TKey key, long estimatedBytes, Func<(TValue Value, long Bytes)> load, CancellationToken cancellationToken)
        where TKey : notnull
        where TValue : class =>
        cache.AcquireAsync(key, estimatedBytes, () => Task.FromResult(load()), cancellationToken);
}
