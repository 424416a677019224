using Saga.Engine.Cameras;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks;

[Trait("Category", "Kernel")]
public sealed class MaskScaleTests
{
    private static readonly CameraPose Identity = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    [Fact]
    public void Scales_match_the_golden_numbers()
    {
        const double tolerance = 1e-9;   // relative; both sides sum a few thousand terms in double
        Npy depth = Npy.Read(SharedData.Require("fixtures", "scale", "depth.npy"));
        Npy masks = Npy.Read(SharedData.Require("fixtures", "scale", "masks.npy"));
        Npy expected = Npy.Read(SharedData.Require("fixtures", "scale", "mask_scales_minus1_is_dropped.npy"));
        double[] k = Npy.Read(SharedData.Require("fixtures", "scale", "intrinsics_fx_fy_cx_cy.npy")).Values;
        int height = depth.Shape[0];
        int width = depth.Shape[1];
        var camera = new PinholeCamera(width, height, k[0], k[1], k[2], k[3], Identity);

        for (int i = 0; i < masks.Shape[0]; i++)
        {
            byte[] pixels = [.. masks.Values.Skip(i * width * height).Take(width * height).Select(v => (byte)v)];
            BinaryMask mask = BinaryMask.FromPixels(width, height, pixels);

            MaskMeasurement measured = MaskScale.Measure(mask, depth.Values, camera);
            MaskMeasurement fromFloat = MaskScale.Measure(mask, depth.Floats, camera);

            double golden = expected.Values[i];
            Assert.Equal(golden >= 0, measured.IsMeasured);
            if (golden >= 0)
            {
                AssertClose(golden, measured.Scale, tolerance);

                // Float depth: 2⁻²⁴ relative per pixel, at depths a few times the scale.
                AssertClose(golden, fromFloat.Scale, 1e-6);
            }
        }
    }

    [Theory]   // columns below, at and above every vector width
    [InlineData(5, 4, 0.9)]
    [InlineData(40, 15, 0.8)]
    [InlineData(40, 16, 0.6)]
    [InlineData(40, 17, 0.5)]
    [InlineData(33, 63, 0.7)]
    [InlineData(33, 64, 0.7)]
    [InlineData(20, 131, 0.7)]
    public void Scales_match_the_formula_on_noise(int width, int height, double density)
    {
        byte[] pixels = BinaryMaskTests.Pixels(width, height, density, seed: 11);
        var random = new Random(12);
        double[] depth = [.. Enumerable.Range(0, width * height).Select(i => i % 13 == 5 ? 0 : 1000 + random.NextDouble())];
        depth[0] = double.NaN;
        depth[1] = double.PositiveInfinity;
        depth[2] = -1;
        var camera = new PinholeCamera(width, height, 2000, 2100, 0.3 * width, 0.6 * height, Identity);

        MaskMeasurement measured = MaskScale.Measure(BinaryMask.FromPixels(width, height, pixels), depth, camera);

        double expected = Reference(width, height, pixels, depth, camera);
        Assert.Equal(expected > 0, measured.IsMeasured);
        AssertClose(expected, measured.Scale, 1e-9);
    }

    [Fact]
    public void A_mask_of_nine_usable_pixels_is_dropped_and_one_of_ten_is_not()
    {
        double[] depth = new double[400];
        var camera = new PinholeCamera(20, 20, 20, 20, 10, 10, Identity);
        byte[] pixels = new byte[400];
        for (int i = 0; i < 36; i++)
        {
            pixels[(5 + i / 6) * 20 + 5 + i % 6] = 1;
        }

        BinaryMask mask = BinaryMask.FromPixels(20, 20, pixels);
        for (int i = 0; i < 9; i++)
        {
            depth[(6 + i / 3) * 20 + 6 + i % 3] = 2;
        }

        Assert.Equal(new MaskMeasurement(0, MaskDropReason.TooFewPixels), MaskScale.Measure(mask, depth, camera));
        depth[6 * 20 + 9] = 2;
        Assert.True(MaskScale.Measure(mask, depth, camera).IsMeasured);
    }

    [Fact]
    public void A_full_mask_an_empty_mask_and_a_thin_line_are_dropped()
    {
        float[] depth = Enumerable.Repeat(1f, 400).ToArray();
        var camera = new PinholeCamera(20, 20, 20, 20, 10, 10, Identity);

        Assert.Equal(MaskDropReason.CoversWholeView, MaskScale.Measure(BinaryMask.FromRunLengths(20, 20, [0, 400]), depth, camera).Dropped);
        Assert.Equal(MaskDropReason.CoversWholeView, MaskScale.Measure(BinaryMask.FromRunLengths(5, 5, [0, 25]), depth, camera).Dropped);
        Assert.Equal(MaskDropReason.TooFewPixels, MaskScale.Measure(BinaryMask.FromRunLengths(20, 20, [400]), depth, camera).Dropped);
        Assert.Equal(MaskDropReason.TooFewPixels, MaskScale.Measure(BinaryMask.FromRunLengths(20, 20, [40, 20, 340]), depth, camera).Dropped);
        Assert.Throws<ArgumentException>(() => MaskScale.Measure(BinaryMask.FromRunLengths(20, 20, [400]), depth.AsSpan(1), camera));
    }

    [Fact]
    public void A_mask_at_half_the_resolution_measures_as_the_same_mask_drawn_large()
    {
        byte[] small = BinaryMaskTests.Pixels(20, 15, 0.8, seed: 2);
        BinaryMask mask = BinaryMask.FromPixels(20, 15, small);
        byte[] large = [.. Enumerable.Range(0, 40 * 30).Select(i => small[i / 40 / 2 * 20 + i % 40 / 2])];
        float[] depth = [.. Enumerable.Range(0, 40 * 30).Select(i => 2 + 0.01f * (i % 40))];
        var camera = new PinholeCamera(40, 30, 40, 40, 20, 15, Identity);

        Assert.Equal(
            MaskScale.Measure(BinaryMask.FromPixels(40, 30, large), depth, camera), MaskScale.Measure(mask, depth, camera));
    }

    // Straight from the definition, two passes, in double.
    private static double Reference(int width, int height, byte[] pixels, double[] depth, PinholeCamera camera)
    {
        var points = new List<double[]>();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int neighbours = 0;
                for (int n = 0; n < 9; n++)
                {
                    int nx = x + n % 3 - 1;
                    int ny = y + n / 3 - 1;
                    neighbours += nx >= 0 && ny >= 0 && nx < width && ny < height ? pixels[ny * width + nx] : 0;
                }

                double z = depth[y * width + x];
                if (pixels[y * width + x] != 0 && neighbours >= 5 && z > 0 && double.IsFinite(z))
                {
                    points.Add([(x + 0.5 - camera.Cx) * z / camera.Fx, (y + 0.5 - camera.Cy) * z / camera.Fy, z]);
                }
            }
        }

        if (points.Count < 10)
        {
            return 0;
        }

        double variance = 0;
        for (int axis = 0; axis < 3; axis++)
        {
            double mean = points.Average(p => p[axis]);
            variance += points.Sum(p => (p[axis] - mean) * (p[axis] - mean)) / (points.Count - 1);
        }

        return 2 * Math.Sqrt(variance);
    }

    private static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * expected, $"{actual} instead of {expected}");
}
