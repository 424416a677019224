using System.Numerics;
using Saga.Benchmarks.Furniture;
using Saga.Cli.Evaluation;
using Saga.Engine.Cameras;

namespace Saga.Benchmarks.Tests.Furniture;

public sealed class SurfaceRendererTests
{
    private static readonly PinholeCamera Camera = new(8, 6, 4, 4, 4, 3, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_nearest_face_is_seen_from_either_side(bool turned)
    {
        SurfaceView view = Render(Wall(2, part: 1, 0, turned), Wall(4, part: 2, -8, turned));

        for (int y = 0; y < Camera.Height; y++)
        {
            for (int x = 0; x < Camera.Width; x++)
            {
                // The near wall covers x ≥ 0: the right half of the picture.
                Assert.Equal(x >= 4 ? 1 : 2, view.Parts[y * Camera.Width + x]);
            }
        }
    }

    [Fact]
    public void Nothing_is_white_and_has_no_part()
    {
        SurfaceView view = Render(Wall(-2, part: 1, -8, turned: false), default);

        Assert.All(view.Parts, part => Assert.Equal(LabeledScene.None, part));
        Assert.All(view.Photo.Pixels, value => Assert.Equal(255, value));
    }

    [Fact]
    public void A_face_has_its_colour()
    {
        SurfaceView view = Render(Wall(2, part: 1, -8, turned: false));

        Assert.Equal([51, 102, 255], view.Photo.Pixels[..3]);
    }

    [Fact]
    public void A_point_of_a_part_is_seen_where_nothing_is_before_it()
    {
        var seen = new SeenPoints([Camera], [Render(Wall(2, part: 1, 0, turned: false), Wall(4, part: 2, -8, turned: false))]);

        Assert.True(seen.Contains(new Vector3(1, 0, 2), 1));
        Assert.False(seen.Contains(new Vector3(1, 0, 4), 2));
        Assert.True(seen.Contains(new Vector3(-1, 0, 4), 2));
        Assert.False(seen.Contains(new Vector3(-1, 0, 4), 1));
        Assert.False(seen.Contains(new Vector3(-1, 0, -4), 2));
        Assert.False(seen.Contains(new Vector3(-9, 0, 4), 2));
    }

    /// <summary>A triangle at a depth that covers everything right of a column, world units.</summary>
    private static SurfaceTriangle Wall(float depth, ushort part, float left, bool turned)
    {
        Vector3 bottom = new(left, -100, depth);
        Vector3 top = new(left, 100, depth);
        Vector3 far = new(200, 0, depth);
        var color = new Vector3(0.2f, 0.4f, 1);
        return turned
            ? new SurfaceTriangle(bottom, far, top, part, color)
            : new SurfaceTriangle(bottom, top, far, part, color);
    }

    private static SurfaceView Render(params SurfaceTriangle[] triangles) =>
        SurfaceRenderer.Render(new LabeledSurface([], [], triangles), Camera);
}
