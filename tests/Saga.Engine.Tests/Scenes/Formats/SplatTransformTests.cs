using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Spz;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes.Formats;

/// <summary>
/// Both directions against an independent converter. It takes the axes of .spz files as they stand, where this engine turns them as the
/// format has it, so its .spz scenes are turned here before they are compared.
/// </summary>
public sealed class SplatTransformTests : IDisposable
{
    /// <summary>The same bytes, decoded by two programs in float arithmetic of their own.</summary>
    private static readonly SceneTolerance Arithmetic = new(1e-5, 1e-5, 1e-6, 1e-5, 1e-5, 1e-5);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("scene.splat", 0, 0)]
    [InlineData("scene.spz", 2, 3)]
    [InlineData("scene.spz", 3, 2)]
    [InlineData("scene.spz", 4, 3)]
    [InlineData("scene.spz", 4, 0)]
    [InlineData("scene.compressed.ply", 0, 3)]
    public void It_reads_what_is_written_here_as_it_is_read_here(string name, int version, int degree)
    {
        GaussianScene scene = GaussianFile.Read(Source(700, degree));
        string written = Path.Combine(_folder.Path, name);
        using (FileStream stream = File.Create(written))
        {
            _ = name switch
            {
                "scene.splat" => GaussianFile.WriteSplat(stream, scene, null),
                "scene.spz" => GaussianFile.WriteSpz(stream, scene, null, version),
                _ => GaussianFile.WriteCompressedPly(stream, scene, null),
            };
        }

        AgreesOn(written, degree);
    }

    [Theory]
    [InlineData("its.compressed.ply", 3)]
    [InlineData("its.compressed.ply", 0)]
    [InlineData("its.spz", 3, "--spz-version", "3")]
    [InlineData("its.spz", 3, "--spz-version", "4")]
    [InlineData("its.sog", 0)]
    [InlineData("its.sog", 2)]
    public void What_it_writes_is_read_here_as_it_is_read_there(string name, int degree, params string[] options)
    {
        string its = Path.Combine(_folder.Path, name);
        SplatTransform.Convert(Source(700, degree), its, options);

        AgreesOn(its, degree);
    }

    [Theory]
    [InlineData("biker.spz")]
    [InlineData("biker.compressed.ply")]
    [InlineData("compressed_with_sh.ply")]
    [InlineData("minimal-v2.spz")]
    [InlineData("minimal-v3.spz")]
    [InlineData("minimal-v4.spz")]
    public void Files_of_others_are_read_alike(string name)
    {
        string path = SharedData.Require("data", "formats", name);

        AgreesOn(path, GaussianFile.Read(path).ShDegree);
    }

    [Fact]
    public void A_ply_made_of_another_format_is_read_there()
    {
        string spz = Path.Combine(_folder.Path, "scene.spz");
        GaussianScene scene = GaussianFile.Read(Source(300, 1));
        using (FileStream stream = File.Create(spz))
        {
            GaussianFile.WriteSpz(stream, scene, null);
        }

        string ply = Path.Combine(_folder.Path, "converted.ply");
        using (FileStream stream = File.Create(ply))
        {
            GaussianFile.WritePly(spz, stream, _ => true, record => (uint)record);
        }

        string its = Path.Combine(_folder.Path, "its.ply");
        SplatTransform.Convert(ply, its);
        Arithmetic.Check(GaussianFile.Read(spz), GaussianFile.Read(its));
    }

    private void AgreesOn(string path, int degree)
    {
        string its = Path.Combine(_folder.Path, "its.ply");
        SplatTransform.Convert(path, its);
        GaussianScene here = GaussianFile.Read(path);
        GaussianScene there = GaussianFile.Read(its);
        Assert.Equal((here.FileGaussianCount, degree), (there.FileGaussianCount, there.ShDegree));

        // A byte of a .splat's quaternion is read as b/128 − 1 here and as b/127.5 − 1 there: about 1/256 apart, so four of them are
        // 1/128 and the cosine half the square of that, 3.1e-5, from 1, a little more where rounding left a short quaternion.
        SceneTolerance tolerance = path.EndsWith(".splat", StringComparison.Ordinal) ? Arithmetic with { Rotation = 5e-5 } : Arithmetic;
        tolerance.Check(path.EndsWith(".spz", StringComparison.Ordinal) ? here.Turned(SpzExtensions.Default) : here, there);
    }

    private string Source(int count, int degree) => _folder.Write(
        "source.ply", new PlyTestFile("binary_little_endian", TestGaussians.Inria(count, degree, seed: 5)).ToBytes());
}
