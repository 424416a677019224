using System.Numerics;
using Saga.Benchmarks.Furniture;

namespace Saga.Benchmarks.Tests.Furniture;

public sealed class ObjReaderTests
{
    private const string Corners = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n";

    [Fact]
    public void A_polygon_becomes_a_fan_of_triangles()
    {
        ObjMesh mesh = Read(Corners + "f 1/9/9 2//9 3/9 4\n");

        Assert.Equal(new Vector3(1, 1, 0), mesh.Vertices[2]);
        Assert.Equal([new ObjTriangle(0, 1, 2, 0, 0), new ObjTriangle(0, 2, 3, 0, 0)], mesh.Triangles);
    }

    [Fact]
    public void Negative_corners_count_back_from_the_latest_vertex()
    {
        ObjMesh mesh = Read(Corners + "f -4 -3 -1\nv 9 9 9\nf -1 1 2\n");

        Assert.Equal([new ObjTriangle(0, 1, 3, 0, 0), new ObjTriangle(4, 0, 1, 0, 0)], mesh.Triangles);
    }

    [Fact]
    public void Groups_count_by_their_faces_and_may_come_back()
    {
        ObjMesh mesh = Read(
            Corners + "f 1 2 3\ng empty\ng left leg\nusemtl wood\nf 1 2 3\no seat\nusemtl cloth\nf 1 2 3\ng left leg\nf 1 2 4\n");

        Assert.Equal(["default", "left leg", "seat"], mesh.Groups);
        Assert.Equal(["", "wood", "cloth"], mesh.Materials);
        Assert.Equal([(0, 0), (1, 1), (2, 2), (1, 2)], mesh.Triangles.Select(t => (t.Group, t.Material)));
    }

    [Fact]
    public void Comments_tabs_carriage_returns_and_continued_lines_are_understood()
    {
        ObjMesh mesh = Read("# made by hand\r\nmtllib a.mtl\r\n\r\nv\t0 0 0 1.0\r\nv 1e0 0 0\nv 0 \\\n1 0\n  f 1 2 \\\n 3\nvn x\nl 1 2\n");

        Assert.Equal(new Vector3(0, 1, 0), mesh.Vertices[2]);
        Assert.Single(mesh.Triangles);
        Assert.Equal("a.mtl", mesh.MaterialLibrary);
    }

    [Theory]
    [InlineData("", "no faces")]
    [InlineData("v 0 0 0\n", "no faces")]
    [InlineData("v 0 0\n", "line 1: a vertex has 2 numbers")]
    [InlineData("v 0 NaN 0\n", "«NaN» is no finite number")]
    [InlineData("v 0 1e99 0\n", "«1e99» is no finite number")]
    [InlineData("v 0 1,5 0\n", "«1,5» is no finite number")]
    [InlineData("v 0 0 0\nf 1 1\n", "line 2: a face has 2 corners")]
    [InlineData("v 0 0 0\nf 1 1 2\n", "a face has vertex 2; there are 1 so far")]
    [InlineData("v 0 0 0\nf 1 1 0\n", "a face has vertex 0")]
    [InlineData("v 0 0 0\nf 1 1 -2\n", "a face has vertex -2")]
    [InlineData("v 0 0 0\nf 1 1 -2147483648\n", "a face has vertex -2147483648")]
    [InlineData("v 0 0 0\nf 1 1 9999999999\n", "«9999999999» is no corner")]
    [InlineData("v 0 0 0\nf 1 1 /1\n", "«/1» is no corner")]
    public void A_damaged_model_is_refused_with_the_line(string text, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(text));

        Assert.StartsWith("chair.obj", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_material_keeps_its_colour_and_the_file_of_its_texture()
    {
        Dictionary<string, MtlMaterial> materials = MtlReader.Read(new StringReader(
            "Kd 1 0 0\nnewmtl dark wood\nKd 0.5 0.25 2\nmap_Kd -s 1 1 1 wood.jpg\nnewmtl broken\nKd x 0 0\nKd 1\nKd NaN 0 0\n"));

        Assert.Equal(new MtlMaterial(new Vector3(0.5f, 0.25f, 1), "wood.jpg"), materials["dark wood"]);
        Assert.Equal(MtlMaterial.Unknown, materials["broken"]);
        Assert.Equal(2, materials.Count);
    }

    private static ObjMesh Read(string text) => ObjReader.Read(new StringReader(text), "chair.obj");
}
