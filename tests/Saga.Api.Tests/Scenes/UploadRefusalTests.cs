using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Saga.Api.Tests.Scenes;

/// <summary>Wrong and damaged uploads: refused with a reason, and the scene stays as it was.</summary>
public sealed class UploadRefusalTests : IAsyncLifetime
{
    private ServiceHost _service = null!;
    private string _path = null!;
    private string _before = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await ServiceHost.StartAsync("Saga:Limits:MaxCamerasBytes=100000");
        _path = $"/api/v1/scenes/{await _service.CreateReadySceneAsync()}";
        _before = (await _service.GetJsonAsync(_path)).GetRawText();
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_truncated_ply() =>
        Assert.Contains("blobs.ply", await RefusedAsync("gaussians", TwoBlobs.Ply[..^100], "invalid-gaussians", "blobs.ply"), StringComparison.Ordinal);

    [Fact]
    public async Task A_ply_whose_properties_have_the_wrong_type()
    {
        byte[] ply = Replace(TwoBlobs.Ply, "property float opacity", "property list uchar int opacity");
        Assert.Contains("opacity", await RefusedAsync("gaussians", ply, "invalid-gaussians"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ply_of_a_mesh()
    {
        byte[] mesh = Encoding.ASCII.GetBytes(
            "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
            + "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n");
        Assert.Contains("opacity", await RefusedAsync("gaussians", mesh, "invalid-gaussians"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_nothing_but_broken_gaussians()
    {
        float[][] records = TwoBlobs.Records()[..3];
        foreach (float[] record in records)
        {
            record[0] = float.NaN;
        }

        await RefusedAsync("gaussians", TwoBlobs.WritePly(records), "invalid-gaussians");
    }

    [Fact]
    public async Task Splats_of_a_format_that_is_not_read()
    {
        foreach ((byte[] file, string name) in new[]
        {
            (new byte[5000], "scene.ksplat"), (TwoBlobs.Images, "scene.sog"), ("{\"version\":2}"u8.ToArray(), "meta.json"),
        })
        {
            Assert.Contains(".spz (versions 2 to 4)", await RefusedAsync("gaussians", file, "unsupported-format", name), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("scene.splat", "no usable Gaussian")]
    [InlineData("scene.spz", "does not start as any known format")]
    [InlineData("scene.compressed.ply", "does not start as any known format")]
    public async Task Names_that_promise_a_format_that_is_not_inside(string name, string said) =>
        Assert.Contains(said, await RefusedAsync("gaussians", new byte[64], "invalid-gaussians", name), StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_at_all()
    {
        await RefusedAsync("gaussians", [], "invalid-gaussians");
        await RefusedAsync("cameras", [], "invalid-cameras");
        await RefusedAsync("masks", [], "invalid-masks");
        await RefusedAsync("images", [], "invalid-images");
        await RefusedAsync("model", [], "invalid-model");
    }

    [Fact]
    public async Task Cameras_with_a_number_that_is_not_one()
    {
        string json = Encoding.UTF8.GetString(TwoBlobs.Cameras).Replace("\"fx\":60", "\"fx\":1e999", StringComparison.Ordinal);
        await RefusedAsync("cameras", Encoding.UTF8.GetBytes(json), "invalid-cameras");
        await RefusedAsync("cameras", Encoding.UTF8.GetBytes(json.Replace("1e999", "NaN", StringComparison.Ordinal)), "invalid-cameras");
    }

    [Fact]
    public async Task Left_handed_cameras()
    {
        byte[] mirrored = TwoBlobs.CameraJson(_ => [[-1, 0, 0], [0, 1, 0], [0, 0, 1]]);
        string detail = await RefusedAsync("cameras", mirrored, "invalid-cameras");
        Assert.Contains("left-handed", detail, StringComparison.Ordinal);
        Assert.Contains("view_000", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_larger_than_the_limit()
    {
        await (await _service.PutAsync($"{_path}/cameras", new byte[100_001])).RefusedAsync(413, "too-large");
        using var chunked = new HttpRequestMessage(HttpMethod.Put, $"{_path}/cameras") { Content = new ByteArrayContent(new byte[100_001]) };
        chunked.Headers.TransferEncodingChunked = true;
        await (await _service.Client.SendAsync(chunked)).RefusedAsync(413, "too-large");
        await AssertUnchangedAsync();
    }

    [Fact]
    public async Task Masks_for_views_that_do_not_exist()
    {
        byte[] zip = TwoBlobs.Zip(("view_000.json", TwoBlobs.SamJson(0)), ("view_099.json", TwoBlobs.SamJson(1)));
        Assert.Contains("view_099", await RefusedAsync("masks", zip, "invalid-masks"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mask_whose_runs_overrun_it()
    {
        JsonArray masks = JsonNode.Parse(TwoBlobs.SamJson(0))!.AsArray();
        masks[1]!["segmentation"]!["counts"]!.AsArray().Add(5000);
        byte[] zip = TwoBlobs.Zip(("view_000.json", Encoding.UTF8.GetBytes(masks.ToJsonString())));
        Assert.Contains("view_000.json", await RefusedAsync("masks", zip, "invalid-masks"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zips_with_names_that_climb_out()
    {
        byte[] zip = TwoBlobs.Zip(("../view_000.json", TwoBlobs.SamJson(0)));
        Assert.Contains("..", await RefusedAsync("masks", zip, "invalid-masks"), StringComparison.Ordinal);
        await RefusedAsync("images", TwoBlobs.Zip(("../view_000.png", TwoBlobs.OnePixelPng)), "invalid-images");
    }

    [Fact]
    public async Task A_zip_that_unpacks_to_ten_gigabytes()
    {
        // 64 MB of zeros compress to 64 kB; the directory is then made to promise 10 GB.
        byte[] zip = TwoBlobs.Zip(("view_000.npy", new byte[64 << 20]));
        foreach (byte[] patched in new[] { zip, PromiseSize(zip, 4_000_000_000) })
        {
            await RefusedAsync("masks", patched, "invalid-masks");
        }
    }

    [Fact]
    public async Task A_torch_file_with_a_foreign_opcode()
    {
        // os.system("…") as pickle spells it: GLOBAL, a string, TUPLE1, REDUCE. It must be refused, never run.
        string marker = Path.Combine(_service.Folder, "executed");
        byte[] pickle = Encoding.ASCII.GetBytes($"\u0080\u0002cposix\nsystem\nX").Select(b => b == (byte)'?' ? (byte)0x80 : b).ToArray();
        byte[] command = Encoding.ASCII.GetBytes($"touch {marker}");
        byte[] program = [.. pickle, .. BitConverter.GetBytes(command.Length), .. command, 0x85, (byte)'R', (byte)'.'];
        byte[] torch = TwoBlobs.Zip(("archive/data.pkl", program), ("archive/version", "3\n"u8.ToArray()), ("archive/data/0", new byte[16]));
        Assert.Contains("view_000.pt", await RefusedAsync("masks", TwoBlobs.Zip(("view_000.pt", torch)), "invalid-masks"), StringComparison.Ordinal);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task Photos_that_are_no_pictures()
    {
        byte[] zip = TwoBlobs.Zip(("view_000.jpg", "not a picture"u8.ToArray()));
        Assert.Contains("view_000.jpg", await RefusedAsync("images", zip, "invalid-images"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_model()
    {
        byte[] flipped = [.. TwoBlobs.Model];
        flipped[^50] ^= 1;
        await RefusedAsync("model", flipped, "invalid-model");
        await RefusedAsync("model", TwoBlobs.Model[..^50], "invalid-model");
    }

    [Fact]
    public async Task A_form_with_one_bad_file_creates_nothing()
    {
        int before = (await _service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32();
        await (await _service.PostFormAsync("x", ("gaussians", TwoBlobs.Ply, "a.ply"), ("cameras", "[]"u8.ToArray(), "cameras.json")))
            .RefusedAsync(422, "invalid-cameras");
        await (await _service.PostFormAsync(null, ("gaussians", TwoBlobs.Ply, "a.ply"))).RefusedAsync(422, "invalid-name");
        await (await _service.PostFormAsync("x")).RefusedAsync(422, "invalid-gaussians");
        await (await _service.PostFormAsync("x", ("gaussian", TwoBlobs.Ply, "a.ply"))).RefusedAsync(400, "invalid-request");
        await (await _service.PostFormAsync("x", ("gaussians", TwoBlobs.Ply, "a.ply"), ("gaussians", TwoBlobs.Ply, "a.ply")))
            .RefusedAsync(400, "invalid-request");
        await (await _service.PostAsync("/api/v1/scenes", new { name = " " })).RefusedAsync(422, "invalid-name");
        await (await _service.PostTextAsync("/api/v1/scenes", "{\"name\":")).RefusedAsync(400, "invalid-request");
        Assert.Equal(before, (await _service.GetJsonAsync("/api/v1/scenes")).GetProperty("total").GetInt32());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_service.Folder, "store", ".staging")));
    }

    [Fact]
    public async Task Cameras_that_the_earlier_masks_do_not_fit_are_taken_and_the_masks_reported()
    {
        string other = Encoding.UTF8.GetString(TwoBlobs.Cameras).Replace("view_", "photo_", StringComparison.Ordinal);
        (await _service.PutAsync($"{_path}/cameras", Encoding.UTF8.GetBytes(other))).Expect(204);
        JsonElement scene = await _service.GetJsonAsync(_path);
        Assert.Equal(0, scene.GetProperty("maskCount").GetInt32());
        string[] codes = [.. scene.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("code").GetString()!)];
        Assert.Contains("masks-unusable", codes);
        Assert.Contains("images-without-view", codes);

        (await _service.PutAsync($"{_path}/cameras", TwoBlobs.Cameras)).Expect(204);
        Assert.Equal(0, (await _service.GetJsonAsync(_path)).GetProperty("problems").GetArrayLength());
        Assert.Equal("ready", (await _service.GetJsonAsync(_path)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Broken_gaussians_among_good_ones_are_counted_and_reported()
    {
        float[][] records = TwoBlobs.Records();
        records[7][1] = float.NaN;
        records[9][3] = float.PositiveInfinity;
        (await _service.PutAsync($"{_path}/gaussians", TwoBlobs.WritePly(records))).Expect(204);
        JsonElement scene = await _service.GetJsonAsync(_path);
        Assert.Equal(TwoBlobs.Count, scene.GetProperty("gaussianCount").GetInt32());
        Assert.Contains("2", scene.GetProperty("problems")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(string asset, byte[] body, string code, string? fileName = null)
    {
        using HttpResponseMessage response = await _service.PutAsync($"{_path}/{asset}", body, fileName);
        string detail = await response.RefusedAsync(422, code);
        await AssertUnchangedAsync();
        return detail;
    }

    private async Task AssertUnchangedAsync()
    {
        Assert.Equal(_before, (await _service.GetJsonAsync(_path)).GetRawText());
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_service.Folder, "store", ".staging")));
        Assert.Equal(TwoBlobs.Ply, await _service.Client.GetByteArrayAsync($"{_path}/gaussians"));
    }

    private static byte[] Replace(byte[] file, string found, string replacement)
    {
        int at = file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(found));
        return [.. file[..at], .. Encoding.ASCII.GetBytes(replacement), .. file[(at + found.Length)..]];
    }

    /// <summary>Writes another uncompressed size into the central directory's first entry.</summary>
    private static byte[] PromiseSize(byte[] zip, uint size)
    {
        byte[] patched = [.. zip];
        int entry = patched.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.GetBytes(size).CopyTo(patched, entry + 24);
        return patched;
    }
}
