using Saga.Engine.Masks.Generation.Builtin;

namespace Saga.Tests.Masks.Generation;

[Trait("Category", "Kernel")]
public sealed class SurfacePictureTests
{
    [Theory]
    [InlineData(0.0, 0.0, 1.0)]
    [InlineData(0.6, 0.0, 0.8)]
    [InlineData(-0.3, 0.5, 0.81)]
    public void A_plane_has_its_normal_everywhere_and_no_gaps(double nx, double ny, double nz)
    {
        // Disparities of about ¼ are floats of 2⁻²⁶; a slope divides the sum of 49 of them by 196: about 1e-8, a normal that times 60.
        const double tolerance = 1e-4;
        (PaintedPicture painted, SurfacePicture surface, _) = Plane(nx, ny, nz);

        double length = Math.Sqrt(nx * nx + ny * ny + nz * nz);
        for (int i = 0; i < surface.Disparity.Length; i++)
        {
            Assert.True(
                Math.Abs(surface.Normals[3 * i] + nx / length) < tolerance && Math.Abs(surface.Normals[3 * i + 1] + ny / length) < tolerance
                && Math.Abs(surface.Normals[3 * i + 2] + nz / length) < tolerance,
                $"Pixel {i} has the normal {string.Join(' ', surface.Normals[(3 * i)..(3 * i + 3)])}");
            if (i % painted.Width + 1 < painted.Width)
            {
                Assert.True(surface.RelativeGap(i, i + 1, 1, 0) < tolerance);
            }
        }
    }

    [Fact]
    public void Slopes_beside_an_edge_are_those_of_the_own_side()
    {
        PaintedPicture painted = new PaintedPicture(40, 30)
            .Paint(new PixelBox(0, 0, 20, 30), (200, 0, 0), (x, _) => 1 / (0.5f + 0.001f * x))
            .Paint(new PixelBox(20, 0, 40, 30), (0, 0, 200), (_, y) => 1 / (0.2f + 0.002f * y));
        float[] disparity = [.. painted.Picture.Rendering.Depth.Select(z => 1 / z)];
        float[] slopeX = new float[disparity.Length];
        float[] slopeY = new float[disparity.Length];

        DisparityPlaneKernel.Run(disparity, slopeX, slopeY, 40, 30);

        for (int i = 0; i < disparity.Length; i++)
        {
            (float x, float y) = i % 40 < 20 ? (0.001f, 0f) : (0f, 0.002f);
            Assert.True(Math.Abs(slopeX[i] - x) < 1e-6 && Math.Abs(slopeY[i] - y) < 1e-6, $"Pixel {i}: {slopeX[i]}, {slopeY[i]}");
        }
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(8, 19)]
    [InlineData(31, 23)]
    public void Slopes_match_least_squares_over_the_best_of_the_five_windows(int width, int height)
    {
        const double tolerance = 1e-6;   // integral images lose the digits of their size, about 1e3 terms of 1, to 2⁻⁵³; results are floats
        var random = new Random(7);
        float[] disparity = [.. Enumerable.Range(0, width * height).Select(_ => 0.5f + random.NextSingle())];
        float[] slopeX = new float[disparity.Length];
        float[] slopeY = new float[disparity.Length];

        DisparityPlaneKernel.Run(disparity, slopeX, slopeY, width, height);

        for (int i = 0; i < disparity.Length; i++)
        {
            (double x, double y) = PlaneReference.Slopes(disparity, width, height, i % width, i / width);
            Assert.True(
                Math.Abs(slopeX[i] - x) < tolerance && Math.Abs(slopeY[i] - y) < tolerance,
                $"Pixel {i}: {slopeX[i]}, {slopeY[i]} for {x}, {y}");
        }
    }

    [Fact]
    public void A_box_on_the_ground_meets_it_in_a_hollow_and_ends_above_in_an_edge()
    {
        // A wall that faces the camera, rows 20 to 40, on a floor that comes towards it; its top goes away. Both lean by about 50°.
        PaintedPicture painted = new PaintedPicture(300, 60).Paint(new PixelBox(0, 0, 300, 60), (128, 128, 128), (_, y) => y switch
        {
            < 20 => 1 / (0.25f - 0.001f * (20 - y)),
            < 40 => 4,
            _ => 1 / (0.25f + 0.001f * (y - 40)),
        });
        var colors = LabPicture.From(painted.Picture.Photo);
        var surface = SurfacePicture.From(painted.Picture.Rendering, colors, painted.Camera);

        PixelContrast bottom = Sum(colors, surface, 36, 44);
        PixelContrast top = Sum(colors, surface, 16, 24);

        Assert.True(bottom.Concave > 0.5 && bottom.Convex < 0.05, bottom.ToString());
        Assert.True(top.Convex > 0.5 && top.Concave < 0.05, top.ToString());
    }

    [Fact]
    public void A_blurred_edge_of_depth_moves_to_that_of_the_colour()
    {
        // Red up to column 20, blue from there on; the depth crosses from 2 to 4 between the columns 20 and 24.
        PaintedPicture painted = new PaintedPicture(48, 20)
            .Paint(new PixelBox(0, 0, 20, 20), (200, 0, 0), 2)
            .Paint(new PixelBox(20, 0, 48, 20), (0, 0, 200), (x, _) => Math.Min(4, 2 + 0.5f * (x - 20)));
        var colors = LabPicture.From(painted.Picture.Photo);
        float[] disparity = [.. painted.Picture.Rendering.Depth.Select(z => 1 / z)];

        float[] sharpened = DepthEdgeSharpening.Run(disparity, colors, 48, 20);

        Assert.All(Enumerable.Range(0, 20), x => Assert.InRange(1 / sharpened[10 * 48 + x], 1.99f, 2.01f));

        // The last red and the first blue are mixed by the smoothing of the photo; beyond, depths are those of the far side.
        Assert.All(Enumerable.Range(22, 26), x => Assert.InRange(1 / sharpened[10 * 48 + x], 3.3f, 4.01f));
    }

    private static PixelContrast Sum(LabPicture colors, SurfacePicture surface, int fromRow, int toRow)
    {
        PixelContrast sum = default;
        for (int y = fromRow; y < toRow; y++)
        {
            PixelContrast next = PixelContrast.Between(colors, surface, 300 * y + 150, 300 * (y + 1) + 150, 0, 1);
            sum = new PixelContrast(sum.Color + next.Color, sum.Gap + next.Gap, sum.Concave + next.Concave, sum.Convex + next.Convex);
        }

        return sum;
    }

    private static (PaintedPicture Painted, SurfacePicture Surface, LabPicture Colors) Plane(double nx, double ny, double nz)
    {
        PaintedPicture painted = new(60, 50);
        var camera = painted.Camera;
        painted.Paint(new PixelBox(0, 0, 60, 50), (90, 90, 90), (x, y) =>
        {
            // n·(ray·z) = 4·n_z
            double along = nx * (x + 0.5 - camera.Cx) / camera.Fx + ny * (y + 0.5 - camera.Cy) / camera.Fy + nz;
            return (float)(4 * nz / along);
        });
        var colors = LabPicture.From(painted.Picture.Photo);
        return (painted, SurfacePicture.From(painted.Picture.Rendering, colors, camera), colors);
    }
}
