using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Saga.Api.Hosting;
using Saga.Api.Rendering;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;

namespace Saga.Api.Tests.Decomposition;

public sealed class DecomposeTests : IAsyncLifetime
{
    private ServiceHost _service = null!;
    private string _path = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync();
        _path = $"/api/v1/scenes/{await _service.CreateReadySceneAsync()}";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task The_balls_are_two_clusters_with_their_places_and_labels_in_file_order()
    {
        JsonElement answer = await (await _service.PostAsync($"{_path}/decompose", new { scale = 0.5 })).JsonAsync(200);
        ushort[] labels = await LabelsAsync(new { scale = 0.5 });

        Assert.Equal(TwoBlobs.Count, answer.GetProperty("gaussianCount").GetInt32());
        Assert.Equal(2, answer.GetProperty("clusterCount").GetInt32());
        Assert.Equal(0, answer.GetProperty("unassignedCount").GetInt32());
        Assert.Equal(TwoBlobs.Count, answer.GetProperty("sampleCount").GetInt32());
        Assert.Equal(0.5, answer.GetProperty("scale").GetDouble());
        JsonElement[] clusters = [.. answer.GetProperty("clusters").EnumerateArray()];
        Assert.Equal([0, 1], clusters.Select(cluster => cluster.GetProperty("id").GetInt32()));
        Assert.All(clusters, cluster => Assert.Equal(TwoBlobs.Half, cluster.GetProperty("count").GetInt32()));
        Assert.Single(labels[..TwoBlobs.Half].Distinct());
        Assert.Single(labels[TwoBlobs.Half..].Distinct());
        JsonElement left = clusters[labels[0]];
        Assert.InRange(left.GetProperty("center")[0].GetDouble(), -1.1, -0.9);
        Assert.InRange(left.GetProperty("bounds").GetProperty("min")[0].GetDouble(), -1.4, -1);
        Assert.InRange(left.GetProperty("bounds").GetProperty("max")[0].GetDouble(), -1, -0.6);
        Assert.InRange(clusters[labels[^1]].GetProperty("center")[0].GetDouble(), 0.9, 1.1);
    }

    [Fact]
    public async Task List_and_labels_of_one_question_are_one_computation()
    {
        JsonElement[] Held(JsonElement residency) =>
            [.. residency.GetProperty("scenes").EnumerateArray().Where(scene => scene.GetProperty("use").GetString() == "clusters")];

        await (await _service.PostAsync($"{_path}/decompose", new { scale = 0.5 })).JsonAsync(200);
        await LabelsAsync(new { scale = 0.5 });
        await LabelsAsync(new { });
        JsonElement kept = Assert.Single(Held(await _service.GetJsonAsync("/api/v1/residency")));
        Assert.True(kept.GetProperty("bytes").GetInt64() >= 2 * TwoBlobs.Count);

        await LabelsAsync(new { scale = 0.6 });
        await LabelsAsync(new { scale = 0.5, seed = 1 });
        Assert.Equal(3, Held(await _service.GetJsonAsync("/api/v1/residency")).Length);

        // Another model is another scene to take apart.
        (await _service.PutAsync($"{_path}/model", TwoBlobs.WriteModel(TwoBlobs.Ply, TwoBlobs.Count))).Expect(204);
        Assert.Equal(1, (await (await _service.PostAsync($"{_path}/decompose", new { scale = 0.5 })).JsonAsync(200)).GetProperty("clusterCount").GetInt32());
        Assert.Single(Held(await _service.GetJsonAsync("/api/v1/residency")));
    }

    [Fact]
    public async Task A_selection_is_taken_apart_alone()
    {
        string all = await SelectAsync(Enumerable.Range(0, TwoBlobs.Half + 20));
        ushort[] labels = await LabelsAsync(new { scale = 0.5, within = all });

        Assert.Equal([0], labels[..TwoBlobs.Half].Distinct().Select(label => (int)label));
        Assert.Equal([1], labels[TwoBlobs.Half..(TwoBlobs.Half + 20)].Distinct().Select(label => (int)label));
        Assert.Equal([65535], labels[(TwoBlobs.Half + 20)..].Distinct().Select(label => (int)label));

        // Fewer than the smallest cluster.
        string few = await SelectAsync(Enumerable.Range(0, 5));
        JsonElement answer = await (await _service.PostAsync($"{_path}/decompose", new { scale = 0.5, within = few })).JsonAsync(200);
        Assert.Equal(0, answer.GetProperty("clusterCount").GetInt32());
        Assert.Equal(5, answer.GetProperty("unassignedCount").GetInt32());
    }

    [Fact]
    public async Task A_tree_says_what_is_part_of_what_at_the_next_scale()
    {
        JsonElement tree = await (await _service.PostAsync($"{_path}/decompose/tree", new { scales = new[] { 1, 0.25 } })).JsonAsync(200);
        ushort[] fine = await LabelsAsync(new { scale = 0.25 });
        ushort[] coarse = await LabelsAsync(new { scale = 1.0 });

        JsonElement[] levels = [.. tree.GetProperty("levels").EnumerateArray()];
        Assert.Equal([0.25, 1], levels.Select(level => level.GetProperty("scale").GetDouble()));
        JsonElement left = levels[0].GetProperty("clusters")[fine[0]];
        Assert.Equal(coarse[0], left.GetProperty("parent").GetInt32());
        Assert.Equal(1, left.GetProperty("share").GetDouble());
        Assert.Equal(TwoBlobs.Half, left.GetProperty("count").GetInt32());
        Assert.All(levels[1].GetProperty("clusters").EnumerateArray(), top => Assert.Equal(JsonValueKind.Null, top.GetProperty("parent").ValueKind));
        Assert.Equal(5, (await (await _service.PostAsync($"{_path}/decompose/tree", new { })).JsonAsync(200)).GetProperty("levels").GetArrayLength());
    }

    [Theory]
    [InlineData("decompose", """{"scale":1.5}""", 422, "scale-out-of-range")]
    [InlineData("decompose", """{"scale":0.5,"sampleFraction":0}""", 422, "invalid-options")]
    [InlineData("decompose", """{"scale":0.5,"sampleFraction":1.1}""", 422, "invalid-options")]
    [InlineData("decompose", """{"scale":0.5,"minClusterSize":1}""", 422, "invalid-options")]
    [InlineData("decompose", """{"scale":0.5,"minClusterSize":20001}""", 422, "invalid-options")]
    [InlineData("decompose", """{"scale":"fine"}""", 400, "invalid-request")]
    [InlineData("decompose", """{"within":"00000000-0000-0000-0000-000000000001"}""", 404, "selection-not-found")]
    [InlineData("decompose/tree", """{"scales":[0.5]}""", 422, "invalid-options")]
    [InlineData("decompose/tree", """{"scales":[0.5,0.5]}""", 422, "invalid-options")]
    [InlineData("decompose/tree", """{"scales":[0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8]}""", 422, "invalid-options")]
    [InlineData("decompose/tree", """{"scales":[0,-1]}""", 422, "scale-out-of-range")]
    public async Task What_cannot_be_answered_is_refused(string call, string body, int status, string code) =>
        await (await _service.PostTextAsync($"{_path}/{call}", body)).RefusedAsync(status, code);

    [Fact]
    public async Task An_untrained_scene_an_empty_and_a_missing_one_are_told_apart()
    {
        string untrained = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
        await (await _service.PostAsync($"{untrained}/decompose", new { })).RefusedAsync(409, "scene-not-trained");
        await (await _service.PostAsync($"{untrained}/decompose/tree", new { })).RefusedAsync(409, "scene-not-trained");
        await (await _service.Client.GetAsync($"{untrained}/render?view=1&mode=clusters")).RefusedAsync(409, "scene-not-trained");
        JsonElement empty = await (await _service.PostAsync("/api/v1/scenes", new { name = "empty" })).JsonAsync(201);
        await (await _service.PostAsync($"/api/v1/scenes/{empty.GetProperty("id").GetString()}/decompose", new { })).RefusedAsync(409, "scene-empty");
        await (await _service.PostAsync($"/api/v1/scenes/{Guid.NewGuid()}/decompose", new { })).RefusedAsync(404, "scene-not-found");
    }

    [Fact]
    public async Task A_picture_shows_every_ball_in_the_colour_of_its_cluster()
    {
        ushort[] labels = await LabelsAsync(new { scale = 0.5 });
        RgbImage image = ImageFile.Decode(await _service.Client.GetByteArrayAsync(
            new Uri($"{_path}/render?view=1&mode=clusters&scale=0.5", UriKind.Relative)));
        RgbImage plain = ImageFile.Decode(await _service.Client.GetByteArrayAsync(new Uri($"{_path}/render?view=1", UriKind.Relative)));

        foreach ((double x, int record) in new[] { (TwoBlobs.LeftX, 0), (TwoBlobs.RightX, TwoBlobs.Count - 1) })
        {
            RgbColor color = ClusterColors.Of(labels[record]);
            int at = 3 * ((int)TwoBlobs.MiddleY * image.Width + (int)x);

            // 0.7 of the cluster's colour, 0.3 of the scene's own, blended before they are made bytes.
            Assert.Equal(0.7 * 255 * color.R + 0.3 * plain.Pixels[at], image.Pixels[at], 4.0);
            Assert.Equal(0.7 * 255 * color.G + 0.3 * plain.Pixels[at + 1], image.Pixels[at + 1], 4.0);
            Assert.Equal(0.7 * 255 * color.B + 0.3 * plain.Pixels[at + 2], image.Pixels[at + 2], 4.0);
        }

        Assert.NotEqual(labels[0], labels[^1]);
        await (await _service.Client.GetAsync($"{_path}/render?view=1&mode=clusters&scale=2")).RefusedAsync(422, "scale-out-of-range");
    }

    [Fact]
    public void Colours_of_clusters_are_those_of_the_page()
    {
        // The same numbers are in clusters.test.mjs.
        (int, int, int) Bytes(RgbColor color) =>
            ((int)MathF.Round(255 * color.R), (int)MathF.Round(255 * color.G), (int)MathF.Round(255 * color.B));
        Assert.Equal((68, 148, 228), Bytes(ClusterColors.Of(0)));
        Assert.Equal((196, 28, 63), Bytes(ClusterColors.Of(1)));
        Assert.Equal((121, 236, 131), Bytes(ClusterColors.Of(2)));
        Assert.Equal((89, 89, 89), Bytes(ClusterColors.Unassigned));
    }

    [Fact]
    public async Task More_decompositions_than_can_wait_are_told_to_come_back()
    {
        await using ServiceHost small = await ServiceHost.StartAsync(
            "Saga:Limits:ConcurrentDecompositions=1", "Saga:Limits:QueuedDecompositions=0");
        string path = $"/api/v1/scenes/{await small.CreateReadySceneAsync()}";
        using (await small.Get<WorkQueues>().Decompositions.EnterAsync(CancellationToken.None))
        {
            using HttpResponseMessage busy = await small.PostAsync($"{path}/decompose", new { scale = 0.5 });
            await busy.RefusedAsync(503, "busy");
            Assert.True(busy.Headers.Contains("Retry-After"));
        }

        // The failure was not kept.
        await (await small.PostAsync($"{path}/decompose", new { scale = 0.5 })).JsonAsync(200);
    }

    private async Task<string> SelectAsync(IEnumerable<int> indices) =>
        (await (await _service.PostAsync($"{_path}/selections", new { indices })).JsonAsync(201)).GetProperty("id").GetString()!;

    private async Task<ushort[]> LabelsAsync(object question)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/decompose") { Content = JsonContent.Create(question) };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage response = (await _service.Client.SendAsync(request)).Expect(200);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(2 * TwoBlobs.Count, response.Content.Headers.ContentLength);
        return MemoryMarshal.Cast<byte, ushort>(await response.Content.ReadAsByteArrayAsync()).ToArray();
    }
}
