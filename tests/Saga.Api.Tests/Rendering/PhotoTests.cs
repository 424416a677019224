using System.Net.Http.Headers;
using System.Text;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Tests;

namespace Saga.Api.Tests.Rendering;

public sealed class PhotoTests : IAsyncLifetime
{
    private ServiceHost _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_view_s_photo_comes_at_the_width_asked_for_and_never_larger_than_it_is()
    {
        string views = await CreateAsync(TwoBlobs.Zip(
            ("photos/view_001.png", ImageFile.EncodePng(Plain(320, 240, 90))),
            ("photos/view_002.JPG", ImageFile.EncodeJpeg(Plain(30, 60, 200)))));

        RgbImage shrunk = await PhotoAsync($"{views}/1/photo?width=80");
        Assert.Equal((80, 60), (shrunk.Width, shrunk.Height));
        Assert.InRange(shrunk.Pixels[3 * 80 * 30], 88, 92);
        RgbImage own = await PhotoAsync($"{views}/1/photo");
        Assert.Equal((TwoBlobs.Width, TwoBlobs.Height), (own.Width, own.Height));
        RgbImage small = await PhotoAsync($"{views}/2/photo?width=16384");
        Assert.Equal((30, 60), (small.Width, small.Height));
        RgbImage upright = await PhotoAsync($"{views}/2/photo?width=15");
        Assert.Equal((15, 30), (upright.Width, upright.Height));
    }

    [Fact]
    public async Task A_photo_of_a_lens_that_bends_lines_comes_straightened()
    {
        byte[] stripes = new byte[3 * 160 * 120];
        for (int i = 0; i < stripes.Length; i++)
        {
            stripes[i] = (byte)(i / 3 % 160 / 10 % 2 * 200);
        }

        byte[] photo = ImageFile.EncodePng(new RgbImage(160, 120, stripes));
        string views = await CreateAsync(TwoBlobs.Zip(("view_001.png", photo)));
        string scene = views[..views.LastIndexOf('/')];
        byte[] cameras = Encoding.UTF8.GetBytes(
            """
            {"camera_model":"OPENCV","w":160,"h":120,"fl_x":120,"fl_y":120,"cx":80,"cy":60,"k1":-0.25,"k2":0.02,"p1":0,"p2":0,
             "frames":[{"file_path":"view_001.png","transform_matrix":[[1,0,0,0],[0,1,0,0],[0,0,1,3],[0,0,0,1]]}]}
            """);
        (await _service.PutAsync($"{scene}/cameras", cameras, "transforms.json")).Expect(204);
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "transforms.json");
        await File.WriteAllBytesAsync(file, cameras);
        SceneView view = Assert.Single(CameraFile.Read(file, "transforms.json", (160, 120)));
        Assert.NotNull(view.Lens);

        using HttpResponseMessage answer = (await _service.Client.GetAsync($"{views}/0/photo")).Expect(200);

        byte[] expected = ImageFile.EncodeJpeg(ViewPhoto.Decode(photo, view, 160));
        Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync());
        Assert.NotEqual(ImageFile.EncodeJpeg(ImageFile.Decode(photo)), expected);
    }

    [Fact]
    public async Task A_photo_that_the_browser_has_is_not_sent_again_until_it_is_another()
    {
        string views = await CreateAsync(TwoBlobs.Zip(("view_001.png", ImageFile.EncodePng(Plain(64, 48, 90)))));
        using HttpResponseMessage first = (await _service.Client.GetAsync($"{views}/1/photo?width=32")).Expect(200);
        EntityTagHeaderValue tag = first.Headers.ETag!;

        using HttpResponseMessage again = await AskAsync($"{views}/1/photo?width=32", tag);
        Assert.Equal(304, (int)again.StatusCode);
        Assert.Equal(tag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        using HttpResponseMessage other = await AskAsync($"{views}/1/photo?width=33", tag);
        Assert.Equal(200, (int)other.StatusCode);

        string images = views[..views.LastIndexOf('/')] + "/images";
        (await _service.PutAsync(images, TwoBlobs.Zip(("view_001.png", ImageFile.EncodePng(Plain(64, 48, 200)))))).Expect(204);
        using HttpResponseMessage replaced = await AskAsync($"{views}/1/photo?width=32", tag);
        Assert.Equal(200, (int)replaced.StatusCode);
        Assert.InRange(ImageFile.Decode(await replaced.Content.ReadAsByteArrayAsync()).Pixels[0], 198, 202);
    }

    [Fact]
    public async Task What_cannot_be_shown_is_refused_in_words()
    {
        byte[] noise = new byte[3 * 64 * 48];
        new Random(3).NextBytes(noise);
        string views = await CreateAsync(TwoBlobs.Zip(("view_001.jpg", ImageFile.EncodeJpeg(new RgbImage(64, 48, noise))[..2500])));

        await RefusedAsync($"{views}/9/photo", 404, "view-not-found");
        Assert.Contains("view_002", await RefusedAsync($"{views}/2/photo", 404, "asset-missing"), StringComparison.Ordinal);
        await RefusedAsync($"{views}/1/photo?width=0", 422, "invalid-picture");
        await RefusedAsync($"{views}/1/photo?width=16385", 422, "invalid-picture");
        await RefusedAsync($"{views}/1/photo?width=wide", 400, "invalid-request");
        Assert.Contains("damaged", await RefusedAsync($"{views}/1/photo", 422, "invalid-images"), StringComparison.Ordinal);

        string without = await _service.CreateSceneAsync(
            ("gaussians", TwoBlobs.Ply, "blobs.ply"), ("cameras", TwoBlobs.Cameras, "cameras.json"));
        Assert.Contains(
            "/images", await RefusedAsync($"/api/v1/scenes/{without}/views/1/photo", 404, "asset-missing"), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(string path, int status, string code)
    {
        using HttpResponseMessage response = await _service.Client.GetAsync(path);
        return await response.RefusedAsync(status, code);
    }

    private async Task<string> CreateAsync(byte[] images)
    {
        string id = await _service.CreateSceneAsync(
            ("gaussians", TwoBlobs.Ply, "blobs.ply"), ("cameras", TwoBlobs.Cameras, "cameras.json"), ("images", images, "images.zip"));
        return $"/api/v1/scenes/{id}/views";
    }

    private async Task<RgbImage> PhotoAsync(string path)
    {
        using HttpResponseMessage response = (await _service.Client.GetAsync(path)).Expect(200);
        Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
        return ImageFile.Decode(await response.Content.ReadAsByteArrayAsync());
    }

    private Task<HttpResponseMessage> AskAsync(string path, EntityTagHeaderValue known)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.IfNoneMatch.Add(known);
        return _service.Client.SendAsync(request);
    }

    private static RgbImage Plain(int width, int height, byte value)
    {
        byte[] pixels = new byte[3 * width * height];
        pixels.AsSpan().Fill(value);
        return new RgbImage(width, height, pixels);
    }
}
