using System.Globalization;
using System.Text;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes;

public sealed class RealSceneTests
{
    [Fact]
    public void The_playroom_is_read_whole()
    {
        string path = SharedData.Playroom("gaussians.ply");

        GaussianScene scene = GaussianPlyReader.Read(path);

        Assert.Equal(181_800, scene.Count);
        Assert.Empty(scene.Problems);
        SceneAssert.HoldsRows(SlowRead(path), 0, scene);
        Assert.Equal(Enumerable.Range(0, scene.Count), scene.FileIndices.Order());
    }

    [Theory]
    [InlineData(26_895, 2, "data", "captures", "flowers_27k.ply")]
    [InlineData(92_802, 2, "data", "captures", "flowers_93k.ply")]
    [InlineData(90_854, 0, "data", "captures", "guitar_91k.ply")]
    [InlineData(62_937, 2, "data", "plush", "gaussians.ply")]
    public void Real_captures_are_read(int count, int degree, params string[] path)
    {
        string file = SharedData.Require(path);

        GaussianScene scene = GaussianPlyReader.Read(file);

        Assert.Equal(count, scene.FileGaussianCount);
        Assert.InRange(scene.Count, count * 99 / 100, count);
        SceneAssert.HoldsRows(SlowRead(file), degree, scene);
    }

    [Theory]
    [InlineData("biker.compressed.ply")]
    [InlineData("compressed_with_sh.ply")]
    public void The_reader_of_plain_ply_refuses_packed_ones_by_name(string name)
    {
        string file = SharedData.Require("data", "formats", name);

        Assert.Contains("compressed PLY", Assert.Throws<InvalidSceneException>(() => GaussianPlyReader.Read(file)).Message, StringComparison.Ordinal);
    }

    /// <summary>The plainest reader that these files allow: little-endian floats, one element.</summary>
    private static PlyTestElement SlowRead(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int data = bytes.AsSpan().IndexOf("end_header\n"u8) + 11;
        string[] lines = Encoding.ASCII.GetString(bytes, 0, data).Split('\n');
        int count = int.Parse(lines.First(l => l.StartsWith("element vertex ", StringComparison.Ordinal))[15..], CultureInfo.InvariantCulture);
        string[] names = [.. lines.Where(l => l.StartsWith("property float ", StringComparison.Ordinal)).Select(l => l[15..])];
        var rows = new double[count][];
        for (int row = 0; row < count; row++)
        {
            rows[row] = [.. names.Select((_, i) => (double)BitConverter.ToSingle(bytes, data + 4 * (row * names.Length + i)))];
        }

        return new PlyTestElement("vertex", [.. names.Select(n => (n, "float"))], rows);
    }
}
