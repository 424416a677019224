using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes;

public sealed class GaussianPlyWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_written_reads_back_in_file_order(int degree)
    {
        PlyTestElement vertex = TestGaussians.Inria(5000, degree);
        GaussianScene scene = Read(new PlyTestFile("ascii", vertex).ToBytes());
        using var written = new MemoryStream();

        GaussianPlyWriter.Write(written, scene);

        GaussianScene again = Read(written.ToArray());
        SceneAssert.HoldsRows(vertex, degree, again);
        Assert.Equal(scene.FileIndices, again.FileIndices);
        Assert.Equal(scene.ShCoefficients, again.ShCoefficients);
    }

    [Fact]
    public void The_layout_is_the_one_of_the_original_training()
    {
        GaussianScene scene = Read(new PlyTestFile("binary_little_endian", TestGaussians.Inria(2, degree: 3).Shuffled(3)).ToBytes());
        using var written = new MemoryStream();

        GaussianPlyWriter.Write(written, scene);

        GaussianPlySummary summary = GaussianPlyReader.Inspect(_folder.Write("b.ply", written.ToArray()));
        Assert.Equal(TestGaussians.InriaNames(3), summary.PropertyNames);
        Assert.Equal(PlyFormat.BinaryLittleEndian, summary.Format);
    }

    [Fact]
    public void The_playroom_survives_a_round_trip_but_for_the_length_of_its_quaternions()
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"));
        using var written = new MemoryStream();

        GaussianPlyWriter.Write(written, scene);

        GaussianScene again = Read(written.ToArray());
        Assert.Equal(scene.FileIndices, again.FileIndices);
        Assert.Equal(scene.Means, again.Means);
        Assert.Equal(scene.ShCoefficients, again.ShCoefficients);
    }

    [Fact]
    public void A_scene_without_colours_is_not_written()
    {
        string path = _folder.Write("a.ply", new PlyTestFile("ascii", TestGaussians.Inria(2)).ToBytes());
        GaussianScene scene = GaussianPlyReader.Read(path, new GaussianReadOptions(IncludeColors: false));

        Assert.Throws<ArgumentException>(() => GaussianPlyWriter.Write(Stream.Null, scene));
    }

    private GaussianScene Read(byte[] bytes) => GaussianPlyReader.Read(_folder.Write("scene.ply", bytes));
}
