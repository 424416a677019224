using System.Diagnostics;
using System.Globalization;
using Saga.Cli.CommandLine;
using Saga.Cli.Evaluation;
using Saga.Cli.Service;

namespace Saga.Cli.Demo;

/// <summary><c>saga demo</c>: the main job of the service, shown on the sample over HTTP.</summary>
/// <remarks>(1) Start the service; (2) upload; (3) train; (4) click five objects at two scales; (5) leave it running, or stop it.</remarks>
public static class DemoCommand
{
    /// <summary>How to call it.</summary>
    public const string Usage =
        """
        demo [--exit]                             upload the sample, train it, click five objects, write pictures to out/
          --exit                      stop the service afterwards and remove what it stored
        """;

    private const int PreferredPort = 5080;

    private static readonly string[] Switches = ["exit"];

    /// <summary>Runs the command.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        bool exit = Arguments.Parse(args, Switches, [], []).Has("exit");
        int port = ServiceProcess.FreePort(exit ? 0 : PreferredPort);

        // On its usual port the demo keeps its scene, so that the next ./run can show it; elsewhere it leaves nothing behind.
        bool keep = !exit && port == PreferredPort;
        using TemporaryFolder? temporary = keep ? null : new TemporaryFolder();
        string data = temporary?.Path ?? Repository.PathOf("data", "demo");

        TextWriter output = Console.Out;
        output.WriteLine("1. Starting the service");
        await using ServiceProcess service = await ServiceProcess.StartAsync(data, port, cancellationToken);
        output.WriteLine($"  {service.Address} is ready (process {service.Id}, log {Shown(service.LogPath)})");

        using var client = new ServiceClient(service.Address);
        (SceneAnswer scene, SceneFolder files, LabeledScene labels) = await UploadAsync(client, output, cancellationToken);
        output.WriteLine("3. Training");
        double seconds = await Training.RunAsync(
            client, scene.Id, new TrainingRequest("balanced", null, 0), output, cancellationToken);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  trained in {seconds:0.0} s"));

        output.WriteLine("4. Clicking five objects at two scales, one point each");
        var clicks = new DemoClicks(client, scene.Id, files, labels, Repository.PathOf("out"));
        bool good = await clicks.RunAsync(output, cancellationToken);
        if (!good)
        {
            return 1;
        }

        if (!exit)
        {
            await StayAsync(service, scene.Id, clicks.Example!, keep ? data : null, output, cancellationToken);
        }

        return 0;
    }

    private static async Task<(SceneAnswer, SceneFolder, LabeledScene)> UploadAsync(
        ServiceClient client, TextWriter output, CancellationToken cancellationToken)
    {
        string folder = Repository.PathOf("samples", "playroom");
        output.WriteLine($"2. Uploading {Shown(folder)}");
        SceneFolder files = SceneFolder.Open(folder);
        LabeledScene labels = LabeledScene.Load(folder);
        long start = Stopwatch.GetTimestamp();
        SceneAnswer scene = await client.UploadAsync(files, cancellationToken);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {scene.GaussianCount} Gaussians, {scene.ViewCount} views, {scene.MaskCount} masks in {seconds:0.0} s"));
        return (scene, files, labels);
    }

    private static async Task StayAsync(
        ServiceProcess service, Guid sceneId, ExampleClick example, string? keptIn, TextWriter output,
        CancellationToken cancellationToken)
    {
        string body = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"view":{{example.View}},"points":[{"x":{{example.Prompt.X}},"y":{{example.Prompt.Y}},"positive":true}],"scale":{{example.Prompt.Scale}}}""");
        output.WriteLine();
        output.WriteLine($"The service is running at {service.Address}  (API: {service.Address}swagger)");
        output.WriteLine("Try a click of your own:");
        output.WriteLine($"  curl -s {service.Address}api/v1/scenes/{sceneId}/segment -H 'Content-Type: application/json' -d '{body}' | head -c 300");
        output.WriteLine($"Stop it with Ctrl+C, or: kill {Environment.ProcessId}");
        output.WriteLine(keptIn is null
            ? "What it stored is removed then."
            : $"Its scene stays in {Shown(keptIn)}; to serve it again: Saga__DataDirectory={Shown(keptIn)} ./run");
        await output.FlushAsync(cancellationToken);
        try
        {
            await service.WaitForExitAsync(cancellationToken);
            throw new ServiceException(0, "", $"The service ended by itself; its log is {service.LogPath}.");
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("Stopping the service");
        }
    }

    /// <summary>A path as its owner would type it in the clone.</summary>
    private static string Shown(string path) =>
        path.StartsWith(Repository.Root, StringComparison.Ordinal) ? Path.GetRelativePath(Repository.Root, path) : path;
}
