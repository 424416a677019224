using Saga.Benchmarks.Scenes;
using Saga.Engine.Neighbors;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Training;

namespace Saga.Benchmarks.Training;

/// <summary>One iteration of a training, ready to be computed: what the trainer has at hand when an iteration starts.</summary>
internal sealed class TrainingFixture
{
    private const int ScalePurpose = 141;
    private const int FeaturePurpose = 142;
    private const int RankPurpose = 143;

    // Measuring masks draws every view; a few views give the same iteration.
    private const int Views = 4;

    private static TrainingFixture? _latest;

    private TrainingFixture(int gaussians)
    {
        ScaledScene scene = ScaledScene.Create(gaussians);
        var rasterizer = new CpuRasterizer(scene.Gaussians);
        TrainingData data = TrainingData.Measure(
            [.. scene.Views.Take(Views)], scene.Masks, rasterizer, Environment.ProcessorCount, _ => { }, CancellationToken.None);
        PreparedIteration prepared = TrainingWindow.Prepare(0, 1, data.Views, rasterizer, Options, CancellationToken.None).Iterations[0];
        Rows = prepared.Rows;

        TrainingView view = data.Views[prepared.View];
        var random = new CounterRandom(0, ScalePurpose, 0);
        double[] scales = ScaleSampling.Draw(
            ref random, view.Scales, data.MaximumScale, data.RunnerUpScale, Options.ScalesPerIteration);
        Batch = new ContrastiveBatch
        {
            PixelCount = prepared.Pixels.Positions.Length,
            WordCount = view.WordCount,
            Membership = prepared.Pixels.Membership,
            MeanMaskArea = prepared.Pixels.MeanMaskArea,
            MasksBelow = [.. scales.Select(s => view.Scales.Count(v => v < s))],
            Quantiles = [.. scales.Select(data.Quantiles.ToQuantile)],
        };
        Neighbors = NearestNeighbors.Find(
            scene.Gaussians.Means, Options.Neighbors, Environment.ProcessorCount, CancellationToken.None);
        int[] ranks = [.. Enumerable.Range(0, Options.Neighbors)];
        new CounterRandom(0, RankPurpose, 0).Shuffle(ranks);
        Ranks = ranks[..Options.NeighborsPerIteration];
        Features = new float[gaussians * Options.FeatureDimension];
        Parallel.For(0, gaussians, i =>
        {
            var own = new CounterRandom(0, FeaturePurpose, i);
            for (int c = 0; c < Options.FeatureDimension; c++)
            {
                Features[i * Options.FeatureDimension + c] = (float)own.NextNormal();
            }
        });
        Rendered = new float[Batch.PixelCount * Options.FeatureDimension];
        using var smoothing = new FeatureSmoothing(gaussians, Options.FeatureDimension, Environment.ProcessorCount);
        smoothing.Forward(Rows, Features, Neighbors, Options.Neighbors, Ranks, Rendered);
        var gate = GateInitializer.Create(Options.GateInitialization, Options.FeatureDimension, 0);
        (GateWeight, GateBias) = (gate.Weight, gate.Bias);
    }

    /// <summary>The service's default training.</summary>
    public static AffinityTrainingOptions Options => AffinityTrainingOptions.Balanced;

    public PixelRowSlice Rows { get; }

    public ContrastiveBatch Batch { get; }

    public int[] Neighbors { get; }

    public int[] Ranks { get; }

    /// <summary>Raw features, [gaussians, channels].</summary>
    public float[] Features { get; }

    /// <summary>Features of the pixels, [pixels, channels].</summary>
    public float[] Rendered { get; }

    public float[] GateWeight { get; }

    public float[] GateBias { get; }

    /// <summary>Makes a fixture, or returns the one made last if it is the same.</summary>
    public static TrainingFixture Create(int gaussians)
    {
        if (_latest?.Features.Length != gaussians * Options.FeatureDimension)
        {
            _latest = null;
            _latest = new TrainingFixture(gaussians);
        }

        return _latest!;
    }
}
