using System.Net.Http.Headers;
using System.Text.Json;
using Saga.Engine.Images;
using Saga.Tests;

namespace Saga.Api.Tests;

/// <summary>What a user does from the upload to the selection, over real HTTP, on each database.</summary>
public abstract class MainFlowTests
{
    private protected abstract Task<ServiceHost> StartAsync(params string[] settings);

    [Fact]
    public async Task A_scene_is_uploaded_gets_a_model_answers_a_click_and_is_deleted()
    {
        await using ServiceHost service = await StartAsync();

        // Upload.
        using HttpResponseMessage created = await service.PostFormAsync("Two blobs", TwoBlobs.AllFiles);
        JsonElement scene = await created.JsonAsync(201);
        string path = $"/api/v1/scenes/{scene.GetProperty("id").GetString()}";
        Assert.Equal(path, created.Headers.Location!.OriginalString);
        Assert.Equal("Two blobs", scene.GetProperty("name").GetString());
        Assert.Equal("uploaded", scene.GetProperty("state").GetString());
        Assert.Equal(TwoBlobs.Count, scene.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(TwoBlobs.Views, scene.GetProperty("viewCount").GetInt32());
        Assert.Equal(2 * TwoBlobs.Views, scene.GetProperty("maskCount").GetInt32());
        Assert.Equal(JsonValueKind.Null, scene.GetProperty("model").ValueKind);
        Assert.Equal(0, scene.GetProperty("problems").GetArrayLength());
        Assert.InRange(scene.GetProperty("bounds").GetProperty("min")[0].GetSingle(), -1.4f, -1.2f);
        Assert.InRange(scene.GetProperty("bounds").GetProperty("max")[0].GetSingle(), 1.2f, 1.4f);

        JsonElement views = await service.GetJsonAsync($"{path}/views");
        Assert.Equal(TwoBlobs.Views, views.GetArrayLength());
        Assert.Equal("view_001", views[1].GetProperty("name").GetString());
        Assert.Equal(16, views[1].GetProperty("worldToCamera").GetArrayLength());
        Assert.Equal([true, false, true, false], views.EnumerateArray().Select(view => view.GetProperty("hasImage").GetBoolean()));
        Assert.All(views.EnumerateArray(), view => Assert.Equal(2, view.GetProperty("maskCount").GetInt32()));

        // Not trained yet.
        object click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY, positive = true } }, scale = 0.5 };
        await (await service.PostAsync($"{path}/segment", click)).RefusedAsync(409, "scene-not-trained");

        // A model, and back as it came.
        (await service.PutAsync($"{path}/model", TwoBlobs.Model)).Expect(204);
        scene = await service.GetJsonAsync(path);
        Assert.Equal("ready", scene.GetProperty("state").GetString());
        JsonElement model = scene.GetProperty("model");
        Assert.Equal(8, model.GetProperty("featureDimension").GetInt32());
        Assert.Equal(7, model.GetProperty("iterations").GetInt32());
        Assert.Equal("2025-01-02T03:04:05", model.GetProperty("trainedAt").GetString()![..19]);
        Assert.Equal(2.0, model.GetProperty("scaleKnots").GetProperty("max").GetDouble());
        Assert.Equal(TwoBlobs.Model, await service.Client.GetByteArrayAsync($"{path}/model"));

        // A click, as indices and as bits.
        JsonElement answer = await (await service.PostAsync($"{path}/segment", click)).JsonAsync(200);
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Half), answer.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32()));
        Assert.Equal(TwoBlobs.Half, answer.GetProperty("selectedCount").GetInt32());
        Assert.Equal(TwoBlobs.Count, answer.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(0.75, answer.GetProperty("threshold").GetDouble(), 1e-6);
        Assert.InRange(answer.GetProperty("pointFeatures")[0].GetProperty("alpha").GetDouble(), 0.5, 1);
        Assert.True(answer.GetProperty("timings").GetProperty("totalMs").GetDouble() > 0);

        byte[] bits = await SegmentAsBitsAsync(service, $"{path}/segment", click);
        Assert.Equal((TwoBlobs.Count + 7) / 8, bits.Length);
        for (int i = 0; i < TwoBlobs.Count; i++)
        {
            Assert.Equal(i < TwoBlobs.Half, (bits[i / 8] >> (i % 8) & 1) != 0);
        }

        // Keep it, look at it.
        JsonElement selection = await (await service.PostAsync(
            $"{path}/selections", new { name = "left", bitmask = Convert.ToBase64String(bits) })).JsonAsync(201);
        string selectionId = selection.GetProperty("id").GetString()!;
        Assert.Equal(TwoBlobs.Half, selection.GetProperty("selectedCount").GetInt32());
        byte[] maskPng = await service.Client.GetByteArrayAsync($"{path}/views/1/mask?selection={selectionId}");
        RgbImage mask = ImageFile.Decode(maskPng);
        Assert.Equal((TwoBlobs.Width, TwoBlobs.Height), (mask.Width, mask.Height));
        Assert.Equal(255, PixelAt(mask, (int)TwoBlobs.LeftX, (int)TwoBlobs.MiddleY));
        Assert.Equal(0, PixelAt(mask, (int)TwoBlobs.RightX, (int)TwoBlobs.MiddleY));
        Assert.Equal(1, maskPng[24]);   // bit depth in the PNG's header

        // Gone with everything.
        (await service.Client.DeleteAsync(path)).Expect(204);
        await (await service.Client.GetAsync(path)).RefusedAsync(404, "scene-not-found");
        await (await service.PostAsync($"{path}/segment", click)).RefusedAsync(404, "scene-not-found");
        string files = Path.Combine(service.Folder, "store", "scenes");
        Assert.Empty(Directory.Exists(files) ? Directory.EnumerateFiles(files, "*", SearchOption.AllDirectories) : []);
    }

    [Fact]
    public async Task An_empty_scene_is_filled_file_by_file_in_any_order()
    {
        await using ServiceHost service = await StartAsync();
        JsonElement scene = await (await service.PostAsync("/api/v1/scenes", new { name = "later" })).JsonAsync(201);
        string path = $"/api/v1/scenes/{scene.GetProperty("id").GetString()}";
        Assert.Equal("empty", scene.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, scene.GetProperty("bounds").ValueKind);
        Assert.Equal(0, (await service.GetJsonAsync($"{path}/views")).GetArrayLength());

        (await service.PutAsync($"{path}/masks", TwoBlobs.Masks)).Expect(204);
        Assert.Equal(8, (await service.GetJsonAsync(path)).GetProperty("maskCount").GetInt32());
        (await service.PutAsync($"{path}/images", TwoBlobs.Images)).Expect(204);
        Assert.Equal("empty", (await service.GetJsonAsync(path)).GetProperty("state").GetString());
        (await service.PutAsync($"{path}/cameras", TwoBlobs.Cameras)).Expect(204);
        (await service.PutAsync($"{path}/gaussians", TwoBlobs.Ply, "..%2Fsc%C3%A8ne.ply")).Expect(204);

        scene = await service.GetJsonAsync(path);
        Assert.Equal("uploaded", scene.GetProperty("state").GetString());
        Assert.Equal((300, 4, 8), (
            scene.GetProperty("gaussianCount").GetInt32(), scene.GetProperty("viewCount").GetInt32(), scene.GetProperty("maskCount").GetInt32()));

        using HttpResponseMessage download = await service.Client.GetAsync($"{path}/gaussians");
        Assert.Equal(TwoBlobs.Ply, await download.Content.ReadAsByteArrayAsync());
        Assert.Equal("scène.ply", download.Content.Headers.ContentDisposition!.FileNameStar);

        // What a program asks before it downloads.
        using HttpResponseMessage head = (await service.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"{path}/gaussians"))).Expect(200);
        Assert.Equal(TwoBlobs.Ply.Length, head.Content.Headers.ContentLength);
        Assert.Equal(download.Headers.ETag, head.Headers.ETag);
        Assert.Equal(download.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Contains("bytes", head.Headers.AcceptRanges);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task New_gaussians_drop_the_model_and_the_selections_that_spoke_of_the_old_ones()
    {
        await using ServiceHost service = await StartAsync();
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        (await service.PostAsync($"{path}/selections", new { indices = new[] { 299 } })).Expect(201);
        (await service.PutAsync($"{path}/gaussians", TwoBlobs.WritePly(TwoBlobs.Records()[..100]))).Expect(204);

        JsonElement scene = await service.GetJsonAsync(path);
        Assert.Equal("uploaded", scene.GetProperty("state").GetString());
        Assert.Equal(100, scene.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(JsonValueKind.Null, scene.GetProperty("model").ValueKind);
        Assert.Equal(0, (await service.GetJsonAsync($"{path}/selections")).GetProperty("total").GetInt32());
        await (await service.PostAsync(
            $"{path}/segment", new { view = 1, points = new[] { new { x = 17, y = 24 } } })).RefusedAsync(409, "scene-not-trained");
        await (await service.PutAsync($"{path}/model", TwoBlobs.Model)).RefusedAsync(422, "invalid-model");
    }

    [Fact]
    public async Task A_scene_is_trained_on_its_masks_and_answers_clicks()
    {
        await using ServiceHost service = await StartAsync("Saga:Worker:Enabled=true");
        string path = $"/api/v1/scenes/{await service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        object train = new { kind = "train", options = new { iterations = 60, raysPerIteration = 300, featureDimension = 16, seed = 1 } };
        string jobPath = (await service.PostAsync($"{path}/jobs", train)).Expect(202).Headers.Location!.OriginalString;

        JsonElement job = await EndOfJobAsync(service, jobPath);
        Assert.True(job.GetProperty("state").GetString() == "succeeded", job.GetRawText());
        Assert.Equal(1, job.GetProperty("progress").GetDouble());
        Assert.Equal(60, job.GetProperty("iterations").GetInt32());
        JsonElement report = job.GetProperty("report");
        Assert.True(report.GetProperty("viewsUsed").GetInt32() > 0);
        Assert.True(report.GetProperty("stageSeconds").GetProperty("contrastive loss").GetDouble() >= 0);
        JsonElement scene = await service.GetJsonAsync(path);
        Assert.Equal("ready", scene.GetProperty("state").GetString());
        Assert.Equal(60, scene.GetProperty("model").GetProperty("iterations").GetInt32());
        Assert.Equal(16, scene.GetProperty("model").GetProperty("featureDimension").GetInt32());

        foreach ((double x, int first) in new[] { (TwoBlobs.LeftX, 0), (TwoBlobs.RightX, TwoBlobs.Half) })
        {
            JsonElement answer = await (await service.PostAsync(
                $"{path}/segment", new { view = 1, points = new[] { new { x, y = TwoBlobs.MiddleY } }, scale = 0.5 })).JsonAsync(200);
            int[] indices = [.. answer.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())];
            int hits = indices.Count(i => i >= first && i < first + TwoBlobs.Half);
            double iou = hits / (double)(TwoBlobs.Half + indices.Length - hits);
            Assert.True(iou > 0.9, $"IoU {iou:0.00} with {indices.Length} selected");
        }
    }

    [Fact]
    public async Task A_running_training_is_canceled_within_seconds()
    {
        await using ServiceHost service = await StartAsync("Saga:Worker:Enabled=true");
        string path = $"/api/v1/scenes/{await service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        object endless = new { kind = "train", options = new { iterations = 1_000_000 } };
        string jobPath = (await service.PostAsync($"{path}/jobs", endless)).Expect(202).Headers.Location!.OriginalString;
        while ((await service.GetJsonAsync(jobPath)).GetProperty("iteration").GetInt32() == 0)
        {
            await Task.Delay(50);
        }

        await (await service.PutAsync($"{path}/masks", TwoBlobs.Masks)).RefusedAsync(409, "job-running");
        (await service.PostAsync($"{jobPath}/cancel", new { })).Expect(202);
        Assert.Equal("canceled", (await EndOfJobAsync(service, jobPath)).GetProperty("state").GetString());
        Assert.Equal("uploaded", (await service.GetJsonAsync(path)).GetProperty("state").GetString());
    }

    private static async Task<JsonElement> EndOfJobAsync(ServiceHost service, string jobPath)
    {
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < 120_000; await Task.Delay(50))
        {
            JsonElement job = await service.GetJsonAsync(jobPath);
            if (job.GetProperty("state").GetString() is "succeeded" or "failed" or "canceled")
            {
                return job;
            }
        }

        throw new TimeoutException($"{jobPath} did not end.");
    }

    private static async Task<byte[]> SegmentAsBitsAsync(ServiceHost service, string path, object prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = System.Net.Http.Json.JsonContent.Create(prompt) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/octet-stream"));
        using HttpResponseMessage response = (await service.Client.SendAsync(request)).Expect(200);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("300", response.Headers.GetValues("X-Gaussian-Count").Single());
        Assert.Equal("150", response.Headers.GetValues("X-Selected-Count").Single());
        Assert.Contains("match;dur=", response.Headers.GetValues("Server-Timing").Single(), StringComparison.Ordinal);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static byte PixelAt(RgbImage image, int x, int y) => image.Pixels[3 * (y * image.Width + x)];
}

public sealed class SqliteMainFlowTests : MainFlowTests
{
    private protected override Task<ServiceHost> StartAsync(params string[] settings) => ServiceHost.StartAsync(settings);
}

public sealed class PostgresMainFlowTests(PostgresServer server) : MainFlowTests, IClassFixture<PostgresServer>
{
    private protected override Task<ServiceHost> StartAsync(params string[] settings) =>
        ServiceHost.StartAsync([$"Saga:Database={server.Require()}", .. settings]);

    [Fact]
    public async Task Scenes_in_memory_take_prompts_while_the_database_is_down()
    {
        await using ServiceHost service = await StartAsync();
        string path = $"/api/v1/scenes/{await service.CreateReadySceneAsync()}";
        object click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } };
        (await service.PostAsync($"{path}/segment", click)).Expect(200);

        await server.StopAsync();
        try
        {
            JsonElement answer = await (await service.PostAsync($"{path}/segment", click)).JsonAsync(200);
            Assert.Equal(TwoBlobs.Half, answer.GetProperty("selectedCount").GetInt32());
            using HttpResponseMessage list = await service.Client.GetAsync("/api/v1/scenes");
            await list.RefusedAsync(503, "database-unavailable");
            Assert.True(list.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            await (await service.PostAsync($"{path}/jobs", new { kind = "train" })).RefusedAsync(503, "database-unavailable");
            using HttpResponseMessage ready = (await service.Client.GetAsync("/health/ready")).Expect(503);
            Assert.Contains("database", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            (await service.Client.GetAsync("/health/live")).Expect(200);
        }
        finally
        {
            await server.StartAsync();
        }

        (await service.Client.GetAsync("/api/v1/scenes")).Expect(200);
    }
}
