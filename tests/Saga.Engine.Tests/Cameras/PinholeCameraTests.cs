using Saga.Engine.Cameras;

namespace Saga.Engine.Tests.Cameras;

public sealed class PinholeCameraTests
{
    private static readonly CameraPose Pose = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 4);

    private static readonly PinholeCamera Camera = new(64, 48, 60, 60, 32, 24, Pose);

    [Theory]
    [InlineData(0.0)]
    [InlineData(-60.0)]
    [InlineData(1e-300)]
    [InlineData(1e8)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_focal_length_that_no_lens_has_is_refused(double focal)
    {
        Assert.Throws<InvalidCameraException>((Camera with { Fx = focal }).Validate);
        Assert.Throws<InvalidCameraException>((Camera with { Fy = focal }).Validate);
    }

    [Theory]
    [InlineData(1e8)]
    [InlineData(-1e300)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void A_principal_point_beyond_everything_is_refused(double center)
    {
        Assert.Throws<InvalidCameraException>((Camera with { Cx = center }).Validate);
        Assert.Throws<InvalidCameraException>((Camera with { Cy = center }).Validate);
    }

    [Theory]
    [InlineData(1e10)]
    [InlineData(-1e308)]
    [InlineData(double.NaN)]
    public void A_translation_that_floats_cannot_square_is_refused(double t) =>
        Assert.Throws<InvalidCameraException>((Camera with { Pose = Pose with { Ty = t } }).Validate);

    [Fact]
    public void Usual_cameras_and_the_limits_themselves_are_accepted()
    {
        Camera.Validate();
        (Camera with { Fx = PinholeCamera.MinFocal, Fy = PinholeCamera.MaxFocal, Cx = -500, Cy = PinholeCamera.MaxFocal }).Validate();
        (Camera with { Pose = Pose with { Tx = CameraPose.MaxTranslation } }).Validate();
    }
}
