using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;

using Saga.Engine.Scenes;
using Saga.Engine.Tests.Compute;

namespace Saga.Engine.Tests.Rasterization;

public abstract class PixelRowsTests(TestDevice device)
{
    private static readonly PinholeCamera Camera = TestScenes.Frontal(75, 50);

    [Fact]
    public void Rows_hold_bit_for_bit_the_weights_that_rendering_uses()
    {
        // Gaussian i has the feature 1 in channel i: the blended picture is the dense matrix of weights.
        const int count = 300;
        GaussianScene scene = TestScenes.Random(count, seed: 21);
        float[] identity = new float[count * count];
        for (int i = 0; i < count; i++)
        {
            identity[i * count + i] = 1;
        }

        IRasterizer rasterizer = device.Rasterizer(scene);
        RenderOptions options = new() { Depth = true, Alpha = true, Features = identity, FeatureChannels = count };
        RenderedImage image = rasterizer.Render(Camera, options, CancellationToken.None);
        SparsePixelRows rows = rasterizer.PixelRows(Camera, AllPixels(Camera), CancellationToken.None);

        float[] dense = new float[image.Features.Length];
        for (int p = 0; p < rows.PixelCount; p++)
        {
            for (int k = rows.RowStarts[p]; k < rows.RowStarts[p + 1]; k++)
            {
                dense[p * count + rows.GaussianIndices[k]] = rows.Weights[k];
            }
        }

        Assert.Equal(image.Features, dense);
        Assert.Equal(image.Alpha, rows.Alphas);
        Assert.Equal(image.Depth, rows.Depths);
        Assert.True(rows.Weights.Length > 3 * rows.PixelCount, "The scene should be dense enough to test something.");
    }

    [Fact]
    public void Rows_come_in_the_order_of_the_pixels_and_duplicates_are_equal()
    {
        IRasterizer rasterizer = device.Rasterizer(TestScenes.Random(400, seed: 22));
        PixelPosition[] pixels = AllPixels(Camera);
        new Random(3).Shuffle(pixels);
        PixelPosition[] doubled = [.. pixels, .. pixels.Reverse()];

        SparsePixelRows rows = rasterizer.PixelRows(Camera, doubled, CancellationToken.None);

        for (int p = 0; p < pixels.Length; p += 97)
        {
            SparsePixelRows single = rasterizer.PixelRows(Camera, [pixels[p]], CancellationToken.None);
            Assert.Equal(Row(single, 0), Row(rows, p));
            Assert.Equal(Row(single, 0), Row(rows, doubled.Length - 1 - p));
            Assert.Equal(single.Depths[0], rows.Depths[p]);
        }
    }

    [Theory]
    [InlineData(-0.01f, 5)]
    [InlineData(5, 50.1f)]
    [InlineData(float.NaN, 5)]
    [InlineData(5, float.PositiveInfinity)]
    public void A_position_outside_the_view_is_refused(float x, float y)
    {
        IRasterizer rasterizer = device.Rasterizer(TestScenes.Single(-2, 2));

        ArgumentException problem = Assert.Throws<ArgumentException>(
            () => rasterizer.PixelRows(Camera, [new PixelPosition(x, y)], CancellationToken.None));

        Assert.Contains("75×50", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_pixels_give_no_rows()
    {
        SparsePixelRows rows = device.Rasterizer(TestScenes.Single(-2, 2)).PixelRows(Camera, [], CancellationToken.None);

        Assert.Equal(0, rows.PixelCount);
        Assert.Empty(rows.Weights);
    }

    [Fact]
    public void Cancelling_stops_the_work()
    {
        IRasterizer rasterizer = device.Rasterizer(TestScenes.Random(400, seed: 25));
        CancellationToken cancelled = new(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => rasterizer.PixelRows(Camera, AllPixels(Camera), cancelled));
        Assert.ThrowsAny<OperationCanceledException>(
            () => rasterizer.Render(Camera, new RenderOptions { Alpha = true }, cancelled));
    }

    internal static PixelPosition[] AllPixels(PinholeCamera camera) =>
    [
        .. from y in Enumerable.Range(0, camera.Height)
           from x in Enumerable.Range(0, camera.Width)
           select new PixelPosition(x + 0.5f, y + 0.5f),
    ];

    private static (int, float)[] Row(SparsePixelRows rows, int pixel) =>
    [
        .. from k in Enumerable.Range(rows.RowStarts[pixel], rows.RowStarts[pixel + 1] - rows.RowStarts[pixel])
           select (rows.GaussianIndices[k], rows.Weights[k]),
    ];
}

[Trait("Category", "Kernel")]
public sealed class CpuPixelRowsTests() : PixelRowsTests(TestDevice.Cpu);

public sealed class OpenClPixelRowsTests() : PixelRowsTests(TestDevice.OpenCl);
