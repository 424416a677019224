using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Compute;

namespace Saga.Engine.Tests.Rasterization;

public abstract class RasterizerReferenceTests(TestDevice device)
{
    // Pixel coordinates round at 1e-5 px and the narrowest Gaussian has a deviation of 0.55 px; sums of up to 100 weights.
    private const double WeightTolerance = 3e-5;

    [Theory]   // one pixel, below, at and above the tile and vector widths, long and tall pictures
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(16, 16)]
    [InlineData(17, 31)]
    [InlineData(33, 15)]
    [InlineData(100, 9)]
    [InlineData(5, 70)]
    public void Rows_and_pictures_match_the_reference_at_any_size(int width, int height) =>
        Compare(TestScenes.Random(500, seed: 1), TestScenes.Frontal(width, height, focal: 0.9 * Math.Max(width, height)));

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Rows_and_pictures_match_the_reference_inside_the_cloud(int seed) =>
        Compare(TestScenes.Random(400, seed), TestScenes.Anywhere(45, 38, within: 1.5, seed));

    [Fact]
    public void Needles_and_disks_seen_from_near_match_the_reference()
    {
        GaussianScene scene = TestScenes.Random(200, seed: 5);
        for (int i = 0; i < scene.Count; i++)
        {
            scene.LogScales[3 * i] = -9;
            scene.LogScales[3 * i + 1] = i % 2 == 0 ? -9 : -0.5f;
            scene.LogScales[3 * i + 2] = -0.5f;
        }

        Compare(scene, TestScenes.Frontal(64, 48, distance: 1.4, focal: 60));
    }

    [Fact]
    public void A_scene_far_from_the_origin_keeps_its_precision()
    {
        GaussianScene scene = TestScenes.Random(300, seed: 6);
        for (int i = 0; i < scene.Means.Length; i++)
        {
            scene.Means[i] += 1000;
        }

        PinholeCamera camera = TestScenes.Frontal(40, 40);
        CameraPose pose = camera.Pose with { Tx = -1000, Ty = -1000, Tz = -1000 + 3 };
        Compare(scene, camera with { Pose = pose });
    }

    private void Compare(GaussianScene scene, PinholeCamera camera)
    {
        RasterizerReference reference = new(scene, camera);
        IRasterizer rasterizer = device.Rasterizer(scene);
        PixelPosition[] pixels = [.. Positions(camera, seed: 99)];
        SparsePixelRows rows = rasterizer.PixelRows(camera, pixels, CancellationToken.None);
        RenderOptions options = new() { Alpha = true, Depth = true };
        RenderedImage image = rasterizer.Render(camera, options, CancellationToken.None);

        int fragile = 0;
        for (int p = 0; p < pixels.Length; p++)
        {
            ReferenceRow expected = reference.Row(pixels[p].X, pixels[p].Y);
            if (expected.IsFragile)
            {
                fragile++;
                continue;
            }

            int start = rows.RowStarts[p], length = rows.RowStarts[p + 1] - start;
            Assert.Equal(
                expected.Contributions.Select(c => c.Index), rows.GaussianIndices.AsSpan(start, length).ToArray());
            for (int k = 0; k < length; k++)
            {
                AssertClose(expected.Contributions[k].Weight, rows.Weights[start + k], WeightTolerance, $"weight {k} at {pixels[p]}");
            }

            AssertClose(expected.Coverage, rows.Alphas[p], WeightTolerance, $"coverage at {pixels[p]}");
            AssertClose(expected.Depth, rows.Depths[p], 1e-4 * Math.Max(1, expected.Depth), $"depth at {pixels[p]}");
            if (p < camera.Width * camera.Height)
            {
                AssertClose(expected.Coverage, image.Alpha[p], WeightTolerance, $"alpha at {pixels[p]}");
                AssertClose(expected.Depth, image.Depth[p], 1e-4 * Math.Max(1, expected.Depth), $"depth at {pixels[p]}");
            }
        }

        Assert.True(fragile <= Math.Max(1, pixels.Length / 20), $"{fragile} of {pixels.Length} pixels are too close to a threshold.");
    }

    /// <summary>All pixel centres in order, then as many positions anywhere.</summary>
    private static IEnumerable<PixelPosition> Positions(PinholeCamera camera, int seed)
    {
        for (int y = 0; y < camera.Height; y++)
        {
            for (int x = 0; x < camera.Width; x++)
            {
                yield return new PixelPosition(x + 0.5f, y + 0.5f);
            }
        }

        Random random = new(seed);
        for (int i = 0; i < camera.Width * camera.Height; i++)
        {
            yield return new PixelPosition(random.NextSingle() * camera.Width, random.NextSingle() * camera.Height);
        }
    }

    private static void AssertClose(double expected, float actual, double tolerance, string what) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance, $"{what}: {actual} instead of {expected}");
}

[Trait("Category", "Kernel")]
public sealed class CpuRasterizerReferenceTests() : RasterizerReferenceTests(TestDevice.Cpu);

public sealed class OpenClRasterizerReferenceTests() : RasterizerReferenceTests(TestDevice.OpenCl);
