using System.Net.Http.Headers;
using System.Text.Json;

namespace Saga.Api.Tests.Scenes;

public sealed class SceneListTests
{
    [Fact]
    public async Task Scenes_are_listed_page_by_page_newest_first()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            (await service.PostAsync("/api/v1/scenes", new { name = $"scene {i}" })).Expect(201);
        }

        JsonElement page = await service.GetJsonAsync("/api/v1/scenes?page=2&pageSize=2");
        Assert.Equal((2, 2, 5), (
            page.GetProperty("page").GetInt32(), page.GetProperty("pageSize").GetInt32(), page.GetProperty("total").GetInt32()));
        Assert.Equal(["scene 2", "scene 1"], page.GetProperty("items").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal(0, (await service.GetJsonAsync("/api/v1/scenes?page=2147483647&pageSize=200")).GetProperty("items").GetArrayLength());
        await (await service.Client.GetAsync("/api/v1/scenes?page=0")).RefusedAsync(400, "invalid-request");
        await (await service.Client.GetAsync("/api/v1/scenes?pageSize=201")).RefusedAsync(400, "invalid-request");
        await (await service.Client.GetAsync("/api/v1/scenes?page=two")).RefusedAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Gaussians_are_served_in_ranges_with_an_entity_tag()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string path = $"/api/v1/scenes/{await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}/gaussians";

        using var range = new HttpRequestMessage(HttpMethod.Get, path);
        range.Headers.Range = new RangeHeaderValue(10, 19);
        using HttpResponseMessage part = (await service.Client.SendAsync(range)).Expect(206);
        Assert.Equal(TwoBlobs.Ply[10..20], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{TwoBlobs.Sha256(TwoBlobs.Ply)}\"", part.Headers.ETag!.Tag);
        Assert.Equal("blobs.ply", part.Content.Headers.ContentDisposition!.FileName);

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(part.Headers.ETag);
        (await service.Client.SendAsync(again)).Expect(304);
    }

    [Fact]
    public async Task What_is_missing_is_said_by_name()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string unknown = $"/api/v1/scenes/{Guid.NewGuid()}";
        foreach (string path in new[] { "", "/views", "/gaussians", "/model", "/render?view=0", "/selections" })
        {
            await (await service.Client.GetAsync(unknown + path)).RefusedAsync(404, "scene-not-found");
        }

        await (await service.Client.DeleteAsync(unknown)).RefusedAsync(404, "scene-not-found");
        await (await service.PutAsync($"{unknown}/gaussians", TwoBlobs.Ply)).RefusedAsync(404, "scene-not-found");
        await (await service.PutAsync($"{unknown}/model", TwoBlobs.Model)).RefusedAsync(404, "scene-not-found");

        string empty = (await (await service.PostAsync("/api/v1/scenes", new { name = "empty" })).JsonAsync(201)).GetProperty("id").GetString()!;
        await (await service.Client.GetAsync($"/api/v1/scenes/{empty}/gaussians")).RefusedAsync(404, "asset-missing");
        await (await service.Client.GetAsync($"/api/v1/scenes/{empty}/model")).RefusedAsync(409, "scene-not-trained");
        await (await service.Client.GetAsync($"/api/v1/scenes/{empty}/render?view=0")).RefusedAsync(404, "view-not-found");
        await (await service.PutAsync($"/api/v1/scenes/{empty}/model", TwoBlobs.Model)).RefusedAsync(409, "scene-empty");
        await (await service.PostAsync($"/api/v1/scenes/{empty}/selections", new { indices = Array.Empty<int>() })).RefusedAsync(409, "scene-empty");
    }
}
