using System.IO.Compression;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Scenes.Formats;

public sealed class SogReaderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(4000, 3)]
    public void A_bundle_is_read_in_the_order_of_its_pixels(int count, int degree)
    {
        GaussianScene scene = Scene(count, degree);

        GaussianScene back = Read(stream => SogTestFile.Write(stream, scene));

        // Means lie within ±5: 65,535 steps of a logarithm whose slope is at most 6 there. 255 steps for all others.
        Assert.Equal((count, degree), (back.FileGaussianCount, back.ShDegree));
        Assert.Equal(GaussianFileFormat.Sog, GaussianFile.FormatOf(Path.Combine(_folder.Path, "scene.sog")));
        new SceneTolerance(6 * 2 * 1.8 / 65535, 0.5 * 4 / 255 + 1e-4, 1e-4, 0.5 / 255 + 1e-6, 0.5 / 255 + 1e-4, 0.5 / 255 + 1e-4)
            .Check(scene, back);
    }

    [Fact]
    public void A_bundle_in_a_folder_of_its_zip_is_read()
    {
        GaussianScene scene = Scene(9, 1);

        Assert.Equal(9, Read(stream => SogTestFile.Write(stream, scene, folder: "garden/")).Count);
    }

    [Fact]
    public void Bundles_that_do_not_hold_what_they_say_are_refused_by_what_is_wrong()
    {
        GaussianScene scene = Scene(9, 1);
        void Says(string expected, Action<Dictionary<string, object>>? change, string? leaveOut = null) => Assert.Contains(
            expected,
            Assert.Throws<InvalidSceneException>(() => Read(stream => SogTestFile.Write(stream, scene, change, leaveOut))).Message,
            StringComparison.Ordinal);

        Says("version 1 of .sog; version 2 is read", meta => meta.Remove("version"));
        Says("version 3 of .sog", meta => meta["version"] = 3);
        Says("9999 Gaussians need one each", meta => meta["count"] = 9999);
        Says("2147483647 Gaussians need one each", meta => meta["count"] = int.MaxValue);
        Says("positive count", meta => meta["count"] = 0);
        Says("damaged or lacks something", meta => meta.Remove("means"));
        Says("damaged or lacks something", meta => meta["count"] = "many");
        Says("codebooks of 256", meta => meta["scales"] = new { codebook = new float[3], files = new[] { "scales.webp" } });
        Says("bands", meta => meta["shN"] = new { count = 9, bands = 4, codebook = new float[256], files = new[] { "a", "b" } });
        Says("take 512×1", meta => meta["shN"] =
            new { count = 9, bands = 2, codebook = new float[256], files = new[] { "shN_centroids.webp", "shN_labels.webp" } });
        Says("«quats.webp», which is not in the zip", null, "quats.webp");
        Says("«../quats.webp»", meta => meta["quats"] = new { files = new[] { "../quats.webp" } });
    }

    [Fact]
    public void A_codebook_without_a_number_and_a_place_outside_the_palette_leave_only_their_gaussians_out()
    {
        GaussianScene scene = Scene(9, 1);

        GaussianScene some = Read(stream => SogTestFile.Write(stream, scene, meta => meta["shN"] =
            new { count = 5, bands = 1, codebook = new float[256], files = new[] { "shN_centroids.webp", "shN_labels.webp" } }));

        Assert.Equal((5, 9), (some.Count, some.FileGaussianCount));
        float?[] holed = [.. Enumerable.Repeat((float?)-4f, 255), null];
        InvalidSceneException none = Assert.Throws<InvalidSceneException>(() => Read(stream => SogTestFile.Write(
            stream, Scene(1, 0), meta => meta["scales"] = new { codebook = Enumerable.Repeat((float?)null, 256), files = new[] { "scales.webp" } })));
        Assert.Contains("no usable Gaussian", none.Message, StringComparison.Ordinal);
        Assert.InRange(
            Read(stream => SogTestFile.Write(stream, scene, meta => meta["scales"] = new { codebook = holed, files = new[] { "scales.webp" } })).Count,
            1, 8);
    }

    [Fact]
    public void Any_other_zip_is_no_scene()
    {
        InvalidSceneException error = Assert.Throws<InvalidSceneException>(() => Read(stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            zip.CreateEntry("view_0.png").Open().Dispose();
        }));

        Assert.Contains("a zip without a meta.json", error.Message, StringComparison.Ordinal);
    }

    private GaussianScene Scene(int count, int degree) => GaussianFile.Read(_folder.Write(
        "source.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(count, degree)).ToBytes()));

    private GaussianScene Read(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return GaussianFile.Read(_folder.Write("scene.sog", stream.ToArray()));
    }
}
