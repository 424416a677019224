using System.Text.Json;
using Saga.Tests;

namespace Saga.Api.Tests.Faults;

/// <summary>What clients see while the service's disk is full or read-only: scenes in memory answer, the rest says what fails, and all is well afterwards.</summary>
public sealed class BrokenDiskTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly object Prompt = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale = 0.5 };

    [Fact]
    public async Task With_records_and_files_on_a_full_disk_prompts_go_on_and_everything_that_writes_is_refused()
    {
        using SmallDisk disk = SmallDisk.Require(16);
        await using ServiceHost service = await ServiceHost.StartInAsync(disk.Path, false, "Saga:Limits:MinFreeBytes=0");
        await CheckAsync(service, disk.Fill, disk.Free, isDatabaseOnIt: true);
    }

    [Fact]
    public async Task With_files_on_a_read_only_disk_records_are_still_kept()
    {
        using SmallDisk disk = SmallDisk.Require(16);
        await using ServiceHost service = await ServiceHost.StartInAsync(
            disk.Path, false, "Saga:Limits:MinFreeBytes=0", $"Saga:Database={server.Require()}");
        await CheckAsync(service, () => disk.Remount(readOnly: true), () => disk.Remount(readOnly: false), isDatabaseOnIt: false);
    }

    private static async Task CheckAsync(ServiceHost service, Action breakIt, Action mendIt, bool isDatabaseOnIt)
    {
        string id = await service.CreateReadySceneAsync();
        string path = $"/api/v1/scenes/{id}";
        byte[] before = await MaskAsync(service, path);

        breakIt();
        Assert.Equal(before, await MaskAsync(service, path));
        await AssertRefusedAsync(await service.PutAsync($"{path}/gaussians", TwoBlobs.Ply));
        await AssertRefusedAsync(await service.PutAsync($"{path}/model", TwoBlobs.ModelWithParts));
        using (HttpResponseMessage kept = await service.PostAsync($"{path}/selections", new { name = "a", indices = new[] { 1, 2 } }))
        {
            if (isDatabaseOnIt)
            {
                await kept.RefusedAsync(503, "database-unavailable");
                Assert.NotNull(kept.Headers.RetryAfter);
            }
            else
            {
                kept.Expect(201);
            }
        }

        JsonElement ready = await (await service.Client.GetAsync("/health/ready")).JsonAsync(503);
        Assert.Equal("failed", ready.GetProperty("checks").GetProperty("storage").GetProperty("status").GetString());
        Assert.Equal("ready", (await service.GetJsonAsync(path)).GetProperty("state").GetString());

        mendIt();
        Assert.Equal(before, await MaskAsync(service, path));
        (await service.PutAsync($"{path}/model", TwoBlobs.ModelWithParts)).Expect(204);
        (await service.PostAsync($"{path}/selections", new { name = "b", indices = new[] { 1, 2 } })).Expect(201);
        await (await service.Client.GetAsync("/health/ready")).JsonAsync(200);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.True((int)answer.StatusCode is 503 or 507, $"{answer.StatusCode}");
            string code = (await answer.JsonAsync((int)answer.StatusCode)).GetProperty("code").GetString()!;
            Assert.Contains(code, new[] { "storage-unavailable", "storage-full", "disk-full", "database-unavailable" });
        }
    }

    private static async Task<byte[]> MaskAsync(ServiceHost service, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}/segment")
        {
            Content = System.Net.Http.Json.JsonContent.Create(Prompt),
        };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage answer = await service.Client.SendAsync(request);
        return await answer.Expect(200).Content.ReadAsByteArrayAsync();
    }
}
