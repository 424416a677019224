using Saga.Engine.Cameras;
using Saga.Engine.Tests.Scenes;

namespace Saga.Engine.Tests.Cameras;

/// <summary>Bad cameras in INRIA's cameras.json are refused with the view's name.</summary>
public sealed class InriaCamerasTests : IDisposable
{
    private const string Identity = "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Position_is_the_centre_and_rotation_is_camera_to_world()
    {
        // A camera at (1, 2, 3) whose right is world y, down is world z and forward is world x.
        SceneView view = Read(Camera(rotation: "[[0, 0, 1], [1, 0, 0], [0, 1, 0]]"))[0];

        Assert.Equal((1.0, 2.0, 3.0), view.Camera.Pose.Center);
        Assert.Equal((0.0, 0.0, 5.0), view.Camera.Pose.Transform(6, 2, 3));
        Assert.Equal((1.0, 0.0, 0.0), view.Camera.Pose.Transform(1, 3, 3));
    }

    [Fact]
    public void A_principal_point_is_used_when_given_and_the_centre_otherwise()
    {
        Assert.Equal((320.0, 240.0), Principal(Camera()));
        Assert.Equal((300.5, 200.25), Principal(Camera(extra: ", \"cx\": 300.5, \"cy\": 200.25")));

        (double, double) Principal(string json) => (Read(json)[0].Camera.Cx, Read(json)[0].Camera.Cy);
    }

    [Theory]
    [InlineData("[NaN, 2, 3]", "position is not a list of 3 finite numbers")]
    [InlineData("[1, -Infinity, 3]", "position is not a list of 3 finite numbers")]
    [InlineData("[1, 2, 1e999]", "not finite")]
    [InlineData("[1, 2]", "position is not a list of 3")]
    [InlineData("\"here\"", "position is not a list of 3")]
    public void A_bad_position_is_refused(string position, string expected) => Refused(Camera(position: position), expected);

    [Theory]
    [InlineData("[[1, 0, 0], [0, 1, 0], [0, 0, -1]]", "left-handed")]
    [InlineData("[[2, 0, 0], [0, 2, 0], [0, 0, 2]]", "not orthonormal")]
    [InlineData("[[1, 0.1, 0], [0, 1, 0], [0, 0, 1]]", "not orthonormal")]
    [InlineData("[[0, 0, 0], [0, 0, 0], [0, 0, 0]]", "not orthonormal")]
    [InlineData("[[NaN, 0, 0], [0, 1, 0], [0, 0, 1]]", "3×3 matrix of finite numbers")]
    [InlineData("[[1, 0, 0], [0, 1, 0]]", "3×3 matrix")]
    [InlineData("[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]", "3×3 matrix")]
    public void A_bad_rotation_is_refused(string rotation, string expected) => Refused(Camera(rotation: rotation), expected);

    [Theory]
    [InlineData("0", "480", "500", "0×480 pixels")]
    [InlineData("-5", "480", "500", "0×480 pixels")]
    [InlineData("20000", "480", "500", "each side must be 1 to 16384")]
    [InlineData("1e300", "480", "500", "each side must be 1 to 16384")]
    [InlineData("640.5", "480", "500", "whole pixels")]
    [InlineData("640", "null", "500", "height is missing")]
    [InlineData("640", "480", "0", "focal lengths")]
    [InlineData("640", "480", "-1", "focal lengths")]
    [InlineData("640", "480", "NaN", "fx is not a finite number")]
    [InlineData("640", "480", "\"wide\"", "fx is not a finite number")]
    public void Bad_intrinsics_are_refused(string width, string height, string fx, string expected) =>
        Refused(Camera(width, height, fx), expected);

    [Fact]
    public void Nan_in_a_name_is_a_name() =>
        Assert.Equal("NaN \"Infinity\" NaN", Read(Camera().Replace("good", "NaN \\\"Infinity\\\" NaN", StringComparison.Ordinal))[0].Name);

    private static string Camera(
        string width = "640", string height = "480", string fx = "500", string position = "[1, 2, 3]", string rotation = Identity, string extra = "") =>
        $$"""[{"id": 0, "img_name": "good", "width": {{width}}, "height": {{height}}, "position": {{position}}, "rotation": {{rotation}}, "fx": {{fx}}, "fy": 500{{extra}}}]""";

    private IReadOnlyList<SceneView> Read(string json) =>
        CameraFile.Read(_folder.Write("upload", System.Text.Encoding.UTF8.GetBytes(json)), "cameras.json");

    private void Refused(string json, string expected)
    {
        InvalidCameraException error = Assert.Throws<InvalidCameraException>(() => Read(json));
        Assert.StartsWith("cameras.json: view «good»: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
