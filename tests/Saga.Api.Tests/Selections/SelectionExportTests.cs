using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Scenes;
using Saga.Tests;

namespace Saga.Api.Tests.Selections;

/// <summary>Selections as people keep them: named, coloured, hidden, and taken away as files. On each database.</summary>
public abstract class SelectionExportTests : IAsyncLifetime
{
    private static readonly int[] Chosen = [0, 7, 8, 149, 150, 299];

    private ServiceHost _service = null!;
    private string _path = null!;

    private protected abstract Task<ServiceHost> StartAsync();

    public async ValueTask InitializeAsync()
    {
        _service = await StartAsync();
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(TwoBlobs.AllFiles)}";
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_selection_is_renamed_coloured_hidden_and_shown_so()
    {
        JsonElement created = await SelectAsync(new { name = "a", indices = Chosen, color = "#FF00aa" });
        Assert.Equal(("#ff00aa", false), (created.GetProperty("color").GetString(), created.GetProperty("hidden").GetBoolean()));
        string path = $"{_path}/selections/{created.GetProperty("id").GetString()}";

        JsonElement changed = await (await PatchAsync(path, """{"hidden":true}""")).JsonAsync(200);
        Assert.Equal(("a", "#ff00aa", true), Look(changed));
        changed = await (await PatchAsync(path, """{"name":" chair ","color":"#012345"}""")).JsonAsync(200);
        Assert.Equal(("chair", "#012345", true), Look(changed));
        Assert.Equal(Chosen.Length, changed.GetProperty("selectedCount").GetInt32());
        changed = await (await PatchAsync(path, """{"hidden":false,"name":""}""")).JsonAsync(200);
        Assert.Equal(("", "#012345", false), Look(changed));

        Assert.Equal(("", "#012345", false), Look(await _service.GetJsonAsync(path)));
        Assert.Equal(("", "#012345", false), Look((await _service.GetJsonAsync($"{_path}/selections")).GetProperty("items")[0]));
        Assert.Equal(Chosen, Indices((await _service.GetJsonAsync(path)).GetProperty("indices")));
        Assert.Equal(JsonValueKind.Null, (await SelectAsync(new { indices = Chosen })).GetProperty("color").ValueKind);
    }

    [Theory]
    [InlineData("""{}""", 422, "invalid-selection")]
    [InlineData("""{"color":"red"}""", 422, "invalid-selection")]
    [InlineData("""{"color":"#12345"}""", 422, "invalid-selection")]
    [InlineData("""{"color":"#12345g"}""", 422, "invalid-selection")]
    [InlineData("""{"color":""}""", 422, "invalid-selection")]
    [InlineData("""{"name":"a\u0000b"}""", 422, "invalid-name")]
    [InlineData("""{"hidden":"yes"}""", 400, "invalid-request")]
    [InlineData("""null""", 400, "invalid-request")]
    public async Task Changes_that_make_no_sense_are_refused_and_change_nothing(string body, int status, string code)
    {
        string path = $"{_path}/selections/{(await SelectAsync(new { name = "a", indices = Chosen })).GetProperty("id").GetString()}";
        await (await PatchAsync(path, body)).RefusedAsync(status, code);
        await (await PatchAsync($"{_path}/selections/{Guid.NewGuid()}", """{"hidden":true}""")).RefusedAsync(404, "selection-not-found");
        Assert.Equal(("a", null, false), Look(await _service.GetJsonAsync(path)));
    }

    [Fact]
    public async Task Exported_records_are_those_of_the_file_byte_for_byte()
    {
        string path = await ExportPathAsync();
        int headerBytes = TwoBlobs.Ply.AsSpan().IndexOf("end_header\n"u8) + "end_header\n".Length;
        string header = Encoding.ASCII.GetString(TwoBlobs.Ply, 0, headerBytes);
        int recordBytes = (TwoBlobs.Ply.Length - headerBytes) / TwoBlobs.Count;
        int[] rest = [.. Enumerable.Range(0, TwoBlobs.Count).Except(Chosen)];
        foreach ((string query, int[] records) in new[] { ("", Chosen), ("?format=ply&part=rest", rest) })
        {
            byte[] expected =
            [
                .. Encoding.ASCII.GetBytes(header.Replace("vertex 300", $"vertex {records.Length}", StringComparison.Ordinal)),
                .. records.SelectMany(r => TwoBlobs.Ply.AsSpan(headerBytes + r * recordBytes, recordBytes).ToArray()),
            ];

            using HttpResponseMessage response = (await _service.Client.GetAsync(path + query)).Expect(200);

            Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(records.Length.ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("X-Selected-Count").Single());
        }
    }

    [Fact]
    public async Task An_ascii_file_stays_text_with_all_its_properties_as_written()
    {
        string[] names = ["label", "x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"];
        string[] records = [.. Enumerable.Range(0, 20).Select(i => $"{i} {i}.50 0 1e0 0.1 0.2 0.3 2 -3 -3 -3 1 0 0 0")];
        string Header(int count) => "ply\nformat ascii 1.0\ncomment made by hand\n" + $"element vertex {count}\n"
            + string.Concat(names.Select(n => $"property {(n == "label" ? "int" : "float")} {n}\n")) + "end_header\n";
        byte[] file = Encoding.ASCII.GetBytes(Header(20) + string.Concat(records.Select(r => r + "\n")));
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", file, "text.ply"))}";
        string path = $"{_path}/selections/{(await SelectAsync(new { indices = new[] { 3, 19 } })).GetProperty("id").GetString()}/export";

        Assert.Equal(Header(2) + records[3] + "\n" + records[19] + "\n", await _service.Client.GetStringAsync(path));
    }

    [Fact]
    public async Task Indices_and_bits_are_exported_and_the_rest_of_them()
    {
        string path = await ExportPathAsync();
        JsonElement indices = await _service.GetJsonAsync($"{path}?format=indices");
        Assert.Equal(Chosen, Indices(indices));
        indices = await _service.GetJsonAsync($"{path}?format=indices&part=rest");
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Count).Except(Chosen), Indices(indices));

        byte[] bits = await _service.Client.GetByteArrayAsync($"{path}?format=bits");
        byte[] rest = await _service.Client.GetByteArrayAsync($"{path}?format=bits&part=rest");
        Assert.Equal(Chosen, Enumerable.Range(0, TwoBlobs.Count).Where(i => (bits[i / 8] >> (i % 8) & 1) != 0));
        Assert.Equal((TwoBlobs.Count + 7) / 8, bits.Length);
        Assert.All(bits.Zip(rest).SkipLast(1), pair => Assert.Equal(255, pair.First ^ pair.Second));
        Assert.Equal(0x0F, bits[^1] ^ rest[^1]);
    }

    [Fact]
    public async Task A_download_has_a_name_that_is_no_path()
    {
        string path = await ExportPathAsync("../../etc/pass\"wd: möbel");
        foreach ((string query, string ending) in new[] { ("", ".ply"), ("?part=rest", "-rest.ply"), ("?format=indices", ".json"), ("?format=bits", ".bits") })
        {
            using HttpResponseMessage response = (await _service.Client.GetAsync(path + query)).Expect(200);
            ContentDispositionHeaderValue disposition = response.Content.Headers.ContentDisposition!;
            Assert.Equal("attachment", disposition.DispositionType);
            string name = disposition.FileNameStar!;
            Assert.Equal("test scene-..-..-etc-passwd möbel" + ending, name);
        }
    }

    [Theory]
    [InlineData("?format=obj", 422, "invalid-export")]
    [InlineData("?format=spz&version=9", 422, "invalid-export")]
    [InlineData("?format=coco&part=rest", 422, "invalid-export")]
    [InlineData("?part=half", 422, "invalid-export")]
    public async Task Exports_that_do_not_exist_are_refused(string query, int status, string code)
    {
        await (await _service.Client.GetAsync(await ExportPathAsync() + query)).RefusedAsync(status, code);
        string unknown = $"{_path}/selections/{Guid.NewGuid()}";
        await (await _service.Client.GetAsync($"{unknown}/export")).RefusedAsync(404, "selection-not-found");
        await (await _service.Client.GetAsync($"{unknown}/masks.zip")).RefusedAsync(404, "selection-not-found");
    }

    [Fact]
    public async Task The_zip_has_the_mask_of_every_view()
    {
        string selection = (await SelectAsync(new { name = "left", indices = Enumerable.Range(0, TwoBlobs.Half) })).GetProperty("id").GetString()!;
        using HttpResponseMessage response = (await _service.Client.GetAsync($"{_path}/selections/{selection}/masks.zip")).Expect(200);
        Assert.Equal("application/zip", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("test scene-left-masks.zip", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'));

        using var zip = new ZipArchive(new MemoryStream(await response.Content.ReadAsByteArrayAsync()));

        Assert.Equal(Enumerable.Range(0, TwoBlobs.Views).Select(i => $"view_{i:000}.png"), zip.Entries.Select(e => e.FullName));
        for (int view = 0; view < TwoBlobs.Views; view++)
        {
            using var png = new MemoryStream();
            using (Stream entry = zip.Entries[view].Open())
            {
                entry.CopyTo(png);
            }

            Assert.Equal(await _service.Client.GetByteArrayAsync($"{_path}/views/{view}/mask?selection={selection}"), png.ToArray());
            Assert.Equal(1, png.ToArray()[24]);   // bit depth in the PNG's header
            Assert.Contains((byte)255, ImageFile.Decode(png.ToArray()).Pixels);
        }
    }

    [Theory]
    [InlineData("splat", "-rest.splat", TwoBlobs.Count - 6)]
    [InlineData("spz", "-rest.spz", TwoBlobs.Count - 6)]
    [InlineData("compressed.ply", "-rest.compressed.ply", TwoBlobs.Count - 6)]
    public async Task A_selection_and_its_rest_are_exported_packed(string format, string ending, int restCount)
    {
        string path = await ExportPathAsync();

        Assert.Equal(Chosen.Length, CountOf(await _service.Client.GetByteArrayAsync($"{path}?format={format}")));
        using HttpResponseMessage rest = (await _service.Client.GetAsync($"{path}?format={format}&part=rest")).Expect(200);
        Assert.Equal(restCount, CountOf(await rest.Content.ReadAsByteArrayAsync()));
        Assert.EndsWith(ending, rest.Content.Headers.ContentDisposition!.FileNameStar, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selection_of_nothing_is_refused_where_no_reader_would_take_the_file()
    {
        string path = $"{_path}/selections/{(await SelectAsync(new { indices = Array.Empty<int>() })).GetProperty("id").GetString()}/export";

        Assert.Contains(
            "No usable Gaussian is chosen",
            await (await _service.Client.GetAsync($"{path}?format=spz")).RefusedAsync(422, "invalid-gaussians"), StringComparison.Ordinal);
        Assert.Empty(await _service.Client.GetByteArrayAsync($"{path}?format=splat"));
    }

    [Fact]
    public async Task All_records_are_exported_with_the_selection_as_a_column()
    {
        byte[] file = await _service.Client.GetByteArrayAsync(await ExportPathAsync() + "?part=all&labels=column");

        int headerBytes = file.AsSpan().IndexOf("end_header\n"u8) + "end_header\n".Length;
        int recordBytes = (file.Length - headerBytes) / TwoBlobs.Count;
        Assert.Equal(
            Chosen,
            Enumerable.Range(0, TwoBlobs.Count).Where(i => BitConverter.ToUInt32(file, headerBytes + (i + 1) * recordBytes - 4) == 1));
    }

    [Fact]
    public async Task The_masks_of_all_views_are_one_coco_file()
    {
        string selection = (await SelectAsync(new { name = "left", indices = Enumerable.Range(0, TwoBlobs.Half) })).GetProperty("id").GetString()!;
        using HttpResponseMessage response = (await _service.Client.GetAsync($"{_path}/selections/{selection}/export?format=coco")).Expect(200);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        JsonElement coco = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

        Assert.Equal("left", coco.GetProperty("categories")[0].GetProperty("name").GetString());
        JsonElement[] images = [.. coco.GetProperty("images").EnumerateArray()];
        JsonElement[] annotations = [.. coco.GetProperty("annotations").EnumerateArray()];
        Assert.Equal((TwoBlobs.Views, TwoBlobs.Views), (images.Length, annotations.Length));
        for (int view = 0; view < TwoBlobs.Views; view++)
        {
            Assert.Equal($"view_{view:000}", images[view].GetProperty("file_name").GetString());
            Assert.Equal(images[view].GetProperty("id").GetInt32(), annotations[view].GetProperty("image_id").GetInt32());
            JsonElement segmentation = annotations[view].GetProperty("segmentation");
            Assert.Equal([TwoBlobs.Height, TwoBlobs.Width], Indices(segmentation.GetProperty("size")));
            BinaryMask mask = CocoRle.Decode(
                TwoBlobs.Width, TwoBlobs.Height, Encoding.ASCII.GetBytes(segmentation.GetProperty("counts").GetString()!));
            byte[] png = await _service.Client.GetByteArrayAsync($"{_path}/views/{view}/mask?selection={selection}");
            byte[] pixels = ImageFile.Decode(png).Pixels;
            (int X, int Y)[] set = [.. Enumerable.Range(0, TwoBlobs.Width * TwoBlobs.Height)
                .Where(p => pixels[3 * p] != 0).Select(p => (p % TwoBlobs.Width, p / TwoBlobs.Width))];
            Assert.Equal(set.Length, annotations[view].GetProperty("area").GetInt32());
            Assert.All(set, p => Assert.True(mask.Contains(p.X, p.Y)));
            int[] box = [set.Min(p => p.X), set.Min(p => p.Y), set.Max(p => p.X) - set.Min(p => p.X) + 1, set.Max(p => p.Y) - set.Min(p => p.Y) + 1];
            Assert.Equal(box, Indices(annotations[view].GetProperty("bbox")));
        }
    }

    [Fact]
    public async Task A_scene_without_cameras_gets_masks_in_the_views_of_its_orbit()
    {
        _path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}";
        string selection = (await SelectAsync(new { indices = Chosen })).GetProperty("id").GetString()!;
        int views = (await _service.GetJsonAsync(_path)).GetProperty("viewCount").GetInt32();
        using HttpResponseMessage answer = (await _service.Client.GetAsync($"{_path}/selections/{selection}/masks.zip")).Expect(200);
        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(views, zip.Entries.Count);
        Assert.All(zip.Entries, entry => Assert.StartsWith("orbit_", entry.Name, StringComparison.Ordinal));
    }

    private static (string? Name, string? Color, bool Hidden) Look(JsonElement selection) => (
        selection.GetProperty("name").GetString(), selection.GetProperty("color").GetString(), selection.GetProperty("hidden").GetBoolean());

    private static int CountOf(byte[] file)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllBytes(path, file);
        try
        {
            return GaussianFile.Read(path).FileGaussianCount;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int[] Indices(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetInt32())];

    private async Task<string> ExportPathAsync(string name = "left") =>
        $"{_path}/selections/{(await SelectAsync(new { name, indices = Chosen })).GetProperty("id").GetString()}/export";

    private async Task<JsonElement> SelectAsync(object selection) =>
        await (await _service.PostAsync($"{_path}/selections", selection)).JsonAsync(201);

    private Task<HttpResponseMessage> PatchAsync(string path, string json) =>
        _service.Client.PatchAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
}

public sealed class SqliteSelectionExportTests : SelectionExportTests
{
    private protected override Task<ServiceHost> StartAsync() => ServiceHost.StartAsync();
}

public sealed class PostgresSelectionExportTests(PostgresServer server) : SelectionExportTests, IClassFixture<PostgresServer>
{
    private protected override Task<ServiceHost> StartAsync() => ServiceHost.StartAsync($"Saga:Database={server.Require()}");
}
