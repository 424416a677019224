using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;

namespace Saga.Benchmarks.Rasterization;

/// <summary>What training needs of a view: the features of 8,000 of its pixels. The published way renders the whole feature frame.</summary>
public class PixelRowsBenchmarks
{
    private const int Pixels = 8000;
    private const int Purpose = 131;

    private CpuRasterizer _rasterizer = null!;
    private PlainSplatter _splatter = null!;
    private PinholeCamera _camera = null!;
    private PixelPosition[] _pixels = [];
    private float[] _features = [];

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        _rasterizer = new CpuRasterizer(scene.Gaussians);
        _splatter = new PlainSplatter(scene.Gaussians);
        _camera = scene.Views[0].Camera;
        _features = SyntheticModel.Create(scene.Gaussians).Features;
        var random = new CounterRandom(0, Purpose, 0);
        _pixels = new PixelPosition[Pixels];
        for (int p = 0; p < Pixels; p++)
        {
            _pixels[p] = new PixelPosition(random.Next(_camera.Width) + 0.5f, random.Next(_camera.Height) + 0.5f);
        }
    }

    [Benchmark(Baseline = true)]
    public float[] Plain_feature_frame()
    {
        _splatter.Project(_camera);
        return _splatter.Render(_camera.Width, _camera.Height, _features, SyntheticModel.Dimension).Values;
    }

    [Benchmark]
    public SparsePixelRows Sparse_rows() => _rasterizer.PixelRows(_camera, _pixels, CancellationToken.None);
}
