using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Saga.Benchmarks.Service;

/// <summary>Many watchers of one scene: how long until each has heard of a change.</summary>
internal static class Watchers
{
    private const int Changes = 20;
    private const int ConnectedAtOnce = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task MeasureAsync(HttpClient http, Uri address, Guid scene, int count, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        var hubs = new List<HubConnection>();
        long[] heardAt = new long[count];
        int[] versions = new int[count];
        try
        {
            for (int first = 0; first < count; first += ConnectedAtOnce)
            {
                await Task.WhenAll(Enumerable.Range(first, Math.Min(ConnectedAtOnce, count - first)).Select(async i =>
                {
                    HubConnection hub = new HubConnectionBuilder().WithUrl(new Uri(address, "hubs/progress")).Build();
                    hub.On<JsonElement>("sceneChanged", changed =>
                    {
                        Volatile.Write(ref versions[i], changed.GetProperty("selectionsVersion").GetInt32());
                        Volatile.Write(ref heardAt[i], Stopwatch.GetTimestamp());
                    });
                    await hub.StartAsync(cancellationToken);
                    await hub.InvokeAsync("WatchScene", scene, cancellationToken);
                    lock (hubs)
                    {
                        hubs.Add(hub);
                    }
                }));
            }

            double connecting = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var delays = new List<double>();
            int lost = 0;
            for (int change = 0; change < Changes; change++)
            {
                int before = versions.Max();
                start = Stopwatch.GetTimestamp();
                using HttpResponseMessage kept = await http.PostAsJsonAsync(
                    new Uri($"/api/v1/scenes/{scene}/selections", UriKind.Relative), new { name = $"{change}", indices = new[] { change } }, cancellationToken);
                kept.EnsureSuccessStatusCode();
                long patience = Stopwatch.GetTimestamp();
                while (Enumerable.Range(0, count).Any(i => Volatile.Read(ref versions[i]) <= before) && Stopwatch.GetElapsedTime(patience) < Patience)
                {
                    await Task.Delay(5, cancellationToken);
                }

                lost += versions.Count(version => version <= before);
                delays.AddRange(heardAt.Select(at => Stopwatch.GetElapsedTime(start, at).TotalMilliseconds).Where(delay => delay > 0));
            }

            double[] ascending = [.. delays.Order()];
            Console.WriteLine(FormattableString.Invariant(
                $"{count} watchers connected in {connecting:0.0} s; {Changes} changes heard after p50 {LatencyTable.Percentile(ascending, 0.5):0} ms, p99 {LatencyTable.Percentile(ascending, 0.99):0} ms, last {ascending[^1]:0} ms; {lost} not heard"));
        }
        finally
        {
            await Task.WhenAll(hubs.Select(async hub => await hub.DisposeAsync()));
        }
    }
}
