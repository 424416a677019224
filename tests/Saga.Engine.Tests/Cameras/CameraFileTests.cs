using Saga.Engine.Cameras;
using Saga.Engine.Tests.Scenes;

namespace Saga.Engine.Tests.Cameras;

public sealed class CameraFileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Formats => ["inria", "nerfstudio", "blender", "colmap-text", "colmap-binary", "colmap-simple"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_same_cameras_come_out_of_every_format(string format)
    {
        // Poses of order 10 in double: matrix products and a tangent cost a few units in the last place.
        const double tolerance = 1e-12;
        SceneView[] expected = CameraTestFiles.Views();

        IReadOnlyList<SceneView> views = Read(Bytes(format, expected), (640, 480));

        Assert.Equal(expected.Select(v => v.Name), views.Select(v => v.Name));
        for (int i = 0; i < expected.Length; i++)
        {
            PinholeCamera camera = views[i].Camera;
            double[] wanted = expected[i].Camera.Pose.ToRowMajor();
            double[] found = camera.Pose.ToRowMajor();
            Assert.All(Enumerable.Range(0, 16), e => Assert.Equal(wanted[e], found[e], tolerance));
            Assert.Equal((640, 480, 320.0, 240.0), (camera.Width, camera.Height, camera.Cx, camera.Cy));
            Assert.Equal(512.5, camera.Fx, 512.5 * tolerance);
            Assert.Equal(512.5, camera.Fy, 512.5 * tolerance);
        }
    }

    [Fact]
    public void Views_are_sorted_by_name_ordinal_whatever_their_order_in_the_file()
    {
        SceneView[] views = [.. new[] { "b", "a10", "a2", "B" }.Select((n, i) => CameraTestFiles.Views()[i] with { Name = n })];

        Assert.Equal(["B", "a10", "a2", "b"], Read(CameraTestFiles.Inria(views)).Select(v => v.Name));
    }

    [Theory]
    [InlineData("images/left/a.b.jpg", "a.b", "a.b.jpg")]
    [InlineData("C:\\\\photos\\\\a.PNG", "a", "a.PNG")]
    [InlineData("frame.0001", "frame.0001", "frame.0001")]
    [InlineData(".hidden", ".hidden", ".hidden")]
    public void A_view_is_named_after_its_photo_without_folder_and_extension(string image, string name, string fileName)
    {
        string json = Text(CameraTestFiles.Inria(CameraTestFiles.Views(1))).Replace("photo_0", image, StringComparison.Ordinal);

        SceneView view = Read(json)[0];

        Assert.Equal((name, fileName), (view.Name, view.ImageFileName));
    }

    [Fact]
    public void Two_cameras_of_one_name_are_refused()
    {
        SceneView[] views = [.. CameraTestFiles.Views(2).Select((v, i) => v with { Name = $"folder{i}/same" })];

        Refused(CameraTestFiles.Inria(views), "two cameras are named «same»");
    }

    [Fact]
    public void What_is_written_reads_back()
    {
        SceneView[] views = [.. CameraTestFiles.Views().Select(v => v with { Camera = v.Camera with { Cx = 300.25, Cy = 200.5, Fy = 700 } })];
        using var stream = new MemoryStream();

        InriaCameras.Write(stream, views);

        IReadOnlyList<SceneView> again = Read(stream.ToArray());
        for (int i = 0; i < views.Length; i++)
        {
            Assert.Equal(views[i] with { Camera = views[i].Camera with { Pose = default } }, again[i] with { Camera = again[i].Camera with { Pose = default } });
            double[] found = again[i].Camera.Pose.ToRowMajor();
            double[] wanted = views[i].Camera.Pose.ToRowMajor();
            Assert.All(Enumerable.Range(0, 16), e => Assert.Equal(wanted[e], found[e], 1e-12));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("3")]
    [InlineData("{\"cameras\": []}")]
    [InlineData("[")]
    [InlineData("[1, 2]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]")]
    [InlineData("{\"frames\": 3}")]
    [InlineData("{\"frames\": [3]}")]
    public void What_is_no_camera_file_is_refused(string text) => Refused(text);

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"frames\": []}")]
    public void A_file_of_no_cameras_is_refused(string text) => Refused(text, "holds no camera");

    [Fact]
    public void A_zip_with_a_name_that_climbs_out_is_refused()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views());

        Refused(CameraTestFiles.Zip(("../cameras.bin", cameras), ("../images.bin", images)), "unsafe name");
    }

    [Fact]
    public void A_truncated_zip_is_refused()
    {
        byte[] zip = Bytes("colmap-binary", CameraTestFiles.Views());

        Refused(zip[..(zip.Length / 2)], "not a zip archive, or it is damaged");
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\u0007")]
    [InlineData("")]
    [InlineData("folder/")]
    public void A_name_that_is_no_file_name_is_refused(string name) => Refused(
        Text(CameraTestFiles.Inria(CameraTestFiles.Views(1))).Replace("photo_0", name, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Formats))]
    public void Random_damage_is_read_or_refused_and_nothing_else(string format)
    {
        byte[] whole = Bytes(format, CameraTestFiles.Views(2));
        Random random = new(42);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read(damaged);
            }
            catch (InvalidCameraException)
            {
                // A clear refusal is right; any other exception fails the test.
            }
        }
    }

    private static byte[] Bytes(string format, SceneView[] views)
    {
        (byte[] cameras, byte[] images) = format switch
        {
            "colmap-text" => CameraTestFiles.ColmapText(views),
            "colmap-simple" => CameraTestFiles.ColmapBinary(views, model: 0),
            _ => CameraTestFiles.ColmapBinary(views),
        };
        return format switch
        {
            "inria" => CameraTestFiles.Inria(views),
            "nerfstudio" => CameraTestFiles.Nerfstudio(views),
            "blender" => CameraTestFiles.Blender(views),
            "colmap-text" => CameraTestFiles.Zip(("cameras.txt", cameras), ("images.txt", images), ("points3D.txt", [])),
            _ => CameraTestFiles.Zip(("my/scene/sparse/0/images.bin", images), ("my/scene/sparse/0/cameras.bin", cameras)),
        };
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private IReadOnlyList<SceneView> Read(string text) => Read(System.Text.Encoding.UTF8.GetBytes(text));

    private IReadOnlyList<SceneView> Read(byte[] bytes, (int Width, int Height)? imageSize = null) =>
        CameraFile.Read(_folder.Write("upload", bytes), "cameras.json", imageSize);

    private void Refused(string text, params string[] expected) => Refused(System.Text.Encoding.UTF8.GetBytes(text), expected);

    private void Refused(byte[] bytes, params string[] expected)
    {
        InvalidCameraException error = Assert.Throws<InvalidCameraException>(() => Read(bytes));
        Assert.StartsWith("cameras.json: ", error.Message, StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }
}
