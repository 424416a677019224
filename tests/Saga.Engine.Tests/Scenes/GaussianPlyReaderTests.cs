using System.Text;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Tests.Scenes;

public sealed class GaussianPlyReaderTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string, string, int> FormatsTypesAndDegrees
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach (string format in new[] { "ascii", "binary_little_endian", "binary_big_endian" })
            {
                foreach (string type in new[] { "float", "float32", "double" })
                {
                    for (int degree = 0; degree <= 3; degree++)
                    {
                        data.Add(format, type, degree);
                    }
                }
            }

            return data;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(FormatsTypesAndDegrees))]
    public void Every_format_type_and_degree_gives_the_values_of_the_file(string format, string type, int degree)
    {
        PlyTestElement vertex = TestGaussians.Inria(100, degree, type);

        GaussianScene scene = Read(new PlyTestFile(format, vertex));

        Assert.Equal(100, scene.Count);
        SceneAssert.HoldsRows(vertex, degree, scene);
    }

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    public void Properties_may_stand_in_any_order_with_extras_and_without_normals(string format)
    {
        PlyTestElement vertex = TestGaussians.Inria(50, degree: 2).Without(n => n is "nx" or "ny" or "nz");
        vertex.Columns = [.. vertex.Columns, ("label", "ushort"), ("flag", "uchar"), ("id", "int"), ("time", "double")];
        vertex.Rows = [.. vertex.Rows.Select((r, i) => (double[])[.. r, i, i % 2, -i, 0.1 * i])];

        SceneAssert.HoldsRows(vertex, 2, Read(new PlyTestFile(format, vertex.Shuffled(7))));
    }

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    public void Other_elements_before_and_after_are_skipped(string format)
    {
        PlyTestElement vertex = TestGaussians.Inria(20, degree: 1);
        var plain = new PlyTestElement("sensor", [("width", "short"), ("gain", "double")], [[640, 1.5], [320, 2.5]]);
        var lists = new PlyTestElement("groups", [("kind", "uchar")], [[1], [2], [3]]) { Lists = [[1, 2, 3], [], [4]] };
        var faces = new PlyTestElement("face", [], [[], []]) { Lists = [[0, 1, 2], [2, 1, 0]] };

        SceneAssert.HoldsRows(vertex, 1, Read(new PlyTestFile(format, plain, lists, vertex, faces)));
    }

    [Fact]
    public void A_header_with_carriage_returns_is_read()
    {
        PlyTestElement vertex = TestGaussians.Inria(5);

        SceneAssert.HoldsRows(vertex, 0, Read(new PlyTestFile("ascii", vertex) { LineEnd = "\r\n" }));
        SceneAssert.HoldsRows(vertex, 0, Read(new PlyTestFile("binary_little_endian", vertex) { LineEnd = "\r\n" }));
    }

    [Fact]
    public void Words_of_the_format_in_a_comment_do_not_end_the_header()
    {
        PlyTestElement vertex = TestGaussians.Inria(5);

        SceneAssert.HoldsRows(
            vertex, 0, Read(new PlyTestFile("binary_little_endian", vertex) { Comment = "comment end_header element vertex 3" }));
    }

    [Fact]
    public void Text_with_tabs_blank_lines_and_no_last_line_end_is_read()
    {
        PlyTestElement vertex = TestGaussians.Inria(5);
        string text = Encoding.ASCII.GetString(new PlyTestFile("ascii", vertex).ToBytes());
        int data = text.IndexOf("end_header", StringComparison.Ordinal) + 11;
        text = text[..data] + "\n" + text[data..].Replace(" ", "\t ", StringComparison.Ordinal).Replace("\n", " \n\n", StringComparison.Ordinal).TrimEnd();

        SceneAssert.HoldsRows(vertex, 0, GaussianPlyReader.Read(_folder.Write("a.ply", Encoding.ASCII.GetBytes(text))));
    }

    [Fact]
    public void Without_colours_the_same_gaussians_come_in_the_same_order()
    {
        PlyTestElement vertex = TestGaussians.Inria(60, degree: 3).With(4, "f_rest_44", double.NaN);
        string path = _folder.Write("a.ply", new PlyTestFile("binary_little_endian", vertex).ToBytes());

        GaussianScene with = GaussianPlyReader.Read(path);
        GaussianScene without = GaussianPlyReader.Read(path, new GaussianReadOptions(IncludeColors: false));

        Assert.False(without.HasColors);
        Assert.Equal(59, without.Count);
        Assert.Equal(with.FileIndices, without.FileIndices);
        Assert.Equal(with.Means, without.Means);
    }

    [Theory]
    [InlineData(1, 1e6)]
    [InlineData(3, 1e6)]
    [InlineData(3, -1.0001e6)]
    [InlineData(3, double.NaN)]
    [InlineData(2, double.NegativeInfinity)]
    public void Every_colour_is_checked_wherever_it_stands(int degree, double value)
    {
        string[] names = ["f_dc_0", "f_dc_1", "f_dc_2", .. Enumerable.Range(0, 3 * ((degree + 1) * (degree + 1) - 1)).Select(i => $"f_rest_{i}")];
        PlyTestElement vertex = TestGaussians.Inria(names.Length + 1, degree);
        for (int i = 0; i < names.Length; i++)
        {
            vertex = vertex.With(i, names[i], value);
        }

        string path = _folder.Write("a.ply", new PlyTestFile("binary_little_endian", vertex).ToBytes());

        GaussianScene scene = GaussianPlyReader.Read(path, new GaussianReadOptions(IncludeColors: false));

        // A million is the largest that is usable.
        Assert.Equal(Math.Abs(value) <= 1e6 ? names.Length + 1 : 1, scene.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Higher_degrees_of_colour_can_be_left_out(int degree)
    {
        PlyTestElement vertex = TestGaussians.Inria(20, degree: 3);
        string path = _folder.Write("a.ply", new PlyTestFile("binary_little_endian", vertex).ToBytes());

        GaussianScene all = GaussianPlyReader.Read(path);
        GaussianScene some = GaussianPlyReader.Read(path, new GaussianReadOptions(MaxShDegree: degree));

        int kept = 3 * (degree + 1) * (degree + 1);
        int stride = all.ShCoefficients.Length / all.Count;
        Assert.True(stride > kept);
        Assert.Equal(degree, some.ShDegree);
        Assert.Equal(kept * all.Count, some.ShCoefficients.Length);
        for (int i = 0; i < all.Count; i++)
        {
            Assert.Equal(all.ShCoefficients[(i * stride)..(i * stride + kept)], some.ShCoefficients[(i * kept)..((i + 1) * kept)]);
        }
    }

    [Fact]
    public void One_gaussian_is_a_scene()
    {
        PlyTestElement vertex = TestGaussians.Inria(1);

        SceneAssert.HoldsRows(vertex, 0, Read(new PlyTestFile("binary_little_endian", vertex)));
    }

    [Fact]
    public void Records_that_span_many_blocks_keep_their_numbers()
    {
        // 68 bytes a record: about 15,400 records a block, so three blocks and a rest.
        PlyTestElement vertex = TestGaussians.Inria(50_000);

        SceneAssert.HoldsRows(vertex, 0, Read(new PlyTestFile("binary_little_endian", vertex)));
    }

    [Fact]
    public void Inspect_tells_what_the_header_says()
    {
        PlyTestElement vertex = TestGaussians.Inria(12, degree: 1);
        string path = _folder.Write("a.ply", new PlyTestFile("binary_big_endian", vertex).ToBytes());

        GaussianPlySummary summary = GaussianPlyReader.Inspect(path);

        Assert.Equal((12, 1, PlyFormat.BinaryBigEndian), (summary.GaussianCount, summary.ShDegree, summary.Format));
        Assert.Equal(TestGaussians.InriaNames(1), summary.PropertyNames);
    }

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    public void Reading_can_be_cancelled(string format)
    {
        string path = _folder.Write("a.ply", new PlyTestFile(format, TestGaussians.Inria(10)).ToBytes());

        Assert.ThrowsAny<OperationCanceledException>(
            () => GaussianPlyReader.Read(path, cancellationToken: new CancellationToken(canceled: true)));
    }

    private GaussianScene Read(PlyTestFile file) => GaussianPlyReader.Read(_folder.Write("scene.ply", file.ToBytes()));
}
