using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Tests.Scenes;

namespace Saga.Engine.Tests.Cameras;

public sealed class ColmapModelTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_of_several_models_is_read()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1));
        (byte[] otherCameras, byte[] otherImages) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(3));

        Assert.Single(Read(
            ("sparse/1/cameras.bin", otherCameras), ("sparse/1/images.bin", otherImages),
            ("sparse/0/cameras.bin", cameras), ("sparse/0/images.bin", images)));
    }

    [Fact]
    public void A_zip_without_a_model_is_refused()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1));

        Refused("no COLMAP model", ("photo.jpg", [1, 2, 3]));
        Refused("no COLMAP model", ("images.bin", images));
        Refused("no COLMAP model", ("a/images.bin", images), ("b/cameras.bin", cameras));
    }

    [Theory]
    [InlineData(7, "FOV")]
    [InlineData(10, "THIN_PRISM_FISHEYE")]
    [InlineData(99, "unknown model 99")]
    [InlineData(-1, "unknown model -1")]
    public void Models_that_cannot_be_straightened_are_refused_by_name(int model, string expected)
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1), model);

        string message = Refused(expected, ("cameras.bin", cameras), ("images.bin", images));
        Assert.Contains(model is < 0 or > 10 ? "models 0 to 10" : "image_undistorter", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_model_in_text_is_refused_by_name()
    {
        byte[] images = CameraTestFiles.ColmapText(CameraTestFiles.Views(1)).Images;

        string message = Refused("FUTURE", ("cameras.txt", Encoding.ASCII.GetBytes("7 FUTURE 640 480 500 320 240 0.1 0.2\n")), ("images.txt", images));
        Assert.Contains("image_undistorter", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "SIMPLE_RADIAL", new[] { -0.1 }, LensModel.Radial)]
    [InlineData(3, "RADIAL", new[] { -0.1, 0.02 }, LensModel.Radial)]
    [InlineData(4, "OPENCV", new[] { -0.1, 0.02, 0.001, 0.002 }, LensModel.Radial)]
    [InlineData(5, "OPENCV_FISHEYE", new[] { -0.01, 0.002, 0.001, 0.0002 }, LensModel.Fisheye)]
    [InlineData(6, "FULL_OPENCV", new[] { -0.1, 0.02, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006 }, LensModel.Radial)]
    [InlineData(8, "SIMPLE_RADIAL_FISHEYE", new[] { -0.01 }, LensModel.Fisheye)]
    [InlineData(9, "RADIAL_FISHEYE", new[] { -0.01, 0.002 }, LensModel.Fisheye)]
    public void Distorted_cameras_become_pinholes_with_a_lens_the_same_from_bytes_and_from_text(
        int model, string name, double[] k, LensModel expected)
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(2), model, k);
        (_, byte[] imageText) = CameraTestFiles.ColmapText(CameraTestFiles.Views(2));
        string pinhole = name is "OPENCV" or "OPENCV_FISHEYE" or "FULL_OPENCV" ? "512.5 512.5 320 240" : "512.5 320 240";
        string text = $"7 {name} 640 480 {pinhole} {string.Join(' ', k.Select(v => v.ToString("R", CultureInfo.InvariantCulture)))}\n";

        SceneView view = Read(("cameras.bin", cameras), ("images.bin", images))[1];
        SceneView fromText = Read(("cameras.txt", Encoding.ASCII.GetBytes(text)), ("images.txt", imageText))[1];

        CameraLens lens = view.Lens!;
        Assert.Equal(expected, lens.Distortion.Model);
        Assert.Equal(
            k.Length switch
            {
                1 => [k[0], 0, 0, 0, 0, 0, 0, 0],
                2 => [k[0], k[1], 0, 0, 0, 0, 0, 0],
                4 when expected == LensModel.Radial => [k[0], k[1], 0, 0, 0, 0, k[2], k[3]],
                4 => [k[0], k[1], k[2], k[3], 0, 0, 0, 0],
                _ => [k[0], k[1], k[4], k[5], k[6], k[7], k[2], k[3]],
            },
            (double[])[
                lens.Distortion.K1, lens.Distortion.K2, lens.Distortion.K3, lens.Distortion.K4, lens.Distortion.K5, lens.Distortion.K6,
                lens.Distortion.P1, lens.Distortion.P2]);
        Assert.Equal((640, 480, 512.5, 512.5, 320.0, 240.0), (lens.Width, lens.Height, lens.Fx, lens.Fy, lens.Cx, lens.Cy));
        Assert.Equal((lens.Distortion, lens.Fx), (fromText.Lens!.Distortion, fromText.Lens.Fx));
        Assert.Equal(view.Camera.Fx, fromText.Camera.Fx);
        Assert.NotEqual(512.5, view.Camera.Fx);
    }

    [Fact]
    public void A_distorted_model_whose_coefficients_are_zero_is_a_pinhole()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1), 4, 0, 0, 0, 0);

        Assert.Null(Read(("cameras.bin", cameras), ("images.bin", images))[0].Lens);
    }

    [Fact]
    public void Coefficients_of_no_lens_are_refused_with_the_views_name()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1), 2, -400);

        Refused("view «photo_0»: The distortion (k1=-400", ("cameras.bin", cameras), ("images.bin", images));
    }

    [Fact]
    public void Cut_off_anywhere_a_binary_model_is_refused()
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(3));
        for (int length = 0; length < cameras.Length; length++)
        {
            Refused("cameras.bin ends after", ("cameras.bin", cameras[..length]), ("images.bin", images));
        }

        for (int length = 0; length < images.Length; length++)
        {
            Refused("images.bin ends after", ("cameras.bin", cameras), ("images.bin", images[..length]));
        }
    }

    [Theory]
    [InlineData(0, "images.bin ends after")]                // number of images
    [InlineData(8 + 4 + 56 + 4 + 12, "images.bin ends after")] // number of the first image's points, after its name
    public void Counts_in_a_binary_model_are_not_believed(int offset, string expected)
    {
        (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(2));
        foreach (ulong poison in new[] { ulong.MaxValue, 1UL << 61, 0x7FFF_FFFFUL, 1UL << 32 })
        {
            byte[] poisoned = [.. images];
            BinaryPrimitives.WriteUInt64LittleEndian(poisoned.AsSpan(offset), poison);
            Refused(expected, ("cameras.bin", cameras), ("images.bin", poisoned));
        }
    }

    [Fact]
    public void Poses_that_are_no_rotation_are_refused_with_the_views_name()
    {
        foreach (double poison in new[] { double.NaN, double.PositiveInfinity, 3.0 })
        {
            (byte[] cameras, byte[] images) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1));
            BinaryPrimitives.WriteDoubleLittleEndian(images.AsSpan(12), poison);
            Refused("view «photo_0.png»: its quaternion has the length", ("cameras.bin", cameras), ("images.bin", images));
        }

        (byte[] goodCameras, byte[] badTranslation) = CameraTestFiles.ColmapBinary(CameraTestFiles.Views(1));
        BinaryPrimitives.WriteDoubleLittleEndian(badTranslation.AsSpan(12 + 32), double.NaN);
        Refused("view «photo_0»: The pose holds a number that is not finite", ("cameras.bin", goodCameras), ("images.bin", badTranslation));
    }

    [Theory]
    [InlineData("1 1 0 0 0 0 0 5 8 a.png\n\n", "its camera 8 is not in the cameras file")]
    [InlineData("1 1 0 0 0 0 0 7 a.png\n\n", "images.txt, line 1: expected IMAGE_ID")]
    [InlineData("1 one 0 0 0 0 0 5 7 a.png\n\n", "images.txt, line 1: «one» is not a number")]
    [InlineData("# c\n1 0 0 0 0 0 0 5 7 a.png\n\n", "quaternion has the length 0")]
    [InlineData("1 1 0 0 0 0 0 5 7 a.png\n1 2 3\n1 1 0 0 0 0 0 5 7 b/a.png\n", "two cameras are named «a»")]
    [InlineData("# nothing\n", "holds no camera")]
    public void A_damaged_text_model_is_refused(string images, string expected) => Refused(
        expected, ("cameras.txt", CameraTestFiles.ColmapText(CameraTestFiles.Views(1)).Cameras), ("images.txt", Encoding.ASCII.GetBytes(images)));

    [Theory]
    [InlineData("7 PINHOLE 640 480 500 500 320\n", "3 parameters; PINHOLE has 4")]
    [InlineData("7 PINHOLE\n", "cameras.txt, line 1: expected CAMERA_ID")]
    [InlineData("7 PINHOLE 640 x 500 500 320 240\n", "«x» is not a whole number")]
    [InlineData("7 PINHOLE 640 480 nan 500 320 240\n", "focal lengths")]
    [InlineData("7 PINHOLE 99999999999 480 500 500 320 240\n", "each side must be 1 to 16384")]
    public void A_damaged_text_camera_is_refused(string cameras, string expected) => Refused(
        expected, ("cameras.txt", Encoding.ASCII.GetBytes(cameras)), ("images.txt", CameraTestFiles.ColmapText(CameraTestFiles.Views(1)).Images));

    [Fact]
    public void A_photo_name_may_hold_blanks()
    {
        byte[] images = Encoding.UTF8.GetBytes("1 1 0 0 0 0 0 5 7 my holiday photo.png\n\n");

        Assert.Equal("my holiday photo", Read(("cameras.txt", CameraTestFiles.ColmapText(CameraTestFiles.Views(1)).Cameras), ("images.txt", images))[0].Name);
    }

    private IReadOnlyList<SceneView> Read(params (string Name, byte[] Bytes)[] files) =>
        CameraFile.Read(_folder.Write("upload", CameraTestFiles.Zip(files)), "sparse.zip");

    private string Refused(string expected, params (string Name, byte[] Bytes)[] files)
    {
        InvalidCameraException error = Assert.Throws<InvalidCameraException>(() => Read(files));
        Assert.StartsWith("sparse.zip: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        return error.Message;
    }
}
