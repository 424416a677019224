using System.Text.Json;

namespace Saga.Api.Tests.Segmentation;

/// <summary>Prompts, and the selections and pictures around them, on one ready scene.</summary>
public sealed class PromptTests : IAsyncLifetime
{
    private ServiceHost _service = null!;
    private string _path = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _path = $"/api/v1/scenes/{await _service.CreateReadySceneAsync()}";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData("""{"view":1,"points":[{"x":1,"y":1}]}""", 422, "point-on-background")]
    [InlineData("""{"view":1,"points":[{"x":64.1,"y":24}]}""", 422, "point-outside-view")]
    [InlineData("""{"view":1,"points":[{"x":-1,"y":24}]}""", 422, "point-outside-view")]
    [InlineData("""{"view":1,"points":[{"x":1e300,"y":24}]}""", 422, "point-outside-view")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"scale":7}""", 422, "scale-out-of-range")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"scale":-0.01}""", 422, "scale-out-of-range")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"scaleWorld":-1}""", 422, "scale-out-of-range")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"scale":1,"scaleWorld":1}""", 422, "invalid-prompt")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"threshold":1.5}""", 422, "threshold-out-of-range")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24,"positive":false}]}""", 422, "no-positive-point")]
    [InlineData("""{"view":1,"points":[]}""", 422, "invalid-prompt")]
    [InlineData("""{"view":1,"points":[null]}""", 422, "invalid-prompt")]
    [InlineData("""{"points":[{"x":17,"y":24}]}""", 422, "invalid-prompt")]
    [InlineData("""{"view":4,"points":[{"x":17,"y":24}]}""", 404, "view-not-found")]
    [InlineData("""{"view":-1,"points":[{"x":17,"y":24}]}""", 404, "view-not-found")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"within":"00000000-0000-0000-0000-000000000001"}""", 404, "selection-not-found")]
    [InlineData("""{"camera":{"width":64,"height":48,"fx":60,"fy":60,"cx":32,"cy":24,"worldToCamera":[1]},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""{"camera":{"width":64,"height":48,"fx":60,"fy":60,"cx":32,"cy":24,"worldToCamera":[-1,0,0,0,0,1,0,0,0,0,1,4,0,0,0,1]},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""{"view":"one","points":[{"x":17,"y":24}]}""", 400, "invalid-request")]
    [InlineData("""{"view":1,"points":[{"x":"17","y":24}]}""", 400, "invalid-request")]
    [InlineData("""{"view":1,"points":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}""", 400, "invalid-request")]
    [InlineData("""{"view":1,"points":[{"y":24}]}""", 422, "invalid-prompt")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":null}]}""", 422, "invalid-prompt")]
    [InlineData("""null""", 400, "invalid-request")]
    [InlineData("""{"camera":{"width":64,"height":48},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""{"camera":{"width":64,"height":48,"fx":1e-300,"fy":60,"cx":32,"cy":24,"worldToCamera":[1,0,0,0,0,1,0,0,0,0,1,4,0,0,0,1]},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""{"camera":{"width":64,"height":48,"fx":1e308,"fy":60,"cx":32,"cy":24,"worldToCamera":[1,0,0,0,0,1,0,0,0,0,1,4,0,0,0,1]},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""{"camera":{"width":64,"height":48,"fx":60,"fy":60,"cx":32,"cy":24,"worldToCamera":[1,0,0,1e308,0,1,0,0,0,0,1,4,0,0,0,1]},"points":[{"x":1,"y":2}]}""", 422, "invalid-camera")]
    [InlineData("""not json""", 400, "invalid-request")]
    public async Task A_prompt_that_cannot_be_answered_is_refused_with_its_code(string body, int status, string code) =>
        await (await _service.PostTextAsync($"{_path}/segment", body)).RefusedAsync(status, code);

    [Fact]
    public async Task More_points_than_are_taken_are_refused()
    {
        object[] points = [.. Enumerable.Repeat(new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY }, 257)];
        await (await _service.PostAsync($"{_path}/segment", new { view = 1, points })).RefusedAsync(422, "too-many-points");
    }

    [Fact]
    public async Task A_camera_in_the_request_sees_what_the_view_sees()
    {
        JsonElement view = (await _service.GetJsonAsync($"{_path}/views"))[1];
        JsonElement answer = await SegmentAsync(new { camera = view, points = new[] { new { x = TwoBlobs.RightX, y = TwoBlobs.MiddleY } }, scaleWorld = 0.5 });
        Assert.Equal(Enumerable.Range(TwoBlobs.Half, TwoBlobs.Half), Indices(answer));
        Assert.Equal(0.5, answer.GetProperty("scale").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task Negative_points_take_away_and_an_empty_answer_is_no_error()
    {
        object both = new
        {
            view = 1,
            points = new[]
            {
                new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY, positive = true },
                new { x = TwoBlobs.LeftX + 1, y = TwoBlobs.MiddleY, positive = false },
            },
            threshold = 0.99,
        };
        JsonElement answer = await SegmentAsync(both);
        Assert.Equal(0, answer.GetProperty("selectedCount").GetInt32());
        Assert.Equal(0, answer.GetProperty("indices").GetArrayLength());
        Assert.Equal(2, answer.GetProperty("pointFeatures").GetArrayLength());
    }

    [Fact]
    public async Task A_prompt_within_a_selection_stays_inside_it()
    {
        string selection = await SelectAsync(new { indices = new[] { 5, 200, 3 } });
        JsonElement answer = await SegmentAsync(new { view = 1, points = new[] { new { x = 17.0, y = 24.0 } }, within = selection, connected = true });
        Assert.Equal([3, 5], Indices(answer));
    }

    [Fact]
    public async Task Selections_are_combined_read_back_and_forgotten()
    {
        string a = await SelectAsync(new { name = "a", indices = new[] { 0, 1, 2 } });
        string b = await SelectAsync(new { name = "b", indices = new[] { 2, 3 } });
        Assert.Equal((int[])[0, 1, 2, 3], await CombineAsync("union", a, b));
        Assert.Equal((int[])[2], await CombineAsync("intersect", a, b));
        Assert.Equal((int[])[0, 1], await CombineAsync("subtract", a, b));
        Assert.Equal(Enumerable.Range(3, 297), await CombineAsync("invert", a));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_path}/selections/{b}");
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage bits = (await _service.Client.SendAsync(request)).Expect(200);
        Assert.Equal(0b1100, (await bits.Content.ReadAsByteArrayAsync())[0]);
        Assert.Equal("2", bits.Headers.GetValues("X-Selected-Count").Single());

        JsonElement list = await _service.GetJsonAsync($"{_path}/selections");
        Assert.Equal(6, list.GetProperty("total").GetInt32());
        (await _service.Client.DeleteAsync($"{_path}/selections/{b}")).Expect(204);
        await (await _service.Client.DeleteAsync($"{_path}/selections/{b}")).RefusedAsync(404, "selection-not-found");
        await (await _service.Client.GetAsync($"{_path}/selections/{b}")).RefusedAsync(404, "selection-not-found");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"indices":[300]}""")]
    [InlineData("""{"indices":[-1]}""")]
    [InlineData("""{"indices":[1],"bitmask":"AA=="}""")]
    [InlineData("""{"bitmask":"AA=="}""")]
    [InlineData("""{"bitmask":"not base64"}""")]
    [InlineData("""{"from":{"op":"xor","of":["00000000-0000-0000-0000-000000000001"]}}""")]
    [InlineData("""{"from":{"op":"union","of":["00000000-0000-0000-0000-000000000001"]}}""", 404, "selection-not-found")]
    [InlineData("""{"from":{"op":"union","of":[]}}""")]
    [InlineData("""{"from":{"op":"union"}}""")]
    public async Task Selections_that_make_no_sense_are_refused(string body, int status = 422, string code = "invalid-selection") =>
        await (await _service.PostTextAsync($"{_path}/selections", body)).RefusedAsync(status, code);

    [Fact]
    public async Task A_model_that_is_replaced_answers_at_once()
    {
        object click = new { view = 1, points = new[] { new { x = 17.0, y = 24.0 } }, threshold = 0.5 };
        Assert.Equal(150, (await SegmentAsync(click)).GetProperty("selectedCount").GetInt32());

        // Prompts in flight and the swap at the same time: every answer is of one model or the other.
        byte[] same = TwoBlobs.Model;
        Task<JsonElement>[] prompts = [.. Enumerable.Range(0, 16).Select(_ => SegmentAsync(click))];
        (await _service.PutAsync($"{_path}/model", same)).Expect(204);
        Assert.All(await Task.WhenAll(prompts), answer => Assert.Equal(150, answer.GetProperty("selectedCount").GetInt32()));
        Assert.Equal(150, (await SegmentAsync(click)).GetProperty("selectedCount").GetInt32());
    }

    [Fact]
    public async Task What_a_scene_takes_in_memory_is_reported_and_grows_with_what_it_is_asked()
    {
        Assert.Equal(0, (await _service.GetJsonAsync("/api/v1/residency")).GetProperty("bytes").GetInt64());
        object[] points = [new { x = 17.0, y = 24.0 }];
        await SegmentAsync(new { view = 1, points });
        JsonElement prompts = (await _service.GetJsonAsync("/api/v1/residency")).GetProperty("scenes")[0];
        Assert.Equal("prompts", prompts.GetProperty("use").GetString());
        Assert.EndsWith(prompts.GetProperty("sceneId").GetString()!, _path, StringComparison.Ordinal);
        long bytes = prompts.GetProperty("bytes").GetInt64();

        // 300 Gaussians: 120 bytes each, and what the smallest arrays take.
        Assert.InRange(bytes, 300 * 60, 300 * 120 + 4096);
        Assert.Equal(bytes / 300.0, prompts.GetProperty("bytesPerGaussian").GetDouble(), 1e-6);

        await SegmentAsync(new { view = 1, points, connected = true });
        JsonElement after = await _service.GetJsonAsync("/api/v1/residency");
        Assert.Equal(bytes + 300 * 64, after.GetProperty("bytes").GetInt64());
        Assert.Equal(bytes + 300 * 64, after.GetProperty("scenes")[0].GetProperty("bytes").GetInt64());
        Assert.True(after.GetProperty("budgetBytes").GetInt64() > bytes);
    }

    private async Task<JsonElement> SegmentAsync(object prompt) => await (await _service.PostAsync($"{_path}/segment", prompt)).JsonAsync(200);

    private async Task<string> SelectAsync(object selection) =>
        (await (await _service.PostAsync($"{_path}/selections", selection)).JsonAsync(201)).GetProperty("id").GetString()!;

    private async Task<int[]> CombineAsync(string op, params string[] of)
    {
        string id = await SelectAsync(new { from = new { op, of } });
        return Indices(await _service.GetJsonAsync($"{_path}/selections/{id}"));
    }

    private static int[] Indices(JsonElement answer) => [.. answer.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32())];
}
