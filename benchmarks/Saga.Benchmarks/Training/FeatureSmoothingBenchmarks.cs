using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>Smoothed features of one iteration's pixels, and their gradient back to the Gaussians.</summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class FeatureSmoothingBenchmarks
{
    private const double Tolerance = 1e-4;

    private TrainingFixture _fixture = null!;
    private FeatureSmoothing _sparse = null!;
    private DenseSmoothing _dense = null!;
    private float[] _rendered = [];

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _fixture = TrainingFixture.Create(Gaussians);
        int channels = TrainingFixture.Options.FeatureDimension;
        _sparse = new FeatureSmoothing(Gaussians, channels, Environment.ProcessorCount);
        _dense = new DenseSmoothing(Gaussians, channels);
        _rendered = new float[_fixture.Rendered.Length];

        // Both backward passes need a forward pass; the rendered features stand in for their gradient.
        Dense_forward();
        Sparse_forward();
        Agreement.Require("Rendered features", _rendered, _fixture.Rendered, Tolerance);
        Dense_backward();
        Sparse_backward();
        Agreement.Require("Gradients", TouchedOf(_dense.Gradients, channels), SparseGradients(channels), Tolerance);
    }

    [GlobalCleanup]
    public void Cleanup() => _sparse.Dispose();

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("forward")]
    public void Dense_forward() => _dense.Forward(
        _fixture.Rows, _fixture.Features, _fixture.Neighbors, TrainingFixture.Options.Neighbors, _fixture.Ranks, _rendered);

    [Benchmark]
    [BenchmarkCategory("forward")]
    public void Sparse_forward() => _sparse.Forward(
        _fixture.Rows, _fixture.Features, _fixture.Neighbors, TrainingFixture.Options.Neighbors, _fixture.Ranks, _fixture.Rendered);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("backward")]
    public void Dense_backward() => _dense.Backward(
        _fixture.Rows, _fixture.Rendered, _fixture.Neighbors, TrainingFixture.Options.Neighbors, _fixture.Ranks);

    [Benchmark]
    [BenchmarkCategory("backward")]
    public void Sparse_backward() => _sparse.Backward(_fixture.Rows, _fixture.Rendered);

    private float[] TouchedOf(float[] gradients, int channels) =>
    [
        .. _sparse.Touched.Take(_sparse.TouchedCount).SelectMany(i => gradients.Skip(i * channels).Take(channels)),
    ];

    private unsafe float[] SparseGradients(int channels) =>
        new Span<float>(_sparse.Gradients, _sparse.TouchedCount * channels).ToArray();
}
