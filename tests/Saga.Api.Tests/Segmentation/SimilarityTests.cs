using System.Globalization;
using System.Text.Json;

namespace Saga.Api.Tests.Segmentation;

/// <summary>What the page asks while somebody clicks: similarities, candidates, places in the world.</summary>
public sealed class SimilarityTests : IAsyncLifetime
{
    private readonly object _click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } } };
    private ServiceHost _service = null!;
    private string _path = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _path = $"/api/v1/scenes/{await _service.CreateReadySceneAsync()}";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Similarities_are_one_byte_per_gaussian_in_file_order()
    {
        using HttpResponseMessage response = (await _service.PostAsync($"{_path}/similarity", _click)).Expect(200);

        byte[] values = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(TwoBlobs.Count, response.Content.Headers.ContentLength);
        Assert.Equal("300", response.Headers.GetValues("X-Gaussian-Count").Single());
        Assert.Contains("match;dur=", response.Headers.GetValues("Server-Timing").Single(), StringComparison.Ordinal);
        Assert.All(values[..TwoBlobs.Half], value => Assert.Equal(255, value));
        Assert.All(values[TwoBlobs.Half..], value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Similarities_from_a_threshold_on_are_what_a_prompt_selects()
    {
        object both = new
        {
            view = 1,
            points = new[]
            {
                new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY, positive = true },
                new { x = TwoBlobs.RightX, y = TwoBlobs.MiddleY, positive = false },
            },
            scale = 0.2,
            threshold = 0.5,
        };
        byte[] values = await BytesAsync("similarity", both);
        JsonElement answer = await (await _service.PostAsync($"{_path}/segment", both)).JsonAsync(200);

        Assert.Equal(
            answer.GetProperty("indices").EnumerateArray().Select(i => i.GetInt32()),
            Enumerable.Range(0, TwoBlobs.Count).Where(i => values[i] >= 128));
    }

    [Fact]
    public async Task Candidates_are_few_different_and_answered_by_segment_as_promised()
    {
        JsonElement answer = await (await _service.PostAsync($"{_path}/segment/candidates", _click)).JsonAsync(200);

        // The model's features are the same at every scale, so there is one thing to mean.
        JsonElement candidate = Assert.Single(answer.GetProperty("candidates").EnumerateArray());
        Assert.Equal(TwoBlobs.Half, candidate.GetProperty("selectedCount").GetInt32());
        Assert.Equal(1, candidate.GetProperty("stability").GetDouble(), 1e-9);
        double scale = candidate.GetProperty("scale").GetDouble();
        Assert.InRange(scale, 0.3, 0.7);
        Assert.Equal(0, candidate.GetProperty("scaleFrom").GetDouble());
        Assert.Equal(1, candidate.GetProperty("scaleTo").GetDouble());
        object again = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY } }, scale };
        Assert.Equal(TwoBlobs.Half, (await (await _service.PostAsync($"{_path}/segment", again)).JsonAsync(200)).GetProperty("selectedCount").GetInt32());
        Assert.Equal(TwoBlobs.Count, answer.GetProperty("gaussianCount").GetInt32());
        Assert.True(answer.GetProperty("timings").GetProperty("matchMs").GetDouble() > 0);
        AssertOnLeftBall(answer.GetProperty("pointFeatures")[0].GetProperty("position"));
    }

    [Fact]
    public async Task A_click_without_a_scale_means_the_most_stable_candidate_and_candidates_say_where_the_selection_changes()
    {
        (await _service.PutAsync($"{_path}/model", TwoBlobs.ModelWithParts)).Expect(204);
        object click = new { view = 1, points = new[] { new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY - 4 } } };
        JsonElement[] candidates =
            [.. (await (await _service.PostAsync($"{_path}/segment/candidates", click)).JsonAsync(200)).GetProperty("candidates").EnumerateArray()];

        Assert.Equal(TwoBlobs.LeftUpper.Length, candidates[0].GetProperty("selectedCount").GetInt32());
        Assert.Equal(TwoBlobs.Half, candidates[^1].GetProperty("selectedCount").GetInt32());
        Assert.Equal(0, candidates[0].GetProperty("scaleFrom").GetDouble());
        Assert.InRange(candidates[0].GetProperty("scaleTo").GetDouble(), 0.3, 0.6);
        Assert.InRange(candidates[^1].GetProperty("scaleFrom").GetDouble(), candidates[0].GetProperty("scaleTo").GetDouble(), 0.65);
        Assert.Equal(1, candidates[^1].GetProperty("scaleTo").GetDouble());

        JsonElement best = candidates.MaxBy(candidate => candidate.GetProperty("stability").GetDouble());
        JsonElement answer = await (await _service.PostAsync($"{_path}/segment", click)).JsonAsync(200);
        Assert.Equal(best.GetProperty("scale").GetDouble(), answer.GetProperty("scale").GetDouble());
        Assert.Equal(best.GetProperty("selectedCount").GetInt32(), answer.GetProperty("selectedCount").GetInt32());
        foreach (string call in new[] { "segment", "similarity" })
        {
            using HttpResponseMessage response = await SendAsync(call, click);
            Assert.Equal(best.GetProperty("scale").GetDouble(), double.Parse(response.Headers.GetValues("X-Scale").Single(), CultureInfo.InvariantCulture));
        }

        // What selects nothing at any scale is answered at the middle.
        object contradiction = new
        {
            view = 1,
            points = new[]
            {
                new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY, positive = true }, new { x = TwoBlobs.LeftX, y = TwoBlobs.MiddleY, positive = false },
            },
        };
        JsonElement nothing = await (await _service.PostAsync($"{_path}/segment", contradiction)).JsonAsync(200);
        Assert.Equal((0, 0.5), (nothing.GetProperty("selectedCount").GetInt32(), nothing.GetProperty("scale").GetDouble()));
    }

    [Fact]
    public async Task A_point_says_where_in_the_world_it_is()
    {
        JsonElement point = (await (await _service.PostAsync($"{_path}/segment", _click)).JsonAsync(200)).GetProperty("pointFeatures")[0];
        Assert.Equal(TwoBlobs.LeftX, point.GetProperty("x").GetDouble());
        AssertOnLeftBall(point.GetProperty("position"));

        // View 1 stands at z = -4 and looks straight on.
        Assert.Equal(point.GetProperty("position")[2].GetDouble() + 4, point.GetProperty("depth").GetDouble(), 1e-5);

        foreach (string call in new[] { "segment", "similarity" })
        {
            using HttpResponseMessage response = await SendAsync(call, _click);
            JsonElement positions = JsonDocument.Parse(response.Headers.GetValues("X-Point-Positions").Single()).RootElement;
            AssertOnLeftBall(Assert.Single(positions.EnumerateArray()));
        }
    }

    [Theory]
    [InlineData("""{"view":1,"points":[{"x":1,"y":1}]}""", 422, "point-on-background")]
    [InlineData("""{"view":1,"points":[{"x":-1,"y":24}]}""", 422, "point-outside-view")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24,"positive":false}]}""", 422, "no-positive-point")]
    [InlineData("""{"view":1,"points":[]}""", 422, "invalid-prompt")]
    [InlineData("""{"view":9,"points":[{"x":17,"y":24}]}""", 404, "view-not-found")]
    [InlineData("""{"view":1,"points":[{"x":17,"y":24}],"within":"00000000-0000-0000-0000-000000000001"}""", 404, "selection-not-found")]
    [InlineData("""not json""", 400, "invalid-request")]
    public async Task A_prompt_that_cannot_be_answered_is_refused_by_each_call(string body, int status, string code)
    {
        await (await _service.PostTextAsync($"{_path}/similarity", body)).RefusedAsync(status, code);
        await (await _service.PostTextAsync($"{_path}/segment/candidates", body)).RefusedAsync(status, code);
    }

    [Fact]
    public async Task An_untrained_scene_and_a_missing_one_are_told_apart()
    {
        string untrained = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        await (await _service.PostAsync($"{untrained}/similarity", _click)).RefusedAsync(409, "scene-not-trained");
        await (await _service.PostAsync($"{untrained}/segment/candidates", _click)).RefusedAsync(409, "scene-not-trained");
        string missing = $"/api/v1/scenes/{Guid.NewGuid()}";
        await (await _service.PostAsync($"{missing}/similarity", _click)).RefusedAsync(404, "scene-not-found");
    }

    private static void AssertOnLeftBall(JsonElement position)
    {
        double[] p = [.. position.EnumerateArray().Select(v => v.GetDouble())];
        Assert.Equal(3, p.Length);
        Assert.InRange(p[0], -1.2, -0.8);
        Assert.InRange(p[1], -0.2, 0.2);
        Assert.InRange(p[2], -0.6, 0.2);
    }

    private async Task<byte[]> BytesAsync(string call, object prompt)
    {
        using HttpResponseMessage response = await SendAsync(call, prompt);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(string call, object prompt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/{call}") { Content = System.Net.Http.Json.JsonContent.Create(prompt) };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        return (await _service.Client.SendAsync(request)).Expect(200);
    }
}
