using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Saga.Engine.Affinity.Published;

namespace Saga.Api.Tests.Models;

/// <summary>Models in the files of the original SAGA program, out of the service and back in.</summary>
public sealed class PublishedModelTests : IAsyncLifetime
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
    public async Task A_model_goes_out_and_comes_back_with_the_same_answers()
    {
        byte[] before = await ClickAsync();
        byte[] zip = await _service.Client.GetByteArrayAsync($"{_path}/model?format=published");
        string other = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";

        (await _service.PutAsync($"{other}/model", zip)).Expect(204);

        JsonElement model = (await _service.GetJsonAsync(other)).GetProperty("model");
        Assert.Equal(8, model.GetProperty("featureDimension").GetInt32());
        Assert.Equal(2.0, model.GetProperty("scaleKnots").GetProperty("max").GetDouble());
        Assert.Equal(JsonValueKind.Null, model.GetProperty("finalLoss").ValueKind);
        _path = other;
        Assert.Equal(before, await ClickAsync());
    }

    [Fact]
    public async Task A_model_without_scales_takes_them_from_the_scenes_own_masks()
    {
        byte[] zip = await WithoutAsync(PublishedModel.QuantilesName);

        (await _service.PutAsync($"{_path}/model", zip)).Expect(204);

        // A ball of radius 0.4 whose front is seen: twice the spread of its points is some tenths of a unit.
        JsonElement knots = (await _service.GetJsonAsync(_path)).GetProperty("model").GetProperty("scaleKnots");
        Assert.InRange(knots.GetProperty("min").GetDouble(), 0.1, 1);
        Assert.InRange(knots.GetProperty("max").GetDouble(), knots.GetProperty("min").GetDouble(), 1);
    }

    [Fact]
    public async Task A_model_without_scales_for_a_scene_without_masks_is_refused_with_the_ways_out()
    {
        byte[] zip = await WithoutAsync(PublishedModel.QuantilesName);
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}";

        string said = await (await _service.PutAsync($"{_path}/model", zip)).RefusedAsync(422, "invalid-model");

        Assert.Contains("scale_quantiles.json", said, StringComparison.Ordinal);
        Assert.Contains("mask_scales/", said, StringComparison.Ordinal);
        Assert.Contains("cameras and masks", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PublishedModel.FeaturesName)]
    [InlineData(PublishedModel.GateName)]
    public async Task A_zip_without_one_of_the_files_is_refused_by_its_name(string name) => Assert.Contains(
        $"no {name}", await (await _service.PutAsync($"{_path}/model", await WithoutAsync(name))).RefusedAsync(422, "invalid-model"),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_model_of_another_scene_is_refused()
    {
        byte[] zip = await _service.Client.GetByteArrayAsync($"{_path}/model?format=published");
        float[][] records = TwoBlobs.Records();
        records[200][1] += 1;
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.WritePly(records), "moved.ply"))}";
        Assert.Contains(
            "Gaussian 200 of the cloud lies elsewhere", await (await _service.PutAsync($"{_path}/model", zip)).RefusedAsync(422, "invalid-model"),
            StringComparison.Ordinal);

        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.WritePly(records[..299]), "fewer.ply"))}";
        Assert.Contains(
            "300 Gaussians of 8 channels; the scene has 299", await (await _service.PutAsync($"{_path}/model", zip)).RefusedAsync(422, "invalid-model"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_formats_of_a_model_do_not_exist() =>
        await (await _service.Client.GetAsync($"{_path}/model?format=onnx")).RefusedAsync(422, "invalid-export");

    private async Task<byte[]> ClickAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_path}/segment")
        {
            Content = new StringContent(
                FormattableString.Invariant(
                    $"{{\"view\": 1, \"points\": [{{\"x\": {TwoBlobs.LeftX}, \"y\": {TwoBlobs.MiddleY}, \"positive\": true}}], \"scale\": 0.5}}"),
                Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/octet-stream");
        using HttpResponseMessage response = (await _service.Client.SendAsync(request)).Expect(200);
        return await response.Content.ReadAsByteArrayAsync();
    }

    /// <summary>The scene's model without one of its files, in the folders where the original program leaves it.</summary>
    private async Task<byte[]> WithoutAsync(string name)
    {
        using var zip = new ZipArchive(new MemoryStream(await _service.Client.GetByteArrayAsync($"{_path}/model?format=published")));
        return TwoBlobs.Zip([.. zip.Entries.Where(entry => entry.FullName != name).Select(entry =>
        {
            using var content = new MemoryStream();
            using Stream stream = entry.Open();
            stream.CopyTo(content);
            return ($"point_cloud/iteration_10000/{entry.FullName}", content.ToArray());
        })]);
    }
}
