using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Tests.Cameras.Lenses;

public sealed class StraightCameraTests
{
    private const int Width = 800;
    private const int Height = 600;

    private static readonly CameraPose Pose = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3);

    public static TheoryData<string> Models => [.. LensReference.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_pixel_of_the_straight_picture_shows_something_of_the_photo_and_the_border_is_reached(string model)
    {
        CameraLens lens = Lens(LensReference.All.Single(m => m.Name == model).Distortion);

        PinholeCamera camera = StraightCamera.Of(lens, Pose);

        Assert.Equal((Width, Height, lens.Cx, lens.Cy), (camera.Width, camera.Height, camera.Cx, camera.Cy));
        Assert.Equal(lens.Fx / lens.Fy, camera.Fx / camera.Fy, 1e-12);

        // The border is looked at in 64 steps a side; between two of them it bows by some thousandths of a pixel.
        const double bow = 0.01;
        double nearest = double.PositiveInfinity;
        for (int row = 0; row <= Height; row += 5)
        {
            for (int column = 0; column <= Width; column += 5)
            {
                (double u, double v) = lens.Project((column - camera.Cx) / camera.Fx, (row - camera.Cy) / camera.Fy);
                Assert.InRange(u, -bow, Width + bow);
                Assert.InRange(v, -bow, Height + bow);
                nearest = Math.Min(nearest, Math.Min(Math.Min(u, Width - u), Math.Min(v, Height - v)));
            }
        }

        // Nothing is cut off that need not be: somewhere the photo's own border is shown.
        Assert.InRange(nearest, -bow, 0.1);
    }

    [Fact]
    public void A_fisheye_that_sees_half_of_the_world_is_cut_to_120_degrees()
    {
        var lens = new CameraLens(1000, 1000, 1000 / Math.PI, 1000 / Math.PI, 500, 500, new LensDistortion(LensModel.Fisheye));

        PinholeCamera camera = StraightCamera.Of(lens, Pose);

        Assert.Equal(120, 2 * Math.Atan(500 / camera.Fx) * 180 / Math.PI, 1e-3);
    }

    [Theory]
    [InlineData(double.NaN, 0, 0, "not a finite number")]
    [InlineData(double.PositiveInfinity, 0, 0, "not a finite number")]
    [InlineData(-30, 0, 0, "of no lens")]
    [InlineData(1e30, 0, 0, "of no lens")]
    [InlineData(0, -1e12, 0, "of no lens")]
    [InlineData(0, 0, 0.9, "of no lens")]
    public void Coefficients_of_no_lens_are_refused(double k1, double k2, double p1, string expected)
    {
        CameraLens lens = Lens(new LensDistortion(LensModel.Radial) { K1 = k1, K2 = k2, P1 = p1 });

        InvalidCameraException error = Assert.Throws<InvalidCameraException>(() => StraightCamera.Of(lens, Pose));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_polynomial_that_turns_back_beyond_the_picture_is_no_reason_to_refuse()
    {
        // k1 < 0 alone always turns back somewhere: here at r = 1.29, and the photo's corner is at 0.83.
        CameraLens lens = Lens(new LensDistortion(LensModel.Radial) { K1 = -0.2 });

        Assert.InRange(StraightCamera.Of(lens, Pose).Fx, 0.8 * lens.Fx, lens.Fx);
    }

    [Fact]
    public void A_principal_point_outside_the_photo_is_refused() =>
        Assert.Throws<InvalidCameraException>(() => StraightCamera.Of(Lens(LensReference.Radial) with { Cx = -50 }, Pose));

    private static CameraLens Lens(LensDistortion distortion) => new(Width, Height, 600, 610, 412, 291, distortion);
}
