using Saga.Engine.Images;
using Saga.Engine.Masks.Generation.Builtin;

namespace Saga.Tests.Masks.Generation;

public sealed class LabPictureTests
{
    // CIE L*a*b* of sRGB primaries under D65, as tables give them; the curve is a table of 4096 steps.
    [Theory]
    [InlineData(255, 255, 255, 100.0, 0.0, 0.0)]
    [InlineData(0, 0, 0, 0.0, 0.0, 0.0)]
    [InlineData(255, 0, 0, 53.24, 80.09, 67.20)]
    [InlineData(0, 255, 0, 87.73, -86.18, 83.18)]
    [InlineData(0, 0, 255, 32.30, 79.19, -107.86)]
    [InlineData(119, 119, 119, 50.03, 0.0, 0.0)]
    public void Colours_are_those_of_the_tables(byte r, byte g, byte b, double expectedL, double expectedA, double expectedB)
    {
        const double tolerance = 0.5;
        var colors = LabPicture.From(new RgbImage(1, 1, [r, g, b]));

        Assert.Equal(expectedL, colors.Values[0], tolerance);
        Assert.Equal(expectedA, colors.Values[1], tolerance);
        Assert.Equal(expectedB, colors.Values[2], tolerance);
    }

    [Fact]
    public void Smoothing_spreads_a_point_over_nine_pixels_and_repeats_the_border()
    {
        byte[] pixels = new byte[3 * 25];
        pixels.AsSpan(3 * 12, 3).Fill(255);

        var colors = LabPicture.From(new RgbImage(5, 5, pixels));

        Assert.Equal(25.0, colors.Values[3 * 12], 1e-3);
        Assert.Equal(12.5, colors.Values[3 * 11], 1e-3);
        Assert.Equal(12.5, colors.Values[3 * 7], 1e-3);
        Assert.Equal(6.25, colors.Values[3 * 6], 1e-3);
        Assert.Equal(0.0, colors.Values[3 * 10], 1e-3);
        Assert.Equal(100.0, LabPicture.From(new RgbImage(2, 1, [255, 255, 255, 255, 255, 255])).Values[0], 1e-2);
    }
}
