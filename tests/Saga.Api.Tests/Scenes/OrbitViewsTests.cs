using System.Text.Json;
using Saga.Engine.Images;
using Saga.Persistence.Files;

namespace Saga.Api.Tests.Scenes;

public sealed class OrbitViewsTests : IAsyncLifetime
{
    private ServiceHost _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_scene_of_Gaussians_alone_has_views_that_can_be_drawn_and_prompted()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));

        JsonElement views = await _service.GetJsonAsync($"{scene}/views");

        Assert.InRange(views.GetArrayLength(), 16, 48);
        Assert.Equal("orbit_000", views[0].GetProperty("name").GetString());
        Assert.False(views[0].GetProperty("hasImage").GetBoolean());
        Assert.Equal(views.GetArrayLength(), (await _service.GetJsonAsync(scene)).GetProperty("viewCount").GetInt32());
        using HttpResponseMessage picture = (await _service.Client.GetAsync($"{scene}/render?view=0&width=160")).Expect(200);
        RgbImage drawn = ImageFile.Decode(await picture.Content.ReadAsByteArrayAsync());
        Assert.InRange(drawn.Pixels.Count(p => p > 60), 500, drawn.Pixels.Length / 2);
    }

    [Fact]
    public async Task Uploaded_cameras_take_the_place_of_made_ones_and_stay_when_the_Gaussians_are_replaced()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));

        (await _service.PutAsync($"{scene}/cameras", TwoBlobs.Cameras)).Expect(204);
        Assert.Equal("view_000", await FirstViewAsync(scene));
        (await _service.PutAsync($"{scene}/gaussians", TwoBlobs.Ply)).Expect(204);
        Assert.Equal("view_000", await FirstViewAsync(scene));
    }

    [Fact]
    public async Task New_Gaussians_get_new_views()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        string before = (await _service.GetJsonAsync($"{scene}/views"))[0].GetProperty("worldToCamera").GetRawText();
        float[][] moved = TwoBlobs.Records();
        foreach (float[] record in moved)
        {
            record[0] += 10;
        }

        (await _service.PutAsync($"{scene}/gaussians", TwoBlobs.WritePly(moved))).Expect(204);

        Assert.Equal("orbit_000", await FirstViewAsync(scene));
        Assert.NotEqual(before, (await _service.GetJsonAsync($"{scene}/views"))[0].GetProperty("worldToCamera").GetRawText());
    }

    [Fact]
    public async Task Masks_and_photos_of_other_views_wait_for_their_cameras()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        (await _service.PutAsync($"{scene}/masks", TwoBlobs.Masks)).Expect(204);
        (await _service.PutAsync($"{scene}/images", TwoBlobs.Images)).Expect(204);

        JsonElement waiting = await _service.GetJsonAsync(scene);
        Assert.Equal(0, waiting.GetProperty("maskCount").GetInt32());
        Assert.Equal(["images-without-view", "masks-unusable"], Problems(waiting).Order(StringComparer.Ordinal));

        (await _service.PutAsync($"{scene}/cameras", TwoBlobs.Cameras)).Expect(204);
        JsonElement complete = await _service.GetJsonAsync(scene);
        Assert.Equal((TwoBlobs.Views, 2 * TwoBlobs.Views), (
            complete.GetProperty("viewCount").GetInt32(), complete.GetProperty("maskCount").GetInt32()));
        Assert.Empty(Problems(complete));
    }

    [Fact]
    public async Task Masks_that_came_before_the_Gaussians_wait_for_their_cameras_too()
    {
        string scene = $"/api/v1/scenes/{(await (await _service.PostAsync("/api/v1/scenes", new { name = "x" })).JsonAsync(201)).GetProperty("id").GetString()}";
        (await _service.PutAsync($"{scene}/masks", TwoBlobs.Masks)).Expect(204);
        (await _service.PutAsync($"{scene}/gaussians", TwoBlobs.Ply)).Expect(204);

        Assert.Equal(["masks-unusable"], Problems(await _service.GetJsonAsync(scene)));
        await (await _service.PostTextAsync($"{scene}/jobs", """{"kind":"train","options":{"maskSource":"uploaded"}}""")).RefusedAsync(422, "masks-missing");
    }

    [Fact]
    public async Task Masks_of_the_made_views_are_taken_and_damaged_ones_are_refused()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        byte[] masks = TwoBlobs.Zip(("orbit_000.json", TwoBlobs.SamJson(1)), ("orbit_003.json", TwoBlobs.SamJson(1)));

        (await _service.PutAsync($"{scene}/masks", masks)).Expect(204);

        JsonElement with = await _service.GetJsonAsync(scene);
        Assert.Equal(4, with.GetProperty("maskCount").GetInt32());
        await (await _service.PutAsync($"{scene}/masks", TwoBlobs.Zip(("orbit_000.json", "[{"u8.ToArray())))).RefusedAsync(422, "invalid-masks");
    }

    [Fact]
    public async Task Photos_of_other_proportions_than_their_cameras_are_reported()
    {
        byte[] tall = ImageFile.EncodePng(new RgbImage(48, 64, new byte[48 * 64 * 3]));
        byte[] wide = ImageFile.EncodePng(new RgbImage(128, 96, new byte[128 * 96 * 3]));
        string scene = await CreateAsync(
            ("gaussians", TwoBlobs.Ply, "blobs.ply"), ("images", TwoBlobs.Zip(("view_001.png", tall), ("view_002.png", wide)), "images.zip"));

        (await _service.PutAsync($"{scene}/cameras", TwoBlobs.Cameras)).Expect(204);

        JsonElement problem = (await _service.GetJsonAsync(scene)).GetProperty("problems").EnumerateArray().Single();
        Assert.Equal("images-misshapen", problem.GetProperty("code").GetString());
        Assert.Contains("1 photos", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("view_001", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scene_of_Gaussians_alone_trains_and_a_click_selects_one_of_its_objects()
    {
        await using ServiceHost service = await ServiceHost.StartAsync("Saga:Worker:Enabled=true");
        string scene = $"/api/v1/scenes/{await service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}";
        object train = new { kind = "train", options = new { iterations = 200, raysPerIteration = 200, featureDimension = 16, maskSource = "auto" } };
        string job = (await (await service.PostAsync($"{scene}/jobs", train)).JsonAsync(202)).GetProperty("id").GetString()!;
        JsonElement done;
        do
        {
            await Task.Delay(200);
            done = await service.GetJsonAsync($"/api/v1/jobs/{job}");
        }
        while (done.GetProperty("state").GetString() is "queued" or "running");

        Assert.Equal("succeeded", done.GetProperty("state").GetString());
        JsonElement report = done.GetProperty("report");
        Assert.Equal("builtin", report.GetProperty("maskSource").GetString());
        Assert.InRange(report.GetProperty("viewsUsed").GetInt32(), 16, 48);

        JsonElement answer = await (await service.PostAsync($"{scene}/segment", new
        {
            camera = new { width = 64, height = 48, fx = 60, fy = 60, cx = 32, cy = 24, worldToCamera = new[] { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 4, 0, 0, 0, 1 } },
            points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } },
            scale = 0.9,
        })).JsonAsync(200);
        int[] selected = [.. answer.GetProperty("indices").EnumerateArray().Select(index => index.GetInt32())];
        Assert.InRange(selected.Count(index => index < TwoBlobs.Half), TwoBlobs.Half * 9 / 10, TwoBlobs.Half);
        Assert.InRange(selected.Count(index => index >= TwoBlobs.Half), 0, TwoBlobs.Half / 10);
    }

    [Fact]
    public async Task A_deleted_scene_leaves_no_file()
    {
        string scene = await CreateAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"));
        string folder = Path.Combine(_service.Get<FileStore>().Root, "scenes", scene.Split('/')[^1]);
        Assert.Contains(Directory.EnumerateFiles(folder), file => Path.GetFileName(file).StartsWith("orbit-", StringComparison.Ordinal));

        (await _service.Client.DeleteAsync(scene)).Expect(204);

        Assert.False(Directory.Exists(folder));
    }

    private static string[] Problems(JsonElement scene) =>
        [.. scene.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("code").GetString()!)];

    private async Task<string> FirstViewAsync(string scene) =>
        (await _service.GetJsonAsync($"{scene}/views"))[0].GetProperty("name").GetString()!;

    private async Task<string> CreateAsync(params (string Part, byte[] Bytes, string FileName)[] files) =>
        $"/api/v1/scenes/{await _service.CreateSceneAsync(files)}";
}
