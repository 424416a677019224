using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Benchmarks.Rasterization;

/// <summary>A frame of 640×480 with colour and depth.</summary>
public class RasterizerBenchmarks
{
    // Of the spherical harmonics of degree 0.
    private const float ConstantBasis = 0.28209479f;

    // Rounding moves single contributions across the 1/255 and 1e-4 limits.
    private const double Tolerance = 2e-3;

    private CpuRasterizer _rasterizer = null!;
    private PlainSplatter _splatter = null!;
    private PinholeCamera _camera = null!;
    private float[] _colors = [];

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scaled = ScaledScene.Create(Gaussians);
        GaussianScene scene = scaled.Gaussians;
        _rasterizer = new CpuRasterizer(scene);
        _splatter = new PlainSplatter(scene);
        _camera = scaled.Views[0].Camera;
        _colors = [.. scene.ShCoefficients.Select(c => Math.Max(0, 0.5f + ConstantBasis * c))];

        RenderedImage image = Tiles_and_vectors();
        (float[] color, float[] depth) = Plain_splatting();
        Agreement.Require("Colours", color, image.Color, Tolerance);
        Agreement.Require("Depths", depth, image.Depth, Tolerance);
    }

    [Benchmark(Baseline = true)]
    public (float[] Color, float[] Depth) Plain_splatting()
    {
        _splatter.Project(_camera);
        return _splatter.Render(_camera.Width, _camera.Height, _colors, 3);
    }

    [Benchmark]
    public RenderedImage Tiles_and_vectors() =>
        _rasterizer.Render(_camera, new RenderOptions { Color = true, Depth = true }, CancellationToken.None);
}
