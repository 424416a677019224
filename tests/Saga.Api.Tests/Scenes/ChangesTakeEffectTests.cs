using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Saga.Api.Scenes;
using Saga.Tests;

namespace Saga.Api.Tests.Scenes;

/// <summary>A scene that just answered a prompt is changed: the next prompt is answered by what it is now.</summary>
public sealed class ChangesTakeEffectTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    private static readonly object Click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } };

    [Fact]
    public async Task A_deleted_scene_answers_404_at_once()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string path = await ReadyAsync(service);
        (await service.Client.DeleteAsync(path)).Expect(204);
        await (await service.PostAsync($"{path}/segment", Click)).RefusedAsync(404, "scene-not-found");
        await (await service.Client.GetAsync($"{path}/gaussians")).RefusedAsync(404, "scene-not-found");
    }

    [Fact]
    public async Task A_replaced_model_and_replaced_files_count_at_once()
    {
        await using ServiceHost service = await ServiceHost.StartAsync();
        string path = await ReadyAsync(service);
        for (int swap = 0; swap < 5; swap++)
        {
            (await service.PutAsync($"{path}/model", TwoBlobs.WriteModel(TwoBlobs.Ply, TwoBlobs.Count))).Expect(204);
            Assert.Equal(TwoBlobs.Count, await SelectedAsync(service, path));
            (await service.PutAsync($"{path}/model", TwoBlobs.Model)).Expect(204);
            Assert.Equal(TwoBlobs.Half, await SelectedAsync(service, path));
        }

        // Cameras that look the other way see nothing where the ball was.
        (await service.PutAsync($"{path}/cameras", TwoBlobs.CameraJson(_ => [[-1, 0, 0], [0, 1, 0], [0, 0, -1]]))).Expect(204);
        await (await service.PostAsync($"{path}/segment", Click)).RefusedAsync(422, "point-on-background");

        (await service.PutAsync($"{path}/gaussians", TwoBlobs.WritePly(TwoBlobs.Records()[..100]))).Expect(204);
        await (await service.PostAsync($"{path}/segment", Click)).RefusedAsync(409, "scene-not-trained");
    }

    [Fact]
    public async Task What_another_process_changes_counts_as_soon_as_it_is_heard()
    {
        string database = server.Require();
        await using ServiceHost first = await ServiceHost.StartAsync($"Saga:Database={database}");
        await using ServiceHost second = await ServiceHost.StartInAsync(first.Folder, false, $"Saga:Database={database}");
        string path = await ReadyAsync(first);
        Assert.Equal(TwoBlobs.Half, await SelectedAsync(second, path));

        (await first.PutAsync($"{path}/model", TwoBlobs.WriteModel(TwoBlobs.Ply, TwoBlobs.Count))).Expect(204);
        await HeardAsync(async () => await SelectedAsync(second, path) == TwoBlobs.Count);

        (await first.Client.DeleteAsync(path)).Expect(204);
        await HeardAsync(async () =>
            (await second.PostAsync($"{path}/segment", Click)).StatusCode == HttpStatusCode.NotFound);
    }

    /// <summary>Well before the maximum age: by the announcement, not by asking again.</summary>
    private static async Task HeardAsync(Func<Task<bool>> changed)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await changed())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < SceneCatalog.MaxAge / 2, "The change was not heard.");
            await Task.Delay(5);
        }
    }

    /// <summary>A scene that has answered a prompt, and is remembered.</summary>
    private static async Task<string> ReadyAsync(ServiceHost service)
    {
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        Assert.Equal(TwoBlobs.Half, await SelectedAsync(service, path));
        return path;
    }

    private static async Task<int> SelectedAsync(ServiceHost service, string path)
    {
        JsonElement answer = await (await service.PostAsync($"{path}/segment", Click)).JsonAsync(200);
        return answer.GetProperty("selectedCount").GetInt32();
    }
}
