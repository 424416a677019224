using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Tests;

namespace Saga.Engine.Tests.Scenes;

public sealed class RealSceneTests
{
    [Fact]
    public void The_playroom_is_read_whole()
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"));

        Assert.Equal(181_800, scene.Count);
        Assert.Equal(181_800, scene.FileGaussianCount);
        Assert.Equal(0, scene.ShDegree);
        Assert.Empty(scene.Problems);
        Assert.Equal(Enumerable.Range(0, scene.Count), scene.FileIndices.Order());
    }

    [Theory]
    [InlineData(26_895, 2, "data", "captures", "flowers_27k.ply")]
    [InlineData(92_802, 2, "data", "captures", "flowers_93k.ply")]
    [InlineData(90_854, 0, "data", "captures", "guitar_91k.ply")]
    [InlineData(62_937, 2, "data", "plush", "gaussians.ply")]
    public void Real_captures_are_read(int count, int degree, params string[] path)
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Require(path));

        Assert.Equal(count, scene.FileGaussianCount);
        Assert.Equal(degree, scene.ShDegree);
        Assert.InRange(scene.Count, count * 99 / 100, count);
    }
}
