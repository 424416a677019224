using System.Text;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Tests.Scenes;

public sealed class GaussianPlySubsetTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    public void Chosen_records_are_copied_byte_for_byte(string format)
    {
        PlyTestElement vertex = TestGaussians.Inria(100, degree: 1).With(10, "x", double.NaN);
        vertex.Columns = [.. vertex.Columns, ("label", "ushort")];
        vertex.Rows = [.. vertex.Rows.Select((r, i) => (double[])[.. r, i])];
        vertex = vertex.Shuffled(5);
        var groups = new PlyTestElement("groups", [("kind", "uchar")], [[1], [2]]) { Lists = [[1, 2, 3], []] };
        var file = new PlyTestFile(format, groups, vertex);
        string path = _folder.Write("scene.ply", file.ToBytes());
        using var written = new MemoryStream();

        int count = GaussianPlySubset.Write(path, i => i % 3 == 1, written);

        int[] kept = [.. Enumerable.Range(0, 100).Where(i => i % 3 == 1)];
        var expected = new PlyTestFile(format, new PlyTestElement("vertex", vertex.Columns, [.. kept.Select(i => vertex.Rows[i])]));
        Assert.Equal(kept.Length, count);
        Assert.Equal(Encoding.Latin1.GetString(expected.ToBytes()), Encoding.Latin1.GetString(written.ToArray()));
    }

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    public void Labels_are_a_further_property_behind_untouched_records(string format)
    {
        PlyTestElement vertex = TestGaussians.Inria(10, degree: 1);
        var after = new PlyTestElement("groups", [("kind", "uchar")], [[1], [2]]);
        string path = _folder.Write("scene.ply", new PlyTestFile(format, vertex, after).ToBytes());
        using var written = new MemoryStream();

        GaussianPlySubset.Write(path, i => i > 6, i => uint.MaxValue - (uint)i, written);

        var expected = new PlyTestFile(format, new PlyTestElement(
            "vertex", [.. vertex.Columns, (GaussianPlySubset.LabelName, "uint")],
            [.. Enumerable.Range(7, 3).Select(i => (double[])[.. vertex.Rows[i], uint.MaxValue - (uint)i])]));
        Assert.Equal(Encoding.Latin1.GetString(expected.ToBytes()), Encoding.Latin1.GetString(written.ToArray()));
        InvalidSceneException twice = Assert.Throws<InvalidSceneException>(
            () => GaussianPlySubset.Write(_folder.Write("labelled.ply", written.ToArray()), _ => true, _ => 1, Stream.Null));
        Assert.Contains("a property label already", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Choosing_everything_gives_the_same_file()
    {
        // More than one block of the copy.
        byte[] file = new PlyTestFile("binary_little_endian", TestGaussians.Inria(40_000)).ToBytes();
        string path = _folder.Write("scene.ply", file);
        using var written = new MemoryStream();

        GaussianPlySubset.Write(path, _ => true, written);

        Assert.Equal(file, written.ToArray());
    }

    [Fact]
    public void Choosing_nothing_gives_a_file_of_no_gaussians()
    {
        string path = _folder.Write("scene.ply", new PlyTestFile("ascii", TestGaussians.Inria(3)).ToBytes());
        using var written = new MemoryStream();

        Assert.Equal(0, GaussianPlySubset.Write(path, _ => false, written));
        Assert.Contains("element vertex 0\n", Encoding.ASCII.GetString(written.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_source_is_refused()
    {
        byte[] file = new PlyTestFile("binary_little_endian", TestGaussians.Inria(3)).ToBytes();
        string path = _folder.Write("scene.ply", file[..^1]);

        Assert.Throws<InvalidSceneException>(() => GaussianPlySubset.Write(path, _ => true, Stream.Null));
    }
}
