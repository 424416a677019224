using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Rasterization;

namespace Saga.Benchmarks.Service;

/// <summary>
/// <c>bench soak</c>: the built service with more scenes than fit its memory, prompted for long, watched by many; its memory over time.
/// </summary>
/// <remarks>
/// (1) Upload the same small scene and model again and again. (2) Connect watchers of one scene, change it, and time until the last has
/// heard. (3) Clients prompt scenes at random; a tenth of them all the time, so that the budget has something to keep. Every so often
/// the service's memory is written down. Ends with 1 when a prompt was answered by anything else than a mask.
/// </remarks>
internal static class Soak
{
    private const string BudgetVariable = "Saga__Residency__MaxBytes";
    private const int Points = 16;
    private const int Rows = 20;

    /// <summary>The first minutes fill caches and the collector's generations.</summary>
    private const double SettledShare = 0.25;

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["scenes", "resident", "clients", "seconds", "watchers", "gaussians"], []);
        int scenes = (int)(arguments.Whole("scenes", 1, 100_000) ?? 1000);
        int resident = (int)(arguments.Whole("resident", 1, 100_000) ?? 100);
        int clients = (int)(arguments.Whole("clients", 1, 1000) ?? 32);
        int seconds = (int)(arguments.Whole("seconds", 1, 86_400) ?? 600);
        int watchers = (int)(arguments.Whole("watchers", 0, 10_000) ?? 1000);
        int gaussians = (int)(arguments.Whole("gaussians", 100, 10_000_000) ?? 20_000);

        using var folder = new TemporaryFolder();
        var scene = ScaledScene.Create(gaussians);
        string budget = (resident * 120L * gaussians).ToString(CultureInfo.InvariantCulture);
        Environment.SetEnvironmentVariable(BudgetVariable, budget);
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            Path.Combine(folder.Path, "data"), ServiceProcess.FreePort(), cancellationToken);
        Environment.SetEnvironmentVariable(BudgetVariable, null);

        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Soak: {scenes} scenes of {gaussians} Gaussians, memory for {resident}, {clients} clients for {seconds} s, {watchers} watchers");
        Console.WriteLine();
        using var http = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromMinutes(2) };
        IReadOnlyList<Guid> ids = await UploadAsync(http, scene, scenes, folder.Path, cancellationToken);
        if (watchers > 0)
        {
            await Watchers.MeasureAsync(http, service.Address, ids[0], watchers, cancellationToken);
        }

        List<(int, PixelPosition)> points =
            [.. VisiblePixels.Of(scene, Points).Select(p => (scene.Views.ToList().IndexOf(p.View), p.Pixel))];
        var run = new Run(service, http, ids, points, clients, TimeSpan.FromSeconds(seconds));
        return await run.PromptAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<Guid>> UploadAsync(
        HttpClient http, ScaledScene scene, int count, string folder, CancellationToken cancellationToken)
    {
        string files = Path.Combine(folder, "scene");
        ScaledSceneFolder.Write(scene, files);
        byte[] ply = await File.ReadAllBytesAsync(Path.Combine(files, "gaussians.ply"), cancellationToken);
        byte[] cameras = await File.ReadAllBytesAsync(Path.Combine(files, "cameras.json"), cancellationToken);
        using var model = new MemoryStream();
        AffinityModelFile.Write(model, SyntheticModel.Create(scene.Gaussians), scene.Gaussians, cancellationToken);
        var ids = new List<Guid>();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent($"scene {i}"), "name" },
                { new ByteArrayContent(cameras), "cameras", "cameras.json" },
                { new ByteArrayContent(ply), "gaussians", "gaussians.ply" },
            };
            using HttpResponseMessage created = await http.PostAsync(new Uri("/api/v1/scenes", UriKind.Relative), form, cancellationToken);
            created.EnsureSuccessStatusCode();
            ids.Add((await created.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetGuid());
            using var body = new ByteArrayContent(model.ToArray());
            body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            using HttpResponseMessage put = await http.PutAsync(
                new Uri($"/api/v1/scenes/{ids[i]}/model", UriKind.Relative), body, cancellationToken);
            put.EnsureSuccessStatusCode();
        }

        double uploading = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        JsonElement page = await http.GetFromJsonAsync<JsonElement>(
            new Uri("/api/v1/scenes?page=2&pageSize=100", UriKind.Relative), cancellationToken);
        Console.WriteLine(FormattableString.Invariant(
            $"{count} scenes uploaded in {uploading:0} s; a page of {page.GetProperty("items").GetArrayLength()} of {page.GetProperty("total")} listed in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms"));
        return ids;
    }

    /// <summary>The prompts, and what the service's memory is meanwhile.</summary>
    private sealed class Run(
        ServiceProcess service, HttpClient http, IReadOnlyList<Guid> ids, IReadOnlyList<(int View, PixelPosition Pixel)> points, int clients, TimeSpan duration)
    {
        private readonly ConcurrentQueue<double> _times = [];
        private readonly ConcurrentDictionary<int, int> _refused = [];
        private readonly List<double> _memory = [];
        private int _answered;

        public async Task<int> PromptAsync(CancellationToken cancellationToken)
        {
            Console.WriteLine();
            Console.WriteLine("| s | prompts/s | p50 ms | p99 ms | service MiB | resident MiB | loads | evictions | refused |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
            long start = Stopwatch.GetTimestamp();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task[] working = [.. Enumerable.Range(0, clients).Select(client => Task.Run(() => ClientAsync(client, stop.Token), CancellationToken.None))];
            for (int row = 1; row <= Rows; row++)
            {
                TimeSpan wait = (duration * row / Rows) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
                await WriteRowAsync(Stopwatch.GetElapsedTime(start), cancellationToken);
            }

            await stop.CancelAsync();
            await Task.WhenAll(working);
            double[] settled = [.. _memory.Skip((int)(SettledShare * _memory.Count))];
            double half = settled.Length / 2;
            double before = settled.Take((int)half).Order().ElementAt((int)half / 2);
            double after = settled.Skip((int)half).Order().ElementAt((settled.Length - (int)half) / 2);
            Console.WriteLine();
            Console.WriteLine(FormattableString.Invariant(
                $"{_answered} masks, {_refused.Values.Sum()} other answers ({string.Join(", ", _refused.Select(r => $"{r.Value} × {r.Key}"))}); median memory of the later half against the earlier, after the first quarter: {after:0} and {before:0} MiB"));
            return _refused.IsEmpty ? 0 : 1;
        }

        private async Task ClientAsync(int client, CancellationToken cancellationToken)
        {
            var random = new Random(client);
            for (int number = 0; !cancellationToken.IsCancellationRequested; number++)
            {
                int scene = random.NextDouble() < 0.5 ? random.Next(Math.Max(1, ids.Count / 10)) : random.Next(ids.Count);
                (int view, PixelPosition pixel) = points[random.Next(points.Count)];
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/scenes/{ids[scene]}/segment")
                {
                    Content = JsonContent.Create(new { view, points = new[] { new { x = pixel.X, y = pixel.Y } }, scale = random.NextDouble() }),
                };
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
                long start = Stopwatch.GetTimestamp();
                try
                {
                    using HttpResponseMessage answer = await http.SendAsync(request, cancellationToken);
                    await answer.Content.ReadAsByteArrayAsync(cancellationToken);
                    if (answer.IsSuccessStatusCode)
                    {
                        Interlocked.Increment(ref _answered);
                        _times.Enqueue(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    }
                    else
                    {
                        _refused.AddOrUpdate((int)answer.StatusCode, 1, (_, count) => count + 1);
                    }
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return;
                }
                catch (HttpRequestException)
                {
                    _refused.AddOrUpdate(0, 1, (_, count) => count + 1);
                }
            }
        }

        private async Task WriteRowAsync(TimeSpan at, CancellationToken cancellationToken)
        {
            var times = new List<double>();
            while (_times.TryDequeue(out double time))
            {
                times.Add(time);
            }

            double[] ascending = [.. times.Order()];
            string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
            using Process process = Process.GetProcessById(service.Id);
            _memory.Add(process.WorkingSet64 / 1048576.0);
            Console.WriteLine(FormattableString.Invariant(
                $"| {at.TotalSeconds:0} | {ascending.Length / (duration.TotalSeconds / Rows):0} | {Share(ascending, 0.5):0.0} | {Share(ascending, 0.99):0.0} | {_memory[^1]:0} | {Metric(metrics, "saga_resident_size_bytes") / 1048576:0} | {Metric(metrics, "saga_resident_load_duration_seconds_count"):0} | {Metric(metrics, "saga_resident_evictions_total"):0} | {_refused.Values.Sum()} |"));
        }

        private static double Share(double[] ascending, double share) =>
            ascending.Length == 0 ? 0 : LatencyTable.Percentile(ascending, share);

        private static double Metric(string metrics, string name) => metrics.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }
}
