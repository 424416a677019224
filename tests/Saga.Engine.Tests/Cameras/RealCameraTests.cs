using Saga.Engine.Cameras;
using Saga.Tests;

namespace Saga.Engine.Tests.Cameras;

public sealed class RealCameraTests
{
    [Fact]
    public void The_playroom_cameras_are_read_in_name_order_and_look_at_the_scene()
    {
        IReadOnlyList<SceneView> views = CameraFile.Read(SharedData.Playroom("cameras.json"), "cameras.json");

        Assert.Equal(60, views.Count);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"view_{i:000}"), views.Select(v => v.Name));
        Assert.Equal((640, 480, 320.0, 240.0), (views[0].Camera.Width, views[0].Camera.Height, views[0].Camera.Cx, views[0].Camera.Cy));
        Assert.Equal(620.0, views[0].Camera.Fx);
        Assert.Equal(2.2268286918034117, views[0].Camera.Pose.Center.X, 12);

        // All cameras of the orbit have the middle of the room before them.
        Assert.All(views, v => Assert.True(v.Camera.Pose.Transform(0, 0, 0).Z > 1));
    }

    [Fact]
    public void The_plush_cameras_are_read()
    {
        IReadOnlyList<SceneView> views = CameraFile.Read(SharedData.Require("data", "plush", "cameras.json"), "cameras.json");

        Assert.Equal(97, views.Count);
        Assert.All(views, v => v.Camera.Validate());
    }
}
