using BenchmarkDotNet.Attributes;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>The loss and its gradient for one iteration: about 1,000 pixels, 10 scales, 32 channels, whatever the scene's size.</summary>
[MemoryDiagnoser]
public class ContrastiveLossBenchmarks
{
    private const int Gaussians = 100_000;

    // Float32 sums over a million pairs in another order; the engine approximates the logistic function to 1e-6.
    private const double Tolerance = 1e-3;

    private TrainingFixture _fixture = null!;
    private ContrastiveLoss _tiles = null!;
    private DenseContrastiveLoss _dense = null!;
    private float[] _gradients = [];
    private float[] _weightGradients = [];
    private float[] _biasGradients = [];

    [GlobalSetup]
    public void Setup()
    {
        _fixture = TrainingFixture.Create(Gaussians);
        int channels = TrainingFixture.Options.FeatureDimension;
        _tiles = new ContrastiveLoss(channels, Environment.ProcessorCount);
        _dense = new DenseContrastiveLoss(_fixture.Batch.ScaleCount, _fixture.Batch.PixelCount, channels);
        _gradients = new float[_fixture.Rendered.Length];
        _weightGradients = new float[channels];
        _biasGradients = new float[channels];

        float dense = (float)Dense_pairs();
        float[] denseGradients = [.. _gradients, .. _weightGradients, .. _biasGradients];
        float tiles = (float)Fused_tiles();
        Agreement.Require("Loss", [dense], [tiles], Tolerance);
        Agreement.Require("Gradients", denseGradients, [.. _gradients, .. _weightGradients, .. _biasGradients], Tolerance);
    }

    [GlobalCleanup]
    public void Cleanup() => _tiles.Dispose();

    [Benchmark(Baseline = true)]
    public double Dense_pairs() => _dense.Run(
        _fixture.Batch, TrainingFixture.Options, _fixture.Rendered, _fixture.GateWeight, _fixture.GateBias,
        _gradients, _weightGradients, _biasGradients);

    [Benchmark]
    public double Fused_tiles() => Run(TrainingFixture.Options);

    /// <summary>The published form of the loss, which looks at the pairs twice; the reference computes the default form.</summary>
    [Benchmark]
    public double Fused_tiles_published_form() => Run(TrainingFixture.Options with { LossForm = ContrastiveLossForm.Paper });

    private double Run(AffinityTrainingOptions options) => _tiles.Run(
        _fixture.Batch, options, 1, _fixture.Rendered, _fixture.GateWeight, _fixture.GateBias,
        _gradients, _weightGradients, _biasGradients).Total;
}
