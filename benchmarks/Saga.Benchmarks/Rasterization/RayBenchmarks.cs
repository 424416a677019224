using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Rasterization;

/// <summary>What a prompt needs of a view: the Gaussians of one pixel.</summary>
[MemoryDiagnoser]
public class RayBenchmarks
{
    // Another pixel every time, so that the caches are not warm for one ray.
    private const int Pixels = 64;

    private RayIndex _rays = null!;
    private PlainSplatter _splatter = null!;
    private List<(SceneView View, PixelPosition Pixel)> _pixels = [];
    private int _next;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        _rays = RayIndex.Build(scene.Gaussians);
        _splatter = new PlainSplatter(scene.Gaussians);
        _pixels = VisiblePixels.Of(scene, Pixels);
    }

    [Benchmark(Baseline = true)]
    public List<(int Index, float Weight)> Project_all()
    {
        (SceneView view, PixelPosition pixel) = Next();
        _splatter.Project(view.Camera);
        return _splatter.Row(pixel);
    }

    [Benchmark]
    public SparsePixelRows Hierarchy()
    {
        (SceneView view, PixelPosition pixel) = Next();
        return _rays.PixelRows(view.Camera, [pixel]);
    }

    private (SceneView View, PixelPosition Pixel) Next() => _pixels[_next++ % Pixels];
}
