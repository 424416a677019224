using Saga.Engine.Cameras.Lenses;

namespace Saga.Engine.Tests.Cameras.Lenses;

public sealed class LensDistortionTests
{
    public static TheoryData<string> Models => [.. LensReference.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_model_bends_directions_as_COLMAP_defines_it(string model)
    {
        LensDistortion distortion = Find(model);
        foreach ((double x, double y) in Directions())
        {
            (double expectedX, double expectedY) = LensReference.Distort(model, distortion, x, y);
            (double actualX, double actualY) = distortion.Distort(x, y);

            // Both in double; only the order of the operations differs.
            Assert.Equal(expectedX, actualX, 1e-12);
            Assert.Equal(expectedY, actualY, 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void The_Jacobian_is_the_slope_of_the_distortion(string model)
    {
        const double step = 1e-6;
        const double tolerance = 1e-8;   // central differences in double: step² and 1e-16/step
        LensDistortion distortion = Find(model);
        foreach ((double x, double y) in Directions())
        {
            (double rightX, double rightY) = distortion.Distort(x + step, y);
            (double leftX, double leftY) = distortion.Distort(x - step, y);
            (double downX, double downY) = distortion.Distort(x, y + step);
            (double upX, double upY) = distortion.Distort(x, y - step);
            (double xx, double xy, double yx, double yy) = distortion.Jacobian(x, y);

            Assert.Equal((rightX - leftX) / (2 * step), xx, tolerance);
            Assert.Equal((downX - upX) / (2 * step), xy, tolerance);
            Assert.Equal((rightY - leftY) / (2 * step), yx, tolerance);
            Assert.Equal((downY - upY) / (2 * step), yy, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Undistorting_what_was_distorted_returns_within_a_hundredth_of_a_pixel(string model)
    {
        const double focal = 1000;
        LensDistortion distortion = Find(model);
        foreach ((double x, double y) in Directions())
        {
            (double bentX, double bentY) = distortion.Distort(x, y);
            (double backX, double backY) = LensReference.Undistort(distortion, bentX, bentY);

            Assert.InRange(focal * Math.Sqrt(Math.Pow(backX - x, 2) + Math.Pow(backY - y, 2)), 0, 0.01);
        }
    }

    [Fact]
    public void A_lens_without_coefficients_bends_nothing_unless_it_is_a_fisheye()
    {
        Assert.Equal((0.5, -0.25), new LensDistortion(LensModel.Radial).Distort(0.5, -0.25));
        Assert.Equal((0.5, -0.25), default(LensDistortion).Distort(0.5, -0.25));
        Assert.True(new LensDistortion(LensModel.Radial).IsNone);
        Assert.False(new LensDistortion(LensModel.Fisheye).IsNone);
        Assert.Equal(Math.PI / 4, new LensDistortion(LensModel.Fisheye).Distort(1, 0).X, 1e-12);
    }

    private static LensDistortion Find(string model) => LensReference.All.Single(m => m.Name == model).Distortion;

    /// <summary>The axis, its neighbourhood, and directions as far out as a wide lens sees.</summary>
    private static IEnumerable<(double X, double Y)> Directions()
    {
        yield return (0, 0);
        yield return (1e-7, -2e-7);
        yield return (1e-4, 0);
        Random random = new(11);
        for (int i = 0; i < 200; i++)
        {
            yield return (1.3 * random.NextDouble() - 0.65, 1.3 * random.NextDouble() - 0.65);
        }
    }
}
