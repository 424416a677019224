using System.Text.Json;
using Saga.Engine.Images;

namespace Saga.Api.Tests.Segmentation;

public sealed class RenderTests : IAsyncLifetime
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
    public async Task Every_mode_draws_the_balls_where_they_are()
    {
        string selection = (await (await _service.PostAsync(
            $"{_path}/selections", new { indices = Enumerable.Range(0, 150) })).JsonAsync(201)).GetProperty("id").GetString()!;
        foreach (string mode in new[] { "rgb", "depth", "alpha", "features", $"selection&selection={selection}" })
        {
            RgbImage image = await DrawAsync($"view=1&mode={mode}", "image/png");
            Assert.Equal((TwoBlobs.Width, TwoBlobs.Height), (image.Width, image.Height));
            Assert.NotEqual((0, 0, 0), At(image, TwoBlobs.LeftX, TwoBlobs.MiddleY));
            Assert.Equal((0, 0, 0), At(image, 2, 2));
        }

        RgbImage rgb = await DrawAsync("view=1", "image/png");
        Assert.True(At(rgb, TwoBlobs.LeftX, 24).R > 128 && At(rgb, TwoBlobs.RightX, 24).B > 128);
        RgbImage features = await DrawAsync("view=1&mode=features", "image/png");
        Assert.NotEqual(At(features, TwoBlobs.LeftX, 24), At(features, TwoBlobs.RightX, 24));
    }

    [Fact]
    public async Task Width_and_camera_and_jpeg_are_honoured()
    {
        JsonElement view = (await _service.GetJsonAsync($"{_path}/views"))[1];
        RgbImage wide = await DrawAsync($"camera={Uri.EscapeDataString(view.GetRawText())}&width=128", "image/jpeg");
        Assert.Equal((128, 96), (wide.Width, wide.Height));
        Assert.True(At(wide, 2 * TwoBlobs.LeftX, 48).R > 100);
    }

    [Theory]
    [InlineData("render", 422, "invalid-picture")]
    [InlineData("render?view=9", 404, "view-not-found")]
    [InlineData("render?view=1&mode=xray", 422, "invalid-picture")]
    [InlineData("render?view=1&mode=selection", 422, "invalid-picture")]
    [InlineData("render?view=1&mode=selection&selection=00000000-0000-0000-0000-000000000001", 404, "selection-not-found")]
    [InlineData("render?view=1&width=0", 422, "invalid-picture")]
    [InlineData("render?view=1&width=16384", 422, "invalid-picture")]
    [InlineData("render?view=1&width=99999999", 422, "invalid-picture")]
    [InlineData("render?camera=nonsense", 422, "invalid-camera")]
    [InlineData("render?camera=null", 422, "invalid-camera")]
    [InlineData("render?view=one", 400, "invalid-request")]
    [InlineData("views/1/mask", 422, "invalid-picture")]
    [InlineData("views/7/mask?selection=00000000-0000-0000-0000-000000000001", 404, "view-not-found")]
    [InlineData("views/1/mask?selection=00000000-0000-0000-0000-000000000001", 404, "selection-not-found")]
    public async Task Pictures_that_cannot_be_drawn_are_refused(string query, int status, string code) =>
        await (await _service.Client.GetAsync($"{_path}/{query}")).RefusedAsync(status, code);

    private async Task<RgbImage> DrawAsync(string query, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{_path}/render?{query}");
        request.Headers.Accept.ParseAdd(type);
        using HttpResponseMessage response = (await _service.Client.SendAsync(request)).Expect(200);
        Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
        return ImageFile.Decode(await response.Content.ReadAsByteArrayAsync());
    }

    private static (byte R, byte G, byte B) At(RgbImage image, double x, double y)
    {
        int at = 3 * ((int)y * image.Width + (int)x);
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }
}
