using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>
/// A whole training step from sparse rows to updated features: render, loss, gradient, Adam. The reference takes the same rows, so
/// what the engine gains by not rendering frames is not in this ratio but in that of the rows.
/// </summary>
public class TrainingStepBenchmarks
{
    private TrainingFixture _fixture = null!;
    private FeatureSmoothing _sparse = null!;
    private ContrastiveLoss _tiles = null!;
    private DenseSmoothing _denseSmoothing = null!;
    private DenseContrastiveLoss _densePairs = null!;
    private float[] _features = [];
    private float[] _firstMoments = [];
    private float[] _secondMoments = [];
    private float[] _rendered = [];
    private float[] _renderedGradients = [];
    private float[] _weightGradients = [];
    private float[] _biasGradients = [];
    private int[] _all = [];
    private int _step;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    private static AffinityTrainingOptions Options => TrainingFixture.Options;

    [GlobalSetup]
    public void Setup()
    {
        _fixture = TrainingFixture.Create(Gaussians);
        int channels = Options.FeatureDimension;
        _sparse = new FeatureSmoothing(Gaussians, channels, Environment.ProcessorCount);
        _tiles = new ContrastiveLoss(channels, Environment.ProcessorCount);
        _denseSmoothing = new DenseSmoothing(Gaussians, channels);
        _densePairs = new DenseContrastiveLoss(_fixture.Batch.ScaleCount, _fixture.Batch.PixelCount, channels);
        _features = [.. _fixture.Features];
        _firstMoments = new float[_features.Length];
        _secondMoments = new float[_features.Length];
        _rendered = new float[_fixture.Rendered.Length];
        _renderedGradients = new float[_fixture.Rendered.Length];
        _weightGradients = new float[channels];
        _biasGradients = new float[channels];
        _all = [.. Enumerable.Range(0, Gaussians)];
        _step = 0;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _sparse.Dispose();
        _tiles.Dispose();
    }

    [Benchmark(Baseline = true)]
    public unsafe void Unfused_dense()
    {
        _denseSmoothing.Forward(_fixture.Rows, _features, _fixture.Neighbors, Options.Neighbors, _fixture.Ranks, _rendered);
        _densePairs.Run(
            _fixture.Batch, Options, _rendered, _fixture.GateWeight, _fixture.GateBias,
            _renderedGradients, _weightGradients, _biasGradients);
        _denseSmoothing.Backward(_fixture.Rows, _renderedGradients, _fixture.Neighbors, Options.Neighbors, _fixture.Ranks);
        fixed (float* gradients = _denseSmoothing.Gradients)
        {
            Update(_all, gradients);
        }
    }

    [Benchmark]
    public unsafe void Fused_sparse()
    {
        _sparse.Forward(_fixture.Rows, _features, _fixture.Neighbors, Options.Neighbors, _fixture.Ranks, _rendered);
        _tiles.Run(
            _fixture.Batch, Options, 1, _rendered, _fixture.GateWeight, _fixture.GateBias,
            _renderedGradients, _weightGradients, _biasGradients);
        _sparse.Backward(_fixture.Rows, _renderedGradients);
        Update(_sparse.Touched.AsMemory(0, _sparse.TouchedCount), _sparse.Gradients);
    }

    private unsafe void Update(ReadOnlyMemory<int> rows, float* gradients)
    {
        int step = ++_step;
        int channels = Options.FeatureDimension;
        DensePasses.ForRows(rows.Length, (start, end) => LazyAdam.Update(
            _features, _firstMoments, _secondMoments, channels, rows.Span[start..end], gradients + (long)start * channels, step,
            Options.LearningRate));
    }
}
