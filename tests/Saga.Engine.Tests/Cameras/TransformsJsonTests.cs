using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Tests.Scenes;

namespace Saga.Engine.Tests.Cameras;

public sealed class TransformsJsonTests : IDisposable
{
    private const string Nerfstudio = "\"fl_x\": 500, \"fl_y\": 510, \"cx\": 300, \"cy\": 200, \"w\": 640, \"h\": 480";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_opengl_frame_becomes_x_right_y_down_z_forward()
    {
        // OpenGL's identity looks down -z with y up.
        CameraPose pose = Read(File(Nerfstudio, Frame()))[0].Camera.Pose;

        Assert.Equal((0.0, 0.0, 5.0), pose.Transform(0, 0, -5));
        Assert.Equal((0.0, -1.0, 0.0), pose.Transform(0, 1, 0));
        Assert.Equal((1.0, 0.0, 0.0), pose.Transform(1, 0, 0));
    }

    [Fact]
    public void A_frames_own_intrinsics_come_before_the_files()
    {
        IReadOnlyList<SceneView> views = Read(File(Nerfstudio, Frame("a"), Frame("b", "\"fl_x\": 700, \"w\": 800, ")));

        Assert.Equal((500.0, 510.0, 640), (views[0].Camera.Fx, views[0].Camera.Fy, views[0].Camera.Width));
        Assert.Equal((700.0, 510.0, 800), (views[1].Camera.Fx, views[1].Camera.Fy, views[1].Camera.Width));
        Assert.Equal((300.0, 200.0), (views[1].Camera.Cx, views[1].Camera.Cy));
    }

    [Fact]
    public void A_blender_file_without_a_size_takes_the_callers_or_the_default()
    {
        string file = File(FormattableString.Invariant($"\"camera_angle_x\": {Math.PI / 2:R}"), Frame());

        PinholeCamera plain = Read(file)[0].Camera;
        PinholeCamera given = Read(file, (200, 100))[0].Camera;

        Assert.Equal((800, 800, 400.0), (plain.Width, plain.Height, plain.Cx));
        Assert.Equal(400, plain.Fx, 1e-9);
        Assert.Equal((200, 100, 50.0), (given.Width, given.Height, given.Cy));
        Assert.Equal((100.0, 100.0), (Math.Round(given.Fx, 9), Math.Round(given.Fy, 9)));
    }

    [Fact]
    public void A_field_of_view_that_is_the_files_own_goes_with_the_files_own_size()
    {
        PinholeCamera camera = Read(File("\"camera_angle_x\": 1.2, \"camera_angle_y\": 1.0, \"w\": 640, \"h\": 480", Frame()))[0].Camera;

        Assert.Equal(320 / Math.Tan(0.6), camera.Fx, 1e-9);
        Assert.Equal(240 / Math.Tan(0.5), camera.Fy, 1e-9);
    }

    [Theory]
    [InlineData("\"k1\": 0.01, \"p2\": -0.002", LensModel.Radial, 0.01, 0, -0.002)]
    [InlineData("\"camera_model\": \"OPENCV\", \"k1\": 0.01, \"k3\": 0.003, \"p2\": -0.002", LensModel.Radial, 0.01, 0.003, -0.002)]
    [InlineData("\"camera_model\": \"OPENCV_FISHEYE\", \"k1\": 0.01, \"k3\": 0.003", LensModel.Fisheye, 0.01, 0.003, 0)]
    [InlineData("\"is_fisheye\": true, \"k1\": 0.01", LensModel.Fisheye, 0.01, 0, 0)]
    [InlineData("\"distortion_params\": [0.01, 0, 0.003, 0, 0, -0.002]", LensModel.Radial, 0.01, 0.003, -0.002)]
    public void Distorted_lenses_are_read_wherever_they_are_told(string lens, LensModel model, double k1, double k3, double p2)
    {
        foreach (string file in new[] { File($"{Nerfstudio}, {lens}", Frame()), File(Nerfstudio, Frame("a", lens + ", ")) })
        {
            SceneView view = Read(file)[0];

            LensDistortion distortion = view.Lens!.Distortion;
            Assert.Equal((model, k1, k3, p2), (distortion.Model, distortion.K1, distortion.K3, distortion.P2));
            Assert.Equal((500.0, 510.0, 300.0, 200.0), (view.Lens.Fx, view.Lens.Fy, view.Lens.Cx, view.Lens.Cy));
            Assert.Equal((300.0, 200.0), (view.Camera.Cx, view.Camera.Cy));
        }
    }

    [Theory]
    [InlineData("\"camera_model\": \"EQUIRECTANGULAR\"", "the camera model is EQUIRECTANGULAR")]
    [InlineData("\"k4\": 0.1", "k4, k5 or k6")]
    [InlineData("\"is_fisheye\": true, \"p1\": 0.1", "p1, p2, k5 or k6")]
    [InlineData("\"k1\": \"x\"", "k1 is not a finite number")]
    [InlineData("\"k1\": -70", "The distortion (k1=-70")]
    [InlineData("\"distortion_params\": [0, 0, 0, 0, 0, 0, 0]", "not a list of at most 6 numbers")]
    [InlineData("\"distortion_params\": [\"a\"]", "not a list of at most 6 numbers")]
    [InlineData("\"distortion_params\": 3", "not a list of at most 6 numbers")]
    public void Lenses_that_cannot_be_straightened_are_refused_wherever_they_are_told(string lens, string expected)
    {
        Refused(File($"{Nerfstudio}, {lens}", Frame()), expected);
        Refused(File(Nerfstudio, Frame("a", lens + ", ")), expected);
    }

    [Theory]
    [InlineData("\"k1\": 0, \"k2\": 0.0, \"camera_model\": \"OPENCV\", \"is_fisheye\": false, \"distortion_params\": [0, 0]")]
    [InlineData("\"camera_model\": \"PINHOLE\"")]
    public void A_lens_whose_distortion_is_zero_is_a_pinhole(string lens) =>
        Assert.Null(Assert.Single(Read(File($"{Nerfstudio}, {lens}", Frame()))).Lens);

    [Theory]
    [InlineData("\"w\": 640, \"h\": 480", "neither fl_x nor camera_angle_x")]
    [InlineData("\"fl_x\": 500", "w and h are missing")]
    [InlineData("\"camera_angle_x\": 0", "less than π radians")]
    [InlineData("\"camera_angle_x\": 45", "less than π radians")]
    [InlineData("\"camera_angle_x\": NaN", "camera_angle_x is not a finite number")]
    public void Incomplete_or_impossible_intrinsics_are_refused(string intrinsics, string expected) =>
        Refused(File(intrinsics, Frame()), expected);

    [Theory]
    [InlineData("[[1,0,0,0],[0,1,0,0],[0,0,-1,0],[0,0,0,1]]", "left-handed")]
    [InlineData("[[1,0,0,NaN],[0,1,0,0],[0,0,1,0],[0,0,0,1]]", "4×4 matrix of finite numbers")]
    [InlineData("[[3,0,0,0],[0,3,0,0],[0,0,3,0],[0,0,0,1]]", "not orthonormal")]
    [InlineData("[[1,0,0,0],[0,1,0,0],[0,0,1,0],[1,2,3,1]]", "transposed")]
    [InlineData("[[1,0,0,0],[0,1,0,0],[0,0,1,0]]", "4×4 matrix")]
    public void A_bad_matrix_is_refused(string matrix, string expected) =>
        Refused(File(Nerfstudio, Frame("a", "", matrix)), expected);

    private static string File(string intrinsics, params string[] frames) =>
        $$"""{{{intrinsics}}, "frames": [{{string.Join(", ", frames)}}]}""";

    private static string Frame(string name = "a", string extra = "", string matrix = "[[1,0,0,0],[0,1,0,0],[0,0,1,0],[0,0,0,1]]") =>
        $$"""{"file_path": "images/{{name}}.jpg", {{extra}}"transform_matrix": {{matrix}}}""";

    private IReadOnlyList<SceneView> Read(string json, (int Width, int Height)? size = null) =>
        CameraFile.Read(_folder.Write("upload", System.Text.Encoding.UTF8.GetBytes(json)), "transforms.json", size);

    private void Refused(string json, string expected)
    {
        InvalidCameraException error = Assert.Throws<InvalidCameraException>(() => Read(json));
        Assert.StartsWith("transforms.json: view «", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
