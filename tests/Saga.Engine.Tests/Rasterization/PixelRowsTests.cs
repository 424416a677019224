using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Rasterization;

[Trait("Category", "Kernel")]
public sealed class PixelRowsTests
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

        CpuRasterizer rasterizer = new(scene);
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
        CpuRasterizer rasterizer = new(TestScenes.Random(400, seed: 22));
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

    [Fact]
    public void Nothing_depends_on_the_number_of_threads()
    {
        GaussianScene scene = TestScenes.Random(9000, seed: 23, shDegree: 1);
        RenderOptions options = new() { Color = true, Depth = true, Alpha = true, Background = RgbColor.White };
        RenderedImage? expectedImage = null;
        SparsePixelRows? expectedRows = null;
        foreach (int threads in (int[])[1, 2, 3, 7])
        {
            CpuRasterizer rasterizer = new(scene, threads);
            RenderedImage image = rasterizer.Render(Camera, options, CancellationToken.None);
            SparsePixelRows rows = rasterizer.PixelRows(Camera, AllPixels(Camera), CancellationToken.None);
            expectedImage ??= image;
            expectedRows ??= rows;
            Assert.Equal(expectedImage.Color, image.Color);
            Assert.Equal(expectedImage.Depth, image.Depth);
            Assert.Equal(expectedRows.RowStarts, rows.RowStarts);
            Assert.Equal(expectedRows.GaussianIndices, rows.GaussianIndices);
            Assert.Equal(expectedRows.Weights, rows.Weights);
        }
    }

    [Fact]
    public void A_projected_view_serves_several_calls()
    {
        CpuRasterizer rasterizer = new(TestScenes.Random(400, seed: 24));
        RenderOptions options = new() { Depth = true };
        using ProjectedView view = rasterizer.Project(Camera, CancellationToken.None);
        PixelPosition[] pixels = [new(10.25f, 20.75f), new(75, 50), new(0, 0)];

        RenderedImage image = rasterizer.Render(view, options, CancellationToken.None);
        SparsePixelRows rows = rasterizer.PixelRows(view, pixels, CancellationToken.None);

        Assert.Equal(rasterizer.Render(Camera, options, CancellationToken.None).Depth, image.Depth);
        Assert.Equal(rasterizer.PixelRows(Camera, pixels, CancellationToken.None).Weights, rows.Weights);
        Assert.InRange(view.VisibleCount, 1, 400);
        view.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rasterizer.PixelRows(view, pixels, CancellationToken.None));
    }

    [Theory]
    [InlineData(-0.01f, 5)]
    [InlineData(5, 50.1f)]
    [InlineData(float.NaN, 5)]
    [InlineData(5, float.PositiveInfinity)]
    public void A_position_outside_the_view_is_refused(float x, float y)
    {
        CpuRasterizer rasterizer = new(TestScenes.Single(-2, 2));

        ArgumentException problem = Assert.Throws<ArgumentException>(
            () => rasterizer.PixelRows(Camera, [new PixelPosition(x, y)], CancellationToken.None));

        Assert.Contains("75×50", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_pixels_give_no_rows()
    {
        SparsePixelRows rows = new CpuRasterizer(TestScenes.Single(-2, 2)).PixelRows(Camera, [], CancellationToken.None);

        Assert.Equal(0, rows.PixelCount);
        Assert.Empty(rows.Weights);
    }

    [Fact]
    public void A_view_of_another_rasteriser_is_refused()
    {
        using ProjectedView view = new CpuRasterizer(TestScenes.Single(-2, 2)).Project(Camera, CancellationToken.None);
        CpuRasterizer other = new(TestScenes.Single(-2, 2));

        Assert.Throws<ArgumentException>(() => other.PixelRows(view, [new(1, 1)], CancellationToken.None));
    }

    [Fact]
    public void Cancelling_stops_the_work()
    {
        CpuRasterizer rasterizer = new(TestScenes.Random(400, seed: 25));
        CancellationToken cancelled = new(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => rasterizer.PixelRows(Camera, AllPixels(Camera), cancelled));
        Assert.ThrowsAny<OperationCanceledException>(
            () => rasterizer.Render(Camera, new RenderOptions { Alpha = true }, cancelled));
    }

    [Fact]
    public void Tile_lists_filled_in_small_batches_are_the_same()
    {
        CpuRasterizer rasterizer = new(TestScenes.Random(2000, seed: 26));
        using ProjectedView view = rasterizer.Project(Camera, CancellationToken.None);
        bool[] wanted = new bool[view.Grid.Count];
        wanted.AsSpan().Fill(true);
        WorkerPool workers = new(2);
        using TileBinning whole = new(view, wanted, workers, CancellationToken.None);
        using TileBinning pieces = new(view, wanted, workers, CancellationToken.None, maxEntries: 500);
        Assert.Equal(view.Grid.Count, whole.Fill(0, CancellationToken.None));

        int batches = 0;
        for (int start = 0, end; start < view.Grid.Count; start = end)
        {
            end = pieces.Fill(start, CancellationToken.None);
            batches++;
            for (int tile = start; tile < end; tile++)
            {
                Assert.Equal(whole.List(tile).ToArray(), pieces.List(tile).ToArray());
            }
        }

        Assert.InRange(batches, 3, view.Grid.Count);
    }

    private static PixelPosition[] AllPixels(PinholeCamera camera) =>
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
