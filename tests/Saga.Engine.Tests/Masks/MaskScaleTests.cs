using Saga.Engine.Cameras;
using Saga.Engine.Masks;

namespace Saga.Tests.Masks;

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
                Assert.True(Math.Abs(measured.Scale - golden) <= tolerance * golden, $"Mask {i}: {measured.Scale} instead of {golden}");

                // Float depth: 2⁻²⁴ relative per pixel, at depths a few times the scale.
                Assert.True(Math.Abs(fromFloat.Scale - golden) <= 1e-6 * golden, $"Mask {i}: {fromFloat.Scale} instead of {golden}");
            }
        }
    }
}
