using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Saga.Persistence.Files.S3;
using Saga.Tests;

namespace Saga.Api.Tests.Faults;

/// <summary>Two API nodes with folders of their own, one database and one bucket; and a bucket that goes away, or rots.</summary>
public sealed class ObjectStoreTests(PostgresServer database, S3Server bucket) : IClassFixture<PostgresServer>, IClassFixture<S3Server>
{
    private static readonly object Prompt =
        new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.5 };

    [Fact]
    public async Task What_one_node_was_given_the_other_answers_from()
    {
        string[] settings = Settings(bucket.Require());
        await using ServiceHost one = await ServiceHost.StartAsync(settings);
        await using ServiceHost other = await ServiceHost.StartAsync(settings);
        string path = $"/api/v1/scenes/{await one.CreateReadySceneAsync()}";

        Assert.Equal(await SelectedAsync(one, path), await SelectedAsync(other, path));
        Assert.Equal(TwoBlobs.Ply, await other.Client.GetByteArrayAsync($"{path}/gaussians"));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"{path}/gaussians");
        part.Headers.Range = new RangeHeaderValue(100, 199);
        using HttpResponseMessage answer = (await other.Client.SendAsync(part)).Expect(206);
        Assert.Equal(TwoBlobs.Ply[100..200], await answer.Content.ReadAsByteArrayAsync());

        (await other.Client.DeleteAsync(path)).Expect(204);
        Assert.Empty(await one.Get<Saga.Persistence.Files.FileStore>().EntriesAsync(CancellationToken.None).ToListAsync());
    }

    [Fact]
    public async Task While_the_bucket_is_away_scenes_in_memory_answer_and_everything_else_says_so_at_once()
    {
        await using ServiceHost service = await ServiceHost.StartAsync(Settings(bucket.RequireOwn()));
        string known = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        string cold = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        int before = await SelectedAsync(service, known);
        DropCopies(service);
        await bucket.StopAsync();
        long start = Stopwatch.GetTimestamp();

        Assert.Equal(before, await SelectedAsync(service, known));
        await AssertUnavailableAsync(await service.PostAsync($"{cold}/segment", Prompt));
        await AssertUnavailableAsync(await service.PutAsync($"{known}/model", TwoBlobs.ModelWithParts));
        await AssertUnavailableAsync(await service.PostFormAsync("x", ("gaussians", TwoBlobs.Ply, "a.ply")));
        await AssertUnavailableAsync(await service.Client.GetAsync($"{cold}/gaussians"));
        JsonElement ready = await (await service.Client.GetAsync("/health/ready")).JsonAsync(503);
        JsonElement storage = ready.GetProperty("checks").GetProperty("storage");
        Assert.Equal("failed", storage.GetProperty("status").GetString());
        Assert.Contains("object store", storage.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (await service.Client.GetAsync("/health/live")).Expect(200);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 40);

        await bucket.StartAsync();
        Assert.Equal(before, await SelectedAsync(service, cold));
        (await service.PutAsync($"{known}/model", TwoBlobs.ModelWithParts)).Expect(204);
        await (await service.Client.GetAsync("/health/ready")).JsonAsync(200);
    }

    [Fact]
    public async Task A_file_that_rots_in_the_bucket_is_not_answered_from()
    {
        S3StorageOptions options = bucket.RequireOwn();
        await using ServiceHost service = await ServiceHost.StartAsync(Settings(options));
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        DropCopies(service);
        string model = Assert.Single(Directory.GetFiles(
            Path.Combine(bucket.ObjectFolder, options.Prefix), "model-*object", SearchOption.AllDirectories));
        await using (FileStream bytes = File.Open(model, FileMode.Open))
        {
            bytes.Position = bytes.Length / 2;
            int value = bytes.ReadByte();
            bytes.Position--;
            bytes.WriteByte((byte)~value);
        }

        using HttpResponseMessage answer = await service.PostAsync($"{path}/segment", Prompt);

        string text = await answer.Expect(500).Content.ReadAsStringAsync();
        Assert.Contains("\"file-damaged\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SHA", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_keeps_the_service_from_starting()
    {
        Saga.Api.Hosting.StartupException error = await Assert.ThrowsAsync<Saga.Api.Hosting.StartupException>(
            () => ServiceHost.StartAsync(
                "Saga:Storage:S3:Bucket=b", "Saga:Storage:S3:Endpoint=nowhere", "Saga:Storage:S3:SecretKey=hidden"));

        Assert.Contains("Saga:Storage:S3:", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", error.ToString(), StringComparison.Ordinal);
    }

    private string[] Settings(S3StorageOptions options) =>
    [
        $"Saga:Database={database.Require()}",
        $"{S3StorageOptions.Section}:Bucket={options.Bucket}",
        $"{S3StorageOptions.Section}:Endpoint={options.Endpoint}",
        $"{S3StorageOptions.Section}:Prefix={options.Prefix}",
        $"{S3StorageOptions.Section}:AccessKey={options.AccessKey}",
        $"{S3StorageOptions.Section}:SecretKey={options.SecretKey}",
    ];

    private static void DropCopies(ServiceHost service)
    {
        foreach (FileInfo copy in new DirectoryInfo(Path.Combine(service.Folder, "cache", "0")).GetFiles())
        {
            if (copy.Name[0] != '.')
            {
                copy.Delete();
            }
        }
    }

    private static async Task<int> SelectedAsync(ServiceHost service, string path)
    {
        using HttpResponseMessage answer = await service.PostAsync($"{path}/segment", Prompt);
        return (await answer.JsonAsync(200)).GetProperty("selectedCount").GetInt32();
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.NotNull(answer.Headers.RetryAfter);
            await answer.RefusedAsync(503, "storage-unavailable");
        }
    }
}
