using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Saga.Engine.Scenes;

namespace Saga.Api.Tests.Scenes;

/// <summary>Scenes of every format are uploaded, checked, drawn and given back, as they came and as a plain PLY.</summary>
public sealed class SplatFormatTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("saga-formats-").FullName;
    private ServiceHost _service = null!;

    public async ValueTask InitializeAsync() => _service = await ServiceHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("splat", "scene.splat", "splat")]
    [InlineData("splat", "upload", "splat")]
    [InlineData("spz", "scene.spz", "spz")]
    [InlineData("spz", "misnamed.ply", "spz")]
    [InlineData("compressed.ply", "scene.ply", "compressed.ply")]
    public async Task A_scene_of_another_format_is_taken_and_given_back_as_it_came_and_as_a_ply(string format, string fileName, string named)
    {
        byte[] file = Packed(format);
        string path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", file, fileName), ("cameras", TwoBlobs.Cameras, "cameras.json"))}";

        JsonElement scene = await _service.GetJsonAsync(path);
        Assert.Equal(TwoBlobs.Count, scene.GetProperty("gaussianCount").GetInt32());
        using HttpResponseMessage back = (await _service.Client.GetAsync($"{path}/gaussians")).Expect(200);
        Assert.Equal(file, await back.Content.ReadAsByteArrayAsync());
        Assert.Equal(named, back.Headers.GetValues("X-Gaussian-Format").Single());

        using HttpResponseMessage converted = (await _service.Client.GetAsync($"{path}/gaussians?format=ply")).Expect(200);
        GaussianScene ply = Read("converted.ply", await converted.Content.ReadAsByteArrayAsync());
        GaussianScene original = Read("original", file);
        Assert.Equal(Sorted(original), Sorted(ply));

        using var again = new HttpRequestMessage(HttpMethod.Get, $"{path}/gaussians?format=ply");
        again.Headers.IfNoneMatch.Add(converted.Headers.ETag!);
        (await _service.Client.SendAsync(again)).Expect(304).Dispose();
        using var head = new HttpRequestMessage(HttpMethod.Head, $"{path}/gaussians?format=ply");
        (await _service.Client.SendAsync(head)).Expect(200).Dispose();
        byte[] picture = await _service.Client.GetByteArrayAsync($"{path}/render?view=1");
        Assert.Equal("PNG", Encoding.ASCII.GetString(picture, 1, 3));
    }

    [Fact]
    public async Task An_uploaded_ply_answers_format_ply_as_the_file_itself_with_ranges()
    {
        string path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}/gaussians?format=ply";
        using var part = new HttpRequestMessage(HttpMethod.Get, path);
        part.Headers.Range = new RangeHeaderValue(0, 3);

        using HttpResponseMessage response = (await _service.Client.SendAsync(part)).Expect(206);

        Assert.Equal("ply\n", await response.Content.ReadAsStringAsync());
        Assert.Equal("ply", response.Headers.GetValues("X-Gaussian-Format").Single());
    }

    [Theory]
    [InlineData("splat", 0)]
    [InlineData("spz", 2)]
    [InlineData("spz", 3)]
    [InlineData("spz", 4)]
    [InlineData("compressed.ply", 0)]
    public async Task A_scene_is_given_in_every_format_that_is_written(string format, int version)
    {
        string path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}/gaussians";

        byte[] file = await _service.Client.GetByteArrayAsync($"{path}?format={format}{(version > 0 ? $"&version={version}" : "")}");

        GaussianScene scene = Read("given", file);
        Assert.Equal(TwoBlobs.Count, scene.Count);
        Assert.Equal(format, GaussianFile.ExtensionOf(GaussianFile.FormatOf(Path.Combine(_folder, "given")))[1..]);
    }

    [Fact]
    public async Task A_scene_is_labelled_by_its_selections_in_a_column_or_in_files_beside_it()
    {
        string path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}";
        string first = await SelectAsync(path, "left", [0, 1, 2]);
        string second = await SelectAsync(path, "corner", [2, 299]);

        byte[] column = await _service.Client.GetByteArrayAsync($"{path}/gaussians?labels=column&selections={first},{second}");
        Assert.Contains("property float rot_3\nproperty uint label\nend_header\n", Encoding.Latin1.GetString(column), StringComparison.Ordinal);
        int record = (column.Length - column.AsSpan().IndexOf("end_header\n"u8) - 11) / TwoBlobs.Count;
        uint[] labels = [.. Enumerable.Range(0, TwoBlobs.Count).Select(i =>
            BitConverter.ToUInt32(column, column.Length - (TwoBlobs.Count - i) * record + record - 4))];
        Assert.Equal((1u, 1u, 2u, 0u, 2u), (labels[0], labels[1], labels[2], labels[3], labels[299]));
        Assert.Equal(4, labels.Count(label => label != 0));

        byte[] zip = await _service.Client.GetByteArrayAsync($"{path}/gaussians?format=compressed.ply&labels=true&selections={first},{second}");
        Dictionary<string, byte[]> files = Unzip(zip);
        Assert.Equal(["blobs.compressed.ply", "labels.json", "labels.npy", "records.npy"], files.Keys.Order(StringComparer.Ordinal));
        uint[] records = Numbers(files["records.npy"]);
        uint[] sidecar = Numbers(files["labels.npy"]);
        Assert.Equal(Enumerable.Range(0, TwoBlobs.Count).Select(i => (uint)i), records.Order());
        Assert.All(Enumerable.Range(0, TwoBlobs.Count), i => Assert.Equal(labels[records[i]], sidecar[i]));
        JsonElement legend = JsonDocument.Parse(files["labels.json"]).RootElement.GetProperty("labels");
        Assert.Equal("corner", legend[1].GetProperty("name").GetString());
        Assert.Equal(second, legend[1].GetProperty("selection").GetString());
    }

    [Theory]
    [InlineData("format=obj", "ply, compressed.ply, splat and spz")]
    [InlineData("format=spz&version=1", "version is 1")]
    [InlineData("format=ply&version=3", "Only spz has versions")]
    [InlineData("labels=column", "selections=<ids>")]
    [InlineData("labels=beside", "labels is «beside»")]
    [InlineData("selections=1,2&labels=column", "«1»")]
    [InlineData("format=splat&labels=column", "Only a .ply can hold labels")]
    public async Task Exports_that_make_no_sense_are_refused(string query, string said)
    {
        string path = $"/api/v1/scenes/{await _service.CreateSceneAsync(("gaussians", TwoBlobs.Ply, "blobs.ply"))}/gaussians";

        Assert.Contains(
            said, await (await _service.Client.GetAsync($"{path}?{query}")).RefusedAsync(422, "invalid-export"), StringComparison.Ordinal);
    }

    private static IEnumerable<(int, float, float, float)> Sorted(GaussianScene scene) =>
        Enumerable.Range(0, scene.Count)
            .Select(i => (scene.FileIndices[i], scene.Means[3 * i], scene.Means[3 * i + 1], scene.OpacityLogits[i])).OrderBy(p => p.Item1);

    private static Dictionary<string, byte[]> Unzip(byte[] bytes)
    {
        using var zip = new ZipArchive(new MemoryStream(bytes));
        return zip.Entries.ToDictionary(
            entry => entry.FullName,
            entry =>
            {
                using var content = new MemoryStream();
                using Stream stream = entry.Open();
                stream.CopyTo(content);
                return content.ToArray();
            });
    }

    private static uint[] Numbers(byte[] npy)
    {
        int start = 10 + BitConverter.ToUInt16(npy, 8);
        return [.. Enumerable.Range(0, (npy.Length - start) / 4).Select(i => BitConverter.ToUInt32(npy, start + 4 * i))];
    }

    private async Task<string> SelectAsync(string path, string name, int[] indices) =>
        (await (await _service.PostAsync($"{path}/selections", new { name, indices })).JsonAsync(201)).GetProperty("id").GetString()!;

    private byte[] Packed(string format)
    {
        GaussianScene scene = Read("source.ply", TwoBlobs.Ply);
        using var stream = new MemoryStream();
        _ = format switch
        {
            "splat" => GaussianFile.WriteSplat(stream, scene, null),
            "spz" => GaussianFile.WriteSpz(stream, scene, null),
            _ => GaussianFile.WriteCompressedPly(stream, scene, null),
        };
        return stream.ToArray();
    }

    private GaussianScene Read(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return GaussianFile.Read(path);
    }
}
