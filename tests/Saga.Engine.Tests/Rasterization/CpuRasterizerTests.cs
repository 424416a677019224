using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;
using Saga.Engine.Scenes;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>What the CPU's rasteriser alone has: threads, views that are projected once, lists in pieces.</summary>
[Trait("Category", "Kernel")]
public sealed class CpuRasterizerTests
{
    private static readonly PinholeCamera Camera = TestScenes.Frontal(75, 50);

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
            SparsePixelRows rows = rasterizer.PixelRows(Camera, PixelRowsTests.AllPixels(Camera), CancellationToken.None);
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

    [Fact]
    public void A_view_of_another_rasteriser_is_refused()
    {
        using ProjectedView view = new CpuRasterizer(TestScenes.Single(-2, 2)).Project(Camera, CancellationToken.None);
        CpuRasterizer other = new(TestScenes.Single(-2, 2));

        Assert.Throws<ArgumentException>(() => other.PixelRows(view, [new(1, 1)], CancellationToken.None));
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
}
