using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Images;
using Saga.Engine.Tests.Cameras.Lenses;

namespace Saga.Engine.Tests.Images;

public sealed class ViewPhotoTests
{
    private const int Width = 320;
    private const int Height = 240;

    private static readonly CameraPose Pose = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3);

    [Theory]
    [InlineData(1.0, 1000, 320, 240)]    // as the view
    [InlineData(2.0, 1000, 640, 480)]    // larger than the view: its own resolution
    [InlineData(2.0, 100, 100, 75)]      // shrunk to the limit
    [InlineData(0.5, 1000, 160, 120)]    // smaller than the view: not blown up
    public void A_photo_keeps_its_resolution_up_to_the_limit(double size, int maxSide, int width, int height)
    {
        SceneView view = View(null);

        RgbImage photo = ViewPhoto.Decode(ImageFile.EncodePng(Gradient((int)(Width * size), (int)(Height * size))), view, maxSide);

        Assert.Equal((width, height), (photo.Width, photo.Height));
        PinholeCamera camera = ViewPhoto.CameraOf(view, Math.Max(width, height));
        Assert.Equal((width, height), (camera.Width, camera.Height));
    }

    [Fact]
    public void A_photo_of_other_proportions_is_refused_and_rounding_is_not()
    {
        SceneView view = View(null);

        InvalidImageException error = Assert.Throws<InvalidImageException>(
            () => ViewPhoto.Decode(ImageFile.EncodePng(Gradient(240, 320)), view, 1000));
        Assert.Contains("240×320", error.Message, StringComparison.Ordinal);
        Assert.Contains("320×240", error.Message, StringComparison.Ordinal);
        RgbImage rounded = ViewPhoto.Decode(ImageFile.EncodePng(Gradient(161, 120)), view, 1000);
        Assert.Equal((161, 121), (rounded.Width, rounded.Height));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_distorted_photo_of_straight_lines_is_straightened(int size)
    {
        foreach ((string name, LensDistortion distortion) in LensReference.All)
        {
            var lens = new CameraLens(Width, Height, 240, 240, 161, 118, distortion);
            SceneView view = View(lens);
            RgbImage distorted = PhotoThrough(lens, size);

            RgbImage straight = ViewPhoto.Decode(ImageFile.EncodePng(distorted), view, Width * size);

            for (int row = 0; row < straight.Height; row++)
            {
                for (int column = 0; column < straight.Width; column++)
                {
                    (double x, double y) = view.Camera.Direction((column + 0.5) / size, (row + 0.5) / size);
                    byte[] expected = Look(x, y);
                    ReadOnlySpan<byte> actual = straight.Pixels.AsSpan(3 * (row * straight.Width + column), 3);

                    // Bytes round twice, and blending four pixels of a smooth picture bends it a little.
                    Assert.InRange(actual[0], expected[0] - 2, expected[0] + 2);
                    Assert.InRange(actual[1], expected[1] - 2, expected[1] + 2);
                }
            }
        }
    }

    [Fact]
    public void A_photo_of_one_pixel_is_read() =>
        Assert.Equal(3, ViewPhoto.Decode(ImageFile.EncodePng(Gradient(1, 1)), View(null) with
        {
            Camera = new PinholeCamera(100, 100, 80, 80, 50, 50, Pose),
        }, 1000).Pixels.Length);

    /// <summary>What a distorting camera takes of a world whose colour changes evenly with the direction.</summary>
    private static RgbImage PhotoThrough(CameraLens lens, int size)
    {
        byte[] pixels = new byte[3 * Width * Height * size * size];
        for (int row = 0; row < Height * size; row++)
        {
            for (int column = 0; column < Width * size; column++)
            {
                double bentX = ((column + 0.5) / size - lens.Cx) / lens.Fx;
                double bentY = ((row + 0.5) / size - lens.Cy) / lens.Fy;
                (double x, double y) = LensReference.Undistort(lens.Distortion, bentX, bentY);
                Look(x, y).CopyTo(pixels, 3 * (row * Width * size + column));
            }
        }

        return new RgbImage(Width * size, Height * size, pixels);
    }

    private static byte[] Look(double x, double y) => [Level(x), Level(y), 128];

    private static byte Level(double tangent) => (byte)Math.Clamp(128 + 100 * tangent + 0.5, 0, 255);

    private static RgbImage Gradient(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i / 3 % width * 255 / width))]);

    private static SceneView View(CameraLens? lens) => new(
        "a",
        lens is null ? new PinholeCamera(Width, Height, 300, 300, 160, 120, Pose) : StraightCamera.Of(lens, Pose),
        "a.png",
        lens);
}

internal static class CameraDirections
{
    public static (double X, double Y) Direction(this PinholeCamera camera, double u, double v) =>
        ((u - camera.Cx) / camera.Fx, (v - camera.Cy) / camera.Fy);
}
