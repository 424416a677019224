using Saga.Engine.Scenes;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>Files that other programs wrote.</summary>
public sealed class RealFormatTests
{
    [Theory]
    [InlineData("biker.spz", 152_746, 0, GaussianFileFormat.Spz)]
    [InlineData("biker.compressed.ply", 152_746, 0, GaussianFileFormat.CompressedPly)]
    [InlineData("guitar.compressed.ply", 90_854, 0, GaussianFileFormat.CompressedPly)]
    [InlineData("compressed_with_sh.ply", 64, 3, GaussianFileFormat.CompressedPly)]
    [InlineData("minimal.splat", 4, 0, GaussianFileFormat.Splat)]
    [InlineData("minimal-v2.spz", 4, 0, GaussianFileFormat.Spz)]
    [InlineData("minimal-raw.spz", 4, 0, GaussianFileFormat.Spz)]
    [InlineData("minimal-v3.spz", 4, 0, GaussianFileFormat.Spz)]
    [InlineData("minimal-v4.spz", 4, 0, GaussianFileFormat.Spz)]
    public void Every_record_is_read(string name, int count, int degree, GaussianFileFormat format)
    {
        string path = Path(name);

        GaussianScene scene = GaussianFile.Read(path);

        Assert.Equal(format, GaussianFile.FormatOf(path));
        Assert.Equal(format, GaussianFile.FormatOf(path, "upload"));
        Assert.Equal((count, count, degree), (scene.FileGaussianCount, scene.Count, scene.ShDegree));
        Assert.Equal(Enumerable.Range(0, count), scene.FileIndices.Order());
        Assert.Empty(scene.Problems);
    }

    [Fact]
    public void The_biker_is_the_same_in_both_formats()
    {
        GaussianScene spz = GaussianFile.Read(Path("biker.spz"));
        GaussianScene ply = GaussianFile.Read(Path("biker.compressed.ply"));

        // Both formats have rounded, and .spz has cut log-scales off at −10.
        SceneBounds a = SceneBounds.Of(spz);
        SceneBounds b = SceneBounds.Of(ply);
        Assert.Equal(a.RobustMin.Y, b.RobustMin.Y, 2e-3f);
        Assert.Equal(a.RobustMax.Y, b.RobustMax.Y, 2e-3f);
        Assert.Equal(a.RobustMin.Z, b.RobustMin.Z, 2e-3f);
        Assert.Equal(a.RobustMax.Z, b.RobustMax.Z, 2e-3f);

        // The two writers agree on the order too, for most records.
        Dictionary<int, int> places = ply.FileIndices.Select((record, i) => (record, i)).ToDictionary(p => p.record, p => p.i);
        int near = 0;
        int turnedAlike = 0;
        for (int i = 0; i < spz.Count; i++)
        {
            int other = places[spz.FileIndices[i]];
            if (Enumerable.Range(0, 3).All(axis => Math.Abs(spz.Means[3 * i + axis] - ply.Means[3 * other + axis]) < 0.01f))
            {
                near++;
                double dot = Enumerable.Range(0, 4).Sum(c => (double)spz.Rotations[4 * i + c] * ply.Rotations[4 * other + c]);
                turnedAlike += Math.Abs(dot) > 0.99 ? 1 : 0;
            }
        }

        Assert.InRange(near, spz.Count * 9 / 10, spz.Count);
        Assert.InRange(turnedAlike, near * 8 / 10, near);
    }

    [Fact]
    public void The_minimal_files_hold_the_same_four_splats()
    {
        GaussianScene splat = GaussianFile.Read(Path("minimal.splat"));
        GaussianScene three = GaussianFile.Read(Path("minimal-v3.spz"));
        GaussianScene four = GaussianFile.Read(Path("minimal-v4.spz"));

        // The .splat's rotations are of another order (its writer put w last); all else agrees within two roundings.
        var tolerance = new SceneTolerance(1e-6, 0.04, 1, 0.005, 0.02, 0);
        tolerance.Check(splat, three);
        tolerance.Check(splat, four);
        new SceneTolerance(0, 0, 1e-7, 0, 0, 0).Check(three, four);
        Assert.Equal([-1f, 0f, -1f], three.Means[..3]);
    }

    [Fact]
    public void The_second_version_is_read_as_it_stands_gzipped_or_not()
    {
        GaussianScene zipped = GaussianFile.Read(Path("minimal-v2.spz"));
        GaussianScene raw = GaussianFile.Read(Path("minimal-raw.spz"));
        GaussianScene four = GaussianFile.Read(Path("minimal-v4.spz"));

        new SceneTolerance(0, 0, 1e-7, 0, 0, 0).Check(zipped, raw);

        // Its writer did not turn the axes and did not widen the colours: 0x55 is −1.11 as the format has it.
        Assert.Equal(four.OpacityLogits[0], zipped.OpacityLogits[0]);
        Assert.Equal(1f, zipped.Means[Array.IndexOf(zipped.FileIndices, 0) * 3 + 2]);
        Assert.Equal((0x55 / 255f - 0.5f) / 0.15f, zipped.ShCoefficients[Array.IndexOf(zipped.FileIndices, 0) * 3], 1e-6f);
    }

    [Fact]
    public void A_ksplat_is_refused_with_a_way_out()
    {
        string message = Assert.Throws<InvalidSceneException>(() => GaussianFile.Read(Path("minimal.ksplat"))).Message;

        Assert.Contains("minimal.ksplat: .ksplat is not read", message, StringComparison.Ordinal);
        Assert.Contains(".compressed.ply", message, StringComparison.Ordinal);
        Assert.Throws<InvalidSceneException>(() => GaussianFile.Read(Path("minimal.ksplat"), fileName: "upload"));
    }

    private static string Path(string name) => SharedData.Require("data", "formats", name);
}
