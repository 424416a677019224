using System.Text;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Tests.Scenes;

/// <summary>Files that are no Gaussian scene are refused with what was found, what was expected and the way out.</summary>
public sealed class GaussianPlyRefusalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_mesh_is_named_a_mesh()
    {
        var vertex = new PlyTestElement(
            "vertex", [("x", "float"), ("y", "float"), ("z", "float"), ("red", "uchar")], [[0, 0, 0, 9], [1, 0, 0, 9], [0, 1, 0, 9]]);
        var face = new PlyTestElement("face", [], [[]]) { Lists = [[0, 1, 2]] };

        Refused(
            new PlyTestFile("binary_little_endian", vertex, face).ToBytes(),
            "a mesh or a point cloud, not a Gaussian scene", "opacity, scale_0, scale_1", "a Gaussian scene needs x, y, z, opacity");
    }

    [Fact]
    public void A_missing_property_is_named() =>
        Refused(File(TestGaussians.Inria(2).Without(n => n == "scale_2")), "scene.ply: property scale_2 is missing", "scale_0..2");

    [Theory]
    [InlineData("x")]
    [InlineData("rot_3")]
    [InlineData("f_rest_5")]
    public void A_wrong_type_is_named(string name)
    {
        PlyTestElement vertex = TestGaussians.Inria(2, degree: 1);
        vertex.Columns = [.. vertex.Columns.Select(c => c.Name == name ? (name, "uchar") : c)];

        Refused(File(vertex), $"property {name} is of type UInt8", "float or double");
    }

    [Theory]
    [InlineData(7)]
    [InlineData(44)]
    [InlineData(72)]
    public void A_colour_degree_that_does_not_exist_is_refused(int restCount)
    {
        PlyTestElement vertex = TestGaussians.Inria(2);
        vertex.Columns = [.. vertex.Columns, .. Enumerable.Range(0, restCount).Select(i => ($"f_rest_{i}", "float"))];
        vertex.Rows = [.. vertex.Rows.Select(r => (double[])[.. r, .. new double[restCount]])];

        Refused(File(vertex), $"{restCount} f_rest properties", "0, 9, 24 or 45");
    }

    [Fact]
    public void A_gap_in_the_colour_properties_is_refused()
    {
        PlyTestElement vertex = TestGaussians.Inria(2, degree: 1);
        vertex.Columns = [.. vertex.Columns.Select(c => c.Name == "f_rest_4" ? ("f_rest_9", "float") : c)];

        Refused(File(vertex), "property f_rest_4 is missing", "f_rest_0 to f_rest_8");
    }

    [Fact]
    public void A_list_in_the_vertex_is_refused()
    {
        PlyTestElement vertex = TestGaussians.Inria(2);
        Refused(
            File(new PlyTestElement("vertex", vertex.Columns, vertex.Rows) { Lists = [[1], [2]] }),
            "vertex property numbers is a list");
    }

    [Fact]
    public void A_compressed_ply_is_named_as_such()
    {
        var vertex = new PlyTestElement("vertex", [("packed_position", "uint"), ("packed_rotation", "uint")], [[1, 2]]);

        Refused(File(vertex), "compressed PLY", "uncompressed");
    }

    [Theory]
    [InlineData("2000000000", "promises 2000000000 Gaussians of 68 bytes, but the file ends in record 3, after 204 bytes")]
    [InlineData("9223372036854775807", "truncated")]
    [InlineData("99999999999999999999", "no usable count")]
    [InlineData("-1", "no usable count")]
    [InlineData("0", "0 Gaussians; expected at least one")]
    [InlineData("4", "file ends in record 3")]
    public void The_headers_count_is_not_believed(string count, string expected)
    {
        PlyTestElement vertex = TestGaussians.Inria(3);
        vertex.ClaimedCount = count;

        Refused(File(vertex), expected);
    }

    [Theory]
    [InlineData("2000000000")]
    [InlineData("4")]
    public void The_headers_count_of_a_text_file_is_not_believed(string count)
    {
        PlyTestElement vertex = TestGaussians.Inria(3);
        vertex.ClaimedCount = count;

        Refused(new PlyTestFile("ascii", vertex).ToBytes(), "truncated");
    }

    [Theory]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    [InlineData("ascii")]
    public void A_huge_element_before_the_gaussians_is_not_believed(string format)
    {
        var plain = new PlyTestElement("sensor", [("gain", "double")], [[1.5]]) { ClaimedCount = "4000000000000000000" };
        var lists = new PlyTestElement("groups", [], [[]]) { Lists = [[1]], ClaimedCount = "4000000000000000000" };

        Refused(new PlyTestFile(format, plain, TestGaussians.Inria(3)).ToBytes(), "truncated");
        Refused(new PlyTestFile(format, lists, TestGaussians.Inria(3)).ToBytes(), "truncated");
    }

    [Fact]
    public void A_list_longer_than_the_file_is_refused()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(
            new PlyTestFile("binary_little_endian", new PlyTestElement("groups", [], [[]]) { Lists = [[]] }, TestGaussians.Inria(1)).Header()
                .Replace("list uchar int", "list uint double", StringComparison.Ordinal));

        Refused([.. bytes, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3], "truncated");
    }

    [Theory]
    [InlineData("not a ply at all")]
    [InlineData("")]
    [InlineData("PK")]
    public void What_does_not_start_like_a_ply_is_refused(string text) =>
        Refused(Encoding.ASCII.GetBytes(text), "does not start with «ply»");

    [Theory]
    [InlineData("ply\nformat ascii 1.0\nelement vertex 3\n", "without end_header")]
    [InlineData("ply\nelement vertex 3\nend_header\n", "no format line")]
    [InlineData("ply\nformat binary_middle_endian 1.0\nend_header\n", "binary_middle_endian 1.0 is not known")]
    [InlineData("ply\nformat ascii 2.0\nend_header\n", "ascii 2.0 is not known")]
    [InlineData("ply\nformat ascii 1.0\nelement vertex 1\nproperty half x\nend_header\n", "unknown type half")]
    [InlineData("ply\nformat ascii 1.0\nproperty float x\nend_header\n", "not understood")]
    [InlineData("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float x\nend_header\n", "property x twice")]
    [InlineData("ply\nformat ascii 1.0\nelement vertex 1\nelement vertex 1\nend_header\n", "element vertex twice")]
    [InlineData("ply\nformat ascii 1.0\nelement face 1\nend_header\n", "no element vertex")]
    [InlineData("ply\nformat ascii 1.0\nhello\nend_header\n", "«hello» is not understood")]
    public void A_damaged_header_is_refused(string text, string expected) => Refused(Encoding.ASCII.GetBytes(text), expected);

    [Fact]
    public void An_endless_header_is_refused_without_reading_it_all() =>
        Refused(Encoding.ASCII.GetBytes("ply\nformat ascii 1.0\n" + string.Concat(Enumerable.Repeat("comment x\n", 100_000))), "no end_header in the first");

    [Fact]
    public void A_header_of_too_many_properties_is_refused() => Refused(
        Encoding.ASCII.GetBytes(
            "ply\nformat ascii 1.0\nelement vertex 1\n"
            + string.Concat(Enumerable.Range(0, 5000).Select(i => $"property float p{i}\n")) + "end_header\n"),
        "more than");

    [Theory]
    [InlineData("1 2", "record 1 of element vertex has 2 values; the header lists 17 properties")]
    [InlineData("1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8", "has 18 values")]
    [InlineData("1 two 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7", "record 1 has «two» for property y; expected a number")]
    public void A_damaged_line_of_text_is_named(string line, string expected)
    {
        string good = string.Join(' ', Enumerable.Repeat("1.00", 17)) + "\n";
        PlyTestElement vertex = TestGaussians.Inria(3);
        string header = new PlyTestFile("ascii", vertex).Header();

        Refused(Encoding.ASCII.GetBytes(header + good + line + "\n" + good), expected);
    }

    [Fact]
    public void Cut_off_anywhere_a_binary_file_is_refused()
    {
        byte[] whole = File(TestGaussians.Inria(3));
        for (int length = 0; length < whole.Length; length++)
        {
            string path = _folder.Write("scene.ply", whole[..length]);
            Assert.Throws<InvalidSceneException>(() => GaussianPlyReader.Read(path));
            Assert.Throws<InvalidSceneException>(() => GaussianPlyReader.Inspect(path));
        }
    }

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    public void Random_damage_is_read_or_refused_and_nothing_else(string format)
    {
        var lists = new PlyTestElement("groups", [("kind", "short")], [[1], [2]]) { Lists = [[1, 2, 3], [4]] };
        byte[] whole = new PlyTestFile(format, lists, TestGaussians.Inria(3)).ToBytes();
        Random random = new(42);
        for (int round = 0; round < 500; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                GaussianPlyReader.Read(_folder.Write("scene.ply", damaged));
            }
            catch (InvalidSceneException)
            {
                // A clear refusal is right; any other exception fails the test.
            }
        }
    }

    private static byte[] File(PlyTestElement vertex) => new PlyTestFile("binary_little_endian", vertex).ToBytes();

    private void Refused(byte[] bytes, params string[] expected)
    {
        string path = _folder.Write("scene.ply", bytes);
        InvalidSceneException error = Assert.Throws<InvalidSceneException>(() => GaussianPlyReader.Read(path));
        Assert.StartsWith("scene.ply: ", error.Message, StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
