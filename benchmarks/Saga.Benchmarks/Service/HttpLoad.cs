using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Segmentation;
using Saga.Cli.CommandLine;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Rasterization;

namespace Saga.Benchmarks.Service;

/// <summary>
/// <c>bench http</c>: the built service as a child process under load over loopback, with a model that nobody trained.
/// </summary>
/// <remarks>
/// (1) Upload scene and model. (2) Restart: ready, the first answer of a process that has loaded nothing, and the first hundred.
/// (3) Warm up, then load by each number of clients. (4) Restart with no room for resident scenes: every prompt loads its scene. Clients and service share
/// the machine's cores.
/// </remarks>
internal static class HttpLoad
{
    private const int Points = 64;
    private const int EvictedPrompts = 6;
    private const string BudgetVariable = "Saga__Residency__MaxBytes";
    private const int FirstPrompts = 100;

    // The runtime replaces its first, slow code for a method in the background, some hundred calls after the start.
    private const int WarmUpBlocks = 10;
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["gaussians", "requests", "clients"], []);
        int gaussians = (int)(arguments.Whole("gaussians", 1, 100_000_000) ?? 1_000_000);
        int requests = (int)(arguments.Whole("requests", 1, 1_000_000) ?? 500);
        int[] clientCounts = BenchmarkStages.Counts("clients", arguments.Text("clients") ?? "1,8,32");

        using var folder = new TemporaryFolder();
        string data = Path.Combine(folder.Path, "data");
        (Guid sceneId, List<(int, PixelPosition)> points, double upload, string model) =
            await UploadAsync(gaussians, folder.Path, data, cancellationToken);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        Console.WriteLine(MachineDescription.ToMarkdown());
        Console.WriteLine($"Prompts over loopback: {gaussians} Gaussians, {SyntheticModel.Dimension} channels, one point, a new scale each time, bit mask out; {model}");
        Console.WriteLine();
        Console.WriteLine(LatencyTable.Header);
        long start = Stopwatch.GetTimestamp();
        double ready;
        PromptAnswer first;
        long resident;
        long peak;
        double bytesPerGaussian;
        double allocated;
        await using (ServiceProcess service = await ServiceProcess.StartAsync(data, ServiceProcess.FreePort(), cancellationToken))
        {
            ready = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            using var client = new PromptClient(service.Address, sceneId, points);
            first = await client.SendAsync(cancellationToken);
            await MeasureAsync("1, right after the start", client, 1, FirstPrompts, cancellationToken);
            long warmUp = Stopwatch.GetTimestamp();
            for (int block = 0; block < WarmUpBlocks && Stopwatch.GetElapsedTime(warmUp) < WarmUpLimit; block++)
            {
                await LoadAsync(client, 1, FirstPrompts, cancellationToken);
            }

            foreach (int clients in clientCounts)
            {
                await MeasureAsync($"{clients}", client, clients, requests, cancellationToken);
            }

            (long before, bytesPerGaussian) = await ResidencyAsync(service.Address, cancellationToken);
            await LoadAsync(client, 1, FirstPrompts, cancellationToken);
            allocated = ((await ResidencyAsync(service.Address, cancellationToken)).Allocated - before) / (double)FirstPrompts;
            using Process process = Process.GetProcessById(service.Id);
            (resident, peak) = (process.WorkingSet64, process.PeakWorkingSet64);
        }

        double[] evicted = await EvictedAsync(data, sceneId, points, cancellationToken);
        Console.WriteLine();
        Console.WriteLine("| what | figure |");
        Console.WriteLine("|---|---|");
        Row("start of the service to ready, ms, to 100", $"{ready:0}");
        Row("upload of scene and model, checked, s", $"{upload:0.0}");
        Row("first answer of a new process, ms", $"{first.Milliseconds:0}");
        Row("of that, loading the scene, ms", $"{first.Timing["load"]:0}");
        Row("evicted scene to answer in a warm process, median ms", $"{LatencyTable.Percentile(evicted, 0.5):0}");
        Row("memory of the resident scene, bytes a Gaussian", $"{bytesPerGaussian:0.0}");
        Row("allocated by the service for a prompt, KB", $"{allocated / 1000:0.0}");
        Row("memory of the service with the scene resident, MiB", $"{resident >> 20}");
        Row("largest memory of the service, MiB", $"{peak >> 20}");
        Console.WriteLine();
    }

    private static async Task<(Guid SceneId, List<(int, PixelPosition)> Points, double Seconds, string Model)> UploadAsync(
        int gaussians, string folder, string data, CancellationToken cancellationToken)
    {
        string files = Path.Combine(folder, "scene");
        string modelPath = Path.Combine(folder, "scene.saga");
        ScaledScene scene = ScaledScene.Create(gaussians);
        ScaledSceneFolder.Write(scene, files);
        AffinityModel synthetic = SyntheticModel.Create(scene.Gaussians);
        using (FileStream file = File.Create(modelPath))
        {
            AffinityModelFile.Write(file, synthetic, scene.Gaussians, cancellationToken);
        }

        string described = UndecidedBlocks.Describe(scene, synthetic);

        List<(int, PixelPosition)> points =
            [.. VisiblePixels.Of(scene, Points).Select(p => (scene.Views.ToList().IndexOf(p.View), p.Pixel))];

        await using ServiceProcess service = await ServiceProcess.StartAsync(data, ServiceProcess.FreePort(), cancellationToken);
        using var client = new ServiceClient(service.Address);
        long start = Stopwatch.GetTimestamp();
        SceneAnswer uploaded = await client.UploadAsync(SceneFolder.Open(files) with { Masks = null }, cancellationToken);
        using var http = new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromMinutes(10) };
        using var model = new StreamContent(File.OpenRead(modelPath));
        model.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage response = await http.PutAsync(
            new Uri($"/api/v1/scenes/{uploaded.Id}/model", UriKind.Relative), model, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (uploaded.Id, points, Stopwatch.GetElapsedTime(start).TotalSeconds, described);
    }

    private static async Task MeasureAsync(
        string label, PromptClient client, int clients, int requests, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<PromptAnswer> answers = await LoadAsync(client, clients, requests, cancellationToken);
        Console.WriteLine(LatencyTable.Row(label, answers, Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    private static async Task<IReadOnlyList<PromptAnswer>> LoadAsync(
        PromptClient client, int clients, int requests, CancellationToken cancellationToken)
    {
        var answers = new ConcurrentQueue<PromptAnswer>();
        int left = requests;
        async Task SendAllAsync()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                answers.Enqueue(await client.SendAsync(cancellationToken));
            }
        }

        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => SendAllAsync()));
        return [.. answers];
    }

    private static async Task<(long Allocated, double BytesPerGaussian)> ResidencyAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = address };
        JsonElement residency = await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/residency", UriKind.Relative), cancellationToken);
        return (
            residency.GetProperty("allocatedBytes").GetInt64(), residency.GetProperty("scenes")[0].GetProperty("bytesPerGaussian").GetDouble());
    }

    private static async Task<double[]> EvictedAsync(
        string data, Guid sceneId, List<(int, PixelPosition)> points, CancellationToken cancellationToken)
    {
        // The child inherits the variable. What exceeds the whole budget is served and dropped at once.
        Environment.SetEnvironmentVariable(BudgetVariable, "1");
        try
        {
            await using ServiceProcess service = await ServiceProcess.StartAsync(data, ServiceProcess.FreePort(), cancellationToken);
            using var client = new PromptClient(service.Address, sceneId, points);
            IReadOnlyList<PromptAnswer> answers = await LoadAsync(client, 1, EvictedPrompts, cancellationToken);

            // The first one also compiled the code.
            return [.. answers.Skip(1).Select(a => a.Milliseconds).Order()];
        }
        finally
        {
            Environment.SetEnvironmentVariable(BudgetVariable, null);
        }
    }

    private static void Row(string what, FormattableString figure) =>
        Console.WriteLine($"| {what} | {FormattableString.Invariant(figure)} |");
}
