using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>What is written is read back, within what the format keeps; in every size around a chunk, and every degree.</summary>
public sealed class FormatRoundTripTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 3)]
    [InlineData(255, 1)]
    [InlineData(256, 2)]
    [InlineData(257, 3)]
    [InlineData(5003, 0)]
    public void A_splat_file_keeps_means_and_scales_and_plain_colors(int count, int degree)
    {
        GaussianScene scene = Scene(count, degree);
        GaussianScene back = Written("scene.splat", stream => GaussianFile.WriteSplat(stream, scene, null), out int[] records);

        Assert.Equal(Enumerable.Range(0, count), records);
        Assert.Equal((count, 0), (back.Count, back.ShDegree));
        SceneTolerance.Splat.Check(scene, back);
    }

    [Theory]
    [InlineData(2, 1, 0)]
    [InlineData(2, 300, 3)]
    [InlineData(3, 1, 3)]
    [InlineData(3, 300, 2)]
    [InlineData(4, 1, 0)]
    [InlineData(4, 300, 1)]
    [InlineData(4, 5003, 3)]
    public void An_spz_file_of_every_version_keeps_the_scene(int version, int count, int degree)
    {
        GaussianScene scene = Scene(count, degree);
        GaussianScene back = Written("scene.spz", stream => GaussianFile.WriteSpz(stream, scene, null, version), out int[] records);

        Assert.Equal(Enumerable.Range(0, count), records);
        Assert.Equal((count, degree), (back.Count, back.ShDegree));
        (version == 2 ? SceneTolerance.Spz2 : SceneTolerance.Spz).Check(scene, back);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(255, 1)]
    [InlineData(256, 2)]
    [InlineData(257, 3)]
    [InlineData(20_000, 1)]
    public void A_compressed_ply_keeps_the_scene_in_the_order_it_names(int count, int degree)
    {
        GaussianScene scene = Scene(count, degree);
        GaussianScene back = Written("scene.ply", stream => GaussianFile.WriteCompressedPly(stream, scene, null), out int[] records);

        Assert.Equal(Enumerable.Range(0, count), records.Order());
        Assert.Equal((count, degree), (back.Count, back.ShDegree));

        // TestGaussians draws means from ±5, log-scales from −6..−2 and colours from ±0.5.
        SceneTolerance.CompressedPly(extent: 10, logScales: 4, colors: 1).Check(scene, back, record => records[record]);
    }

    [Fact]
    public void Along_the_curve_a_compressed_ply_is_far_finer_than_its_scene_is_wide()
    {
        GaussianScene scene = Scene(50_000, 0);

        GaussianScene back = Written("scene.ply", stream => GaussianFile.WriteCompressedPly(stream, scene, null), out int[] records);

        // 195 chunks in a box of 10 units: chunks span about a sixth of it each way, some that meet a jump of the curve much more.
        double[] errors = [.. back.FileIndices.Select((record, i) => (i, e: Array.IndexOf(scene.FileIndices, records[record], 0)))
            .Where(p => p.i % 50 == 0)
            .Select(p => Math.Abs(scene.Means[3 * p.e] - (double)back.Means[3 * p.i])).Order()];
        Assert.InRange(errors[errors.Length / 2], 0, 10.0 / 2047 / 8);
    }

    [Theory]
    [InlineData("splat")]
    [InlineData("spz")]
    [InlineData("compressed")]
    [InlineData("ply")]
    public void Chosen_records_alone_are_written(string format)
    {
        string path = Source(100, 1, out GaussianScene scene);
        bool Keep(int record) => record % 7 == 3;
        int[] expected = [.. Enumerable.Range(0, 100).Where(Keep)];
        int[] records = expected;

        GaussianScene back = Written(
            "some",
            stream => records = format switch
            {
                "splat" => GaussianFile.WriteSplat(stream, scene, Keep),
                "spz" => GaussianFile.WriteSpz(stream, scene, Keep),
                "compressed" => GaussianFile.WriteCompressedPly(stream, scene, Keep),
                _ => [.. expected.Take(GaussianFile.WritePly(path, stream, Keep))],
            },
            out _);

        Assert.Equal(expected, records.Order());
        (SceneTolerance.CompressedPly(10, 4, 1) with { LogScale = 0.04, Dc = 0.014, Rest = 0.063, Rotation = 1e-4 })
            .Check(scene, back, record => records[record]);
    }

    [Fact]
    public void Far_coordinates_cost_an_spz_file_binary_places_and_at_last_the_whole_file()
    {
        PlyTestElement vertex = TestGaussians.Inria(3).With(1, "y", -100_000.5);
        GaussianScene scene = Read(vertex);
        GaussianScene back = Written("far.spz", stream => GaussianFile.WriteSpz(stream, scene, null), out _);

        // 23 bits for 100,000 units leave 6 binary places.
        (SceneTolerance.Spz with { Mean = 0.5 / 64 + 1e-6 }).Check(scene, back);
        GaussianScene farther = Read(vertex.With(1, "y", -9e6));
        using var target = new MemoryStream();
        string message = Assert.Throws<InvalidSceneException>(() => GaussianFile.WriteSpz(target, farther, null)).Message;
        Assert.Contains("9000000", message, StringComparison.Ordinal);
        Assert.Contains(".ply", message, StringComparison.Ordinal);
        Assert.Equal(0, target.Length);
    }

    [Fact]
    public void Unusable_records_are_left_out_of_small_formats_and_kept_in_their_place_in_ply()
    {
        string path = _folder.Write("broken.ply", new PlyTestFile(
            "binary_little_endian", TestGaussians.Inria(10).With(4, "x", double.NaN)).ToBytes());
        GaussianScene scene = GaussianFile.Read(path);
        Written("small.splat", stream => GaussianFile.WriteSplat(stream, scene, null), out int[] records);
        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 9], records);

        // A .splat of the same: its fourth record is made unusable in the file itself.
        byte[] splat = File.ReadAllBytes(Path.Combine(_folder.Path, "small.splat"));
        BitConverter.TryWriteBytes(splat.AsSpan(3 * 32), float.NaN);
        string broken = _folder.Write("broken.splat", splat);
        using var converted = new MemoryStream();
        Assert.Equal(9, GaussianFile.WritePly(broken, converted, _ => true));
        GaussianScene back = GaussianPlyReader.Read(_folder.Write("converted.ply", converted.ToArray()));
        GaussianScene original = GaussianFile.Read(broken);
        Assert.Equal((8, 9), (back.Count, back.FileGaussianCount));
        new SceneTolerance(0, 0, 1e-6, 1e-6, 0, 0).Check(original, back);
    }

    [Fact]
    public void Nothing_chosen_is_an_empty_splat_and_a_refusal_where_no_reader_would_take_it()
    {
        GaussianScene scene = Scene(5, 0);
        using var target = new MemoryStream();

        Assert.Empty(GaussianFile.WriteSplat(target, scene, _ => false));
        Assert.Throws<InvalidSceneException>(() => GaussianFile.WriteSpz(target, scene, _ => false));
        Assert.Throws<InvalidSceneException>(() => GaussianFile.WriteCompressedPly(target, scene, _ => false));
        Assert.Equal(0, target.Length);
    }

    [Fact]
    public void A_scene_without_colors_is_not_written()
    {
        Source(3, 0, out _);
        GaussianScene bare = GaussianFile.Read(Path.Combine(_folder.Path, "source.ply"), new GaussianReadOptions(IncludeColors: false));

        Assert.Throws<ArgumentException>(() => GaussianFile.WriteSplat(Stream.Null, bare, null));
        Assert.Throws<ArgumentException>(() => GaussianFile.WriteSpz(Stream.Null, bare, null));
        Assert.Throws<ArgumentException>(() => GaussianFile.WriteCompressedPly(Stream.Null, bare, null));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianFile.WriteSpz(Stream.Null, bare, null, version: 5));
    }

    private GaussianScene Scene(int count, int degree)
    {
        Source(count, degree, out GaussianScene scene);
        return scene;
    }

    private string Source(int count, int degree, out GaussianScene scene)
    {
        string path = _folder.Write(
            "source.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(count, degree, seed: count + degree)).ToBytes());
        scene = GaussianFile.Read(path);
        return path;
    }

    private GaussianScene Read(PlyTestElement vertex) =>
        GaussianFile.Read(_folder.Write("source.ply", new PlyTestFile("binary_little_endian", vertex).ToBytes()));

    private GaussianScene Written(string name, Func<Stream, int[]> write, out int[] records)
    {
        using var stream = new MemoryStream();
        records = write(stream);
        GaussianScene back = GaussianFile.Read(_folder.Write(name, stream.ToArray()));
        Assert.Empty(back.Problems);
        Assert.Equal(records.Length, back.FileGaussianCount);
        return back;
    }
}
