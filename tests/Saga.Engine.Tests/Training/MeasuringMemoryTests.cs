using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Rasterization;
using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

/// <summary>Tests that count the bytes of the whole process: nothing runs beside them.</summary>
[CollectionDefinition("counts bytes", DisableParallelization = true)]
public sealed class CountsBytes;

/// <summary>What measuring many masks holds and leaves behind: runs, never pixels.</summary>
[Collection("counts bytes")]
public sealed class MeasuringMemoryTests
{
    private const int Width = 960;
    private const int Height = 540;
    private const int Views = 12;
    private const int MasksPerView = 40;
    private const long PlaneBytes = (long)Width * Height;

    [Fact]
    public void Masks_stay_run_length_coded_and_nothing_decoded_is_kept()
    {
        (SceneView[] views, ViewMasks[] masks) = Make();
        var rasterizer = new CpuRasterizer(TrainingScenes.Scene(), 2);
        TrainingData.Measure(views[..1], masks[..1], rasterizer, 2, _ => { }, CancellationToken.None);
        long before = GC.GetTotalMemory(forceFullCollection: true);

        TrainingData data = TrainingData.Measure(views, masks, rasterizer, 2, _ => { }, CancellationToken.None);

        long held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(Views, data.Views.Count);
        Assert.All(data.Views, v => Assert.Equal(MasksPerView, v.Masks.Count));
        Assert.All(data.Views.Zip(masks), pair => Assert.All(pair.First.Masks, m => Assert.Contains(m, pair.Second.Masks)));

        // 480 masks are half a megabyte each when decoded; a few planes of slack for what the runtime itself keeps.
        Assert.InRange(held, long.MinValue, 8 * PlaneBytes);
        GC.KeepAlive(data);
    }

    [Fact]
    public void The_views_share_one_depth_picture()
    {
        var rasterizer = new CpuRasterizer(TrainingScenes.Scene(), 2);
        SceneView[] views = Make().Views;
        RenderedImage first = rasterizer.RenderDepth(views[0].Camera, null, CancellationToken.None);

        // A picture that was used holds another view's depth; none of it may shine through.
        RenderedImage second = rasterizer.RenderDepth(views[7].Camera, first, CancellationToken.None);

        Assert.Same(first, second);
        RenderedImage fresh = rasterizer.Render(views[7].Camera, new RenderOptions { Depth = true }, CancellationToken.None);
        Assert.Equal(fresh.Depth, second.Depth);
        PinholeCamera smaller = TrainingScenes.Views()[0].Camera;
        Assert.NotSame(second, rasterizer.RenderDepth(smaller, second, CancellationToken.None));
    }

    // Nested boxes in front of the wall, seen by cameras that move.
    private static (SceneView[] Views, ViewMasks[] Masks) Make()
    {
        var views = new SceneView[Views];
        var masks = new ViewMasks[Views];
        for (int v = 0; v < Views; v++)
        {
            var camera = new PinholeCamera(
                Width, Height, 600, 600, 480, 270, new CameraPose(1, 0, 0, 0.03 * v - 0.2, 0, 1, 0, 0.02 * v, 0, 0, 1, 3));
            views[v] = new SceneView($"view_{v:00}", camera, $"view_{v:00}.jpg");
            masks[v] = new ViewMasks(views[v].Name, [.. Enumerable.Range(0, MasksPerView).Select(m => Box(150 + 2 * m, 150 + m))]);
        }

        return (views, masks);
    }

    private static BinaryMask Box(int halfWidth, int halfHeight)
    {
        byte[] pixels = new byte[PlaneBytes];
        for (int y = Height / 2 - halfHeight; y < Height / 2 + halfHeight; y++)
        {
            pixels.AsSpan(y * Width + Width / 2 - halfWidth, 2 * halfWidth).Fill(1);
        }

        return BinaryMask.FromPixels(Width, Height, pixels);
    }
}
