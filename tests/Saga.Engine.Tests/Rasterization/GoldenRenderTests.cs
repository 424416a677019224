using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Compute;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>Against numbers that an independent double-precision script computed from the formulas.</summary>
public abstract class GoldenRenderTests(TestDevice device)
{
    private const double Tolerance = 1e-4;
    private const double DepthTolerance = 1e-3;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Pictures_match_the_golden_numbers(int view)
    {
        GaussianScene scene = TestScenes.Golden();
        RenderOptions options = new()
        {
            Color = true,
            Depth = true,
            Alpha = true,
            Features = TestScenes.Golden("gaussian_features").Floats,
            FeatureChannels = 8,
        };

        RenderedImage image = device.Rasterizer(scene).Render(TestScenes.GoldenCamera(view), options, CancellationToken.None);

        AssertClose($"view{view}_rgb_on_black", image.Color, Tolerance);
        AssertClose($"view{view}_alpha", image.Alpha, Tolerance);
        AssertClose($"view{view}_features", image.Features, Tolerance);
        AssertClose($"view{view}_depth", image.Depth, DepthTolerance);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Pixel_rows_match_the_golden_weights(int view)
    {
        const int row = 36;
        GaussianScene scene = TestScenes.Golden();
        PinholeCamera camera = TestScenes.GoldenCamera(view);
        PixelPosition[] pixels = [.. Enumerable.Range(0, camera.Width).Select(u => new PixelPosition(u + 0.5f, row + 0.5f))];

        SparsePixelRows rows = device.Rasterizer(scene).PixelRows(camera, pixels, CancellationToken.None);

        float[] dense = new float[camera.Width * scene.Count];
        for (int pixel = 0; pixel < pixels.Length; pixel++)
        {
            for (int k = rows.RowStarts[pixel]; k < rows.RowStarts[pixel + 1]; k++)
            {
                dense[pixel * scene.Count + rows.GaussianIndices[k]] = rows.Weights[k];
            }
        }

        AssertClose($"view{view}_weights_row{row}", dense, Tolerance);
    }

    private static void AssertClose(string name, float[] actual, double tolerance)
    {
        double[] expected = TestScenes.Golden(name).Values;
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(actual[i] - expected[i]) <= tolerance, $"{name}[{i}]: {actual[i]} instead of {expected[i]}");
        }
    }
}

[Trait("Category", "Kernel")]
public sealed class CpuGoldenRenderTests() : GoldenRenderTests(TestDevice.Cpu);

public sealed class OpenClGoldenRenderTests() : GoldenRenderTests(TestDevice.OpenCl);
