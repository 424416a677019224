using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Engine.Tests.Scenes;

/// <summary>Records that no renderer can use are counted and left out, never fatal.</summary>
public sealed class GaussianPlyPoisonTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ascii")]
    [InlineData("binary_little_endian")]
    [InlineData("binary_big_endian")]
    public void Unusable_records_are_counted_by_reason_and_left_out(string format)
    {
        PlyTestElement vertex = TestGaussians.Inria(20, degree: 1, type: "double")
            .With(1, "x", double.NaN)
            .With(2, "scale_1", double.NegativeInfinity)
            .With(3, "f_rest_8", double.PositiveInfinity)
            .With(4, "opacity", double.NaN)
            .With(5, "z", -2e7)
            .With(6, "scale_0", 13)
            .With(7, "scale_2", -31)
            .With(8, "f_dc_1", 2e6)
            .With(9, "rot_0", 0).With(9, "rot_1", 0).With(9, "rot_2", 0).With(9, "rot_3", 0)
            .With(10, "y", 1e300);

        GaussianScene scene = Read(format, vertex);

        Assert.Equal(10, scene.Count);
        Assert.Equal(20, scene.FileGaussianCount);
        Assert.Equal([0, .. Enumerable.Range(11, 9)], scene.FileIndices.Order());
        SceneAssert.HoldsRows(vertex, 1, scene);
        SceneProblem problem = Assert.Single(scene.Problems);
        Assert.Equal("gaussians-ignored", problem.Code);
        Assert.Equal(
            "10 of 20 Gaussians are unusable and are ignored: 5 with NaN or infinite values, 1 with a zero rotation quaternion, "
            + "1 farther than 10000000 from the origin, 2 with a log-scale outside -30..12, 1 with a colour coefficient beyond 1000000.",
            problem.Detail);
    }

    [Fact]
    public void Opacities_of_exactly_zero_and_one_are_kept_finite()
    {
        PlyTestElement vertex = TestGaussians.Inria(3).With(0, "opacity", double.PositiveInfinity).With(1, "opacity", double.NegativeInfinity);

        GaussianScene scene = Read("binary_little_endian", vertex);

        Assert.Empty(scene.Problems);
        float[] byFile = [.. Enumerable.Range(0, 3).Select(f => scene.OpacityLogits[Array.IndexOf(scene.FileIndices, f)])];
        Assert.Equal([GaussianChecks.InfiniteLogit, -GaussianChecks.InfiniteLogit, vertex.At(2, "opacity")], byFile);
    }

    [Fact]
    public void Long_and_short_quaternions_come_out_unit_length()
    {
        PlyTestElement vertex = TestGaussians.Inria(2);
        for (int q = 0; q < 4; q++)
        {
            vertex.With(0, $"rot_{q}", 1e30).With(1, $"rot_{q}", 1e-5);
        }

        Assert.All(Read("binary_little_endian", vertex).Rotations, q => Assert.Equal(0.5, q, 1e-7));
    }

    [Fact]
    public void A_file_with_no_usable_gaussian_is_refused_with_the_reasons()
    {
        PlyTestElement vertex = TestGaussians.Inria(2).With(0, "x", double.NaN).With(1, "y", double.PositiveInfinity);

        InvalidSceneException error = Assert.Throws<InvalidSceneException>(() => Read("binary_little_endian", vertex));

        Assert.Contains("no usable Gaussian is left", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 with NaN or infinite values", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("-nan(ind)")]
    [InlineData("inf")]
    [InlineData("-Infinity")]
    [InlineData("1e999")]
    public void What_c_prints_for_numbers_that_are_not_finite_is_understood(string word)
    {
        PlyTestElement vertex = TestGaussians.Inria(2).With(0, "x", 123.25);
        string text = System.Text.Encoding.ASCII.GetString(new PlyTestFile("ascii", vertex).ToBytes());
        string path = _folder.Write("a.ply", System.Text.Encoding.ASCII.GetBytes(text.Replace("123.25", word, StringComparison.Ordinal)));

        Assert.Equal([1], GaussianPlyReader.Read(path).FileIndices);
    }

    private GaussianScene Read(string format, PlyTestElement vertex) =>
        GaussianPlyReader.Read(_folder.Write("scene.ply", new PlyTestFile(format, vertex).ToBytes()));
}
