using System.Diagnostics;
using System.Text.Json;

namespace Saga.Api.Tests.Uploads;

/// <summary>tus-js-client, as it is published and as the page uses it, under Node against this service.</summary>
public sealed class TusJsClientTests
{
    [Fact]
    public async Task The_published_client_is_cut_off_and_goes_on()
    {
        byte[] ply = TwoBlobs.WritePly([.. Enumerable.Repeat(TwoBlobs.Records(), 50).SelectMany(records => records)]);
        await using ServiceHost service = await ServiceHost.StartAsync();
        string file = Path.Combine(service.Folder, "blobs.ply");
        await File.WriteAllBytesAsync(file, ply);
        JsonElement told = await RunAsync($"{service.Address}/api/v1/uploads", file, "gaussians");

        long cutAt = told.GetProperty("cutAt").GetInt64();
        Assert.InRange(cutAt, ply.Length / 3, ply.Length - 1);
        Assert.InRange(told.GetProperty("wentOnTo").GetInt64(), cutAt + 1, cutAt + 2 * told.GetProperty("chunkSize").GetInt64());
        Assert.Equal(ply.Length, told.GetProperty("ended").GetInt64());
        (await service.Client.TusAsync(HttpMethod.Head, PathOf(told, "givenUp"), null)).Expect(404);

        string upload = PathOf(told, "url");
        using HttpResponseMessage head = await service.Client.TusAsync(HttpMethod.Head, upload, null);
        Assert.Contains(TusCalls.Metadata(("note", "ünïcode")), head.Header("Upload-Metadata"), StringComparison.Ordinal);
        string scene = await service.Client.EmptySceneAsync();
        (await service.Client.AttachAsync(scene, upload)).Expect(204);
        Assert.Equal(ply, await service.Client.GetByteArrayAsync($"/api/v1/scenes/{scene}/gaussians"));
    }

    private static string PathOf(JsonElement told, string name) => new Uri(told.GetProperty(name).GetString()!).AbsolutePath;

    private static async Task<JsonElement> RunAsync(params string[] arguments)
    {
        string packages = Path.Combine(Repository(), "src", "Saga.Api", "Page", "node_modules");
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "tus-client.mjs"), packages, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, $"node ended with {node.ExitCode}: {await errors}");
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>The build installs the page's packages there; building this project builds the page.</summary>
    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SagaService.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException($"There is no SagaService.sln above {AppContext.BaseDirectory}.");
    }
}
