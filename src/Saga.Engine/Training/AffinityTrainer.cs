using System.Diagnostics;
using System.Text.Json;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Masks;
using Saga.Engine.Neighbors;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Engine.Training;

/// <summary>
/// Trains the affinity features and the scale gate of a scene from multi-granularity masks (§3–§6).
/// </summary>
/// <remarks>
/// (1) measure the masks; (2) find the neighbours; (3) iterate: draw pixels, scales and neighbour ranks, render their features
/// through sparse rows, contrastive loss, gradient, Adam; (4) smooth. Pixels of coming iterations are prepared while the present
/// ones are computed. Every draw is keyed by (seed, iteration), so the result depends neither on the thread count nor on
/// interruptions. An instance trains once and serves one caller.
/// </remarks>
public sealed class AffinityTrainer : IDisposable
{
    private const int ScalePurpose = 5;
    private const int RankPurpose = 6;
    private const int PairPurpose = 7;

    // Shares of the whole run for the progress bar, from typical times.
    private const double MeasuringShare = 0.05;
    private const double TrainingShare = 0.93;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);

    private readonly GaussianScene _scene;
    private readonly IReadOnlyList<SceneView> _views;
    private readonly IReadOnlyList<ViewMasks> _masks;
    private readonly AffinityTrainingOptions _options;
    private readonly int _threads;
    private readonly CpuRasterizer _rasterizer;
    private readonly ContrastiveLoss _loss;
    private readonly FeatureSmoothing _smoothing;
    private readonly StageClock _clock = new();
    private readonly Stopwatch _sinceReport = new();
    private float[] _rendered = [];
    private float[] _renderedGradients = [];
    private int _iterationAtReport;
    private double? _rate;
    private TrainingState _state;
    private TrainingData? _data;
    private int[] _neighbors = [];

    /// <summary>Creates a trainer.</summary>
    /// <param name="scene">The Gaussians; of the colours only those of degree 0 are used, and none are needed.</param>
    /// <param name="views">The views.</param>
    /// <param name="masks">Masks, matched to views by name.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public AffinityTrainer(
        GaussianScene scene, IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks, AffinityTrainingOptions options)
    {
        options.Validate();
        _scene = scene;
        _views = views;
        _masks = masks;
        _options = options;
        _threads = options.MaxThreads > 0 ? options.MaxThreads : Environment.ProcessorCount;
        _rasterizer = new CpuRasterizer(scene, _threads);
        _loss = new ContrastiveLoss(options.FeatureDimension, _threads);
        _smoothing = new FeatureSmoothing(scene.Count, options.FeatureDimension, _threads);
        _state = TrainingState.Create(scene.Count, options);
    }

    /// <summary>Iterations done.</summary>
    public int Iteration => _state.Iteration;

    /// <summary>What was used and dropped, and where the time went; complete after <see cref="Run"/>.</summary>
    public TrainingReport Report { get; private set; } =
        new(0, 0, 0, new Dictionary<string, int>(), new Dictionary<string, double>());

    /// <inheritdoc/>
    public void Dispose()
    {
        _loss.Dispose();
        _smoothing.Dispose();
    }

    /// <summary>Continues from a checkpoint instead of the beginning. Call before <see cref="Run"/>.</summary>
    /// <param name="checkpoint">What <see cref="SaveCheckpoint"/> wrote.</param>
    /// <exception cref="InvalidCheckpointException">Damaged or of another training; the trainer then starts from the beginning.</exception>
    public void Restore(Stream checkpoint)
    {
        TrainingState state = TrainingState.Create(_scene.Count, _options);
        TrainingCheckpoint.Read(checkpoint, state, _options, _scene);
        _state = state;
    }

    /// <summary>Writes the state between two iterations; call it from the callback of <see cref="Run"/> or after it was cancelled.</summary>
    public void SaveCheckpoint(Stream stream) => TrainingCheckpoint.Write(stream, _state, _options, _scene);

    /// <summary>Trains to the end.</summary>
    /// <param name="progress">Receives at most ten reports a second.</param>
    /// <param name="afterIteration">Called after every iteration; may save a checkpoint.</param>
    /// <param name="cancellationToken">Checked every iteration and inside preparation.</param>
    /// <returns>The model, in engine order.</returns>
    /// <exception cref="InvalidMaskException">No mask is usable.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no longer a number.</exception>
    public AffinityModel Run(
        IProgress<TrainingProgress>? progress = null, Action<AffinityTrainer>? afterIteration = null, CancellationToken cancellationToken = default)
    {
        _sinceReport.Restart();
        _iterationAtReport = _state.Iteration;
        long start = StageClock.Start();
        TrainingData data = _data = TrainingData.Measure(
            _views, _masks, _rasterizer, f => Tell(progress, "measuring masks", f * MeasuringShare), cancellationToken);
        start = _clock.Stop("measuring masks", start);
        Tell(progress, "finding neighbours", MeasuringShare);
        int[] neighbors = _neighbors = _options.AlikeNeighbors
            ? AlikeNeighbors.Find(_scene, _options.Neighbors, _threads, cancellationToken)
            : NearestNeighbors.Find(_scene.Means, _options.Neighbors, _threads, cancellationToken);
        start = _clock.Stop("finding neighbours", start);

        Iterate(data, neighbors, progress, afterIteration, cancellationToken);
        Tell(progress, "smoothing", MeasuringShare + TrainingShare);
        start = StageClock.Start();
        AffinityModel model = CurrentModel();
        _clock.Stop("smoothing", start);
        Report = new TrainingReport(
            data.Views.Count, data.ViewsWithoutMasks, data.Views.Sum(v => v.Masks.Count), data.MasksDropped, _clock.Seconds)
        {
            MasksPerView = [.. data.Views.Select(v => v.Masks.Count)],
            MaskScales = [.. data.Views.SelectMany(v => v.Scales)],
        };
        return model;
    }

    /// <summary>The model as the features stand: call it from the callback of <see cref="Run"/> to look at a training under way.</summary>
    /// <exception cref="InvalidOperationException">No training has begun.</exception>
    public AffinityModel CurrentModel()
    {
        TrainingData data = _data ?? throw new InvalidOperationException("There is no model before Run has begun to train.");
        float[] features = FeatureSmoothing.Finish(
            _state.Features, _state.Visibility, _options.FeatureDimension, _neighbors, _options.Neighbors, _threads);

        // Prompts score features of 16 bits; the model that is kept and downloaded is the one that is scored.
        FeatureRounding.Round(features, _options.FeatureDimension);
        return new AffinityModel
        {
            Dimension = _options.FeatureDimension,
            Features = features,
            Gate = new ScaleGate([.. _state.GateWeight], [.. _state.GateBias]),
            Quantiles = data.Quantiles,
            Info = new AffinityModelInfo(
                DateTimeOffset.UtcNow, _state.Iteration, _options.Seed, _state.AverageLoss ?? 0,
                JsonSerializer.Serialize(_options), "", _scene.FileGaussianCount),
        };
    }

    private void Iterate(
        TrainingData data, int[] neighbors, IProgress<TrainingProgress>? progress, Action<AffinityTrainer>? afterIteration, CancellationToken cancellationToken)
    {
        Task<TrainingWindow>? coming = null;
        try
        {
            while (_state.Iteration < _options.Iterations)
            {
                (int first, int end) = TrainingWindow.Bounds(_state.Iteration, data.Views.Count, _options.Iterations);
                long start = StageClock.Start();
                TrainingWindow window = coming is null ? Prepare(data, first, end, cancellationToken) : coming.GetAwaiter().GetResult();
                _clock.Stop("waiting for pixels", start);
                (int nextFirst, int nextEnd) = TrainingWindow.Bounds(end, data.Views.Count, _options.Iterations);
                coming = end < _options.Iterations
                    ? Task.Run(() => Prepare(data, nextFirst, nextEnd, cancellationToken), cancellationToken)
                    : null;
                while (_state.Iteration < end)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Step(data, neighbors, window.Iterations[_state.Iteration - first]);
                    Tell(progress, "training", MeasuringShare + TrainingShare * _state.Iteration / _options.Iterations);
                    afterIteration?.Invoke(this);
                }
            }
        }
        finally
        {
            // A cancelled or failed training leaves no work behind it.
            coming?.ContinueWith(t => t.Exception, TaskScheduler.Default).Wait(CancellationToken.None);
        }
    }

    private TrainingWindow Prepare(TrainingData data, int first, int end, CancellationToken cancellationToken) =>
        TrainingWindow.Prepare(first, end, data.Views, _rasterizer, _options, cancellationToken);

    // One iteration (§6).
    private void Step(TrainingData data, int[] neighbors, PreparedIteration prepared)
    {
        int iteration = _state.Iteration;
        int channels = _options.FeatureDimension;
        int pixels = prepared.Pixels.Positions.Length;
        if (pixels < 2)
        {
            _state.Iteration++;
            return;
        }

        TrainingView view = data.Views[prepared.View];
        var random = new CounterRandom(_options.Seed, ScalePurpose, iteration);
        double[] scales = ScaleSampling.Draw(ref random, view.Scales, data.MaximumScale, data.RunnerUpScale, _options.ScalesPerIteration);
        var batch = new ContrastiveBatch
        {
            PixelCount = pixels,
            WordCount = view.WordCount,
            Membership = prepared.Pixels.Membership,
            MeanMaskArea = prepared.Pixels.MeanMaskArea,
            MasksBelow = [.. scales.Select(s => CountBelow(view.Scales, s))],
            Quantiles = [.. scales.Select(data.Quantiles.ToQuantile)],
        };

        long start = StageClock.Start();
        Grow(ref _rendered, pixels * channels);
        Grow(ref _renderedGradients, pixels * channels);
        _smoothing.Forward(prepared.Rows, _state.Features, neighbors, _options.Neighbors, DrawRanks(iteration), _rendered);
        start = _clock.Stop("rendering features", start);

        var weightGradients = new float[channels];
        var biasGradients = new float[channels];
        ulong key = new CounterRandom(_options.Seed, PairPurpose, iteration).NextUInt64();
        LossTerms loss = _loss.Run(
            batch, _options, key, _rendered, _state.GateWeight, _state.GateBias,
            _renderedGradients, weightGradients, biasGradients);
        start = _clock.Stop("contrastive loss", start);
        if (!double.IsFinite(loss.Total))
        {
            throw new TrainingDivergedException(
                $"The loss is {loss.Total} at iteration {iteration}; a lower learning rate than {_options.LearningRate} may help.");
        }

        _smoothing.Backward(prepared.Rows, _renderedGradients);
        start = _clock.Stop("feature gradients", start);
        UpdateFeatures(channels, iteration + 1);
        AddVisibility(prepared.Rows);
        float[][] moments = _state.GateMoments;
        LazyAdam.Update(_state.GateWeight, moments[0], moments[1], weightGradients, iteration + 1, _options.LearningRate);
        LazyAdam.Update(_state.GateBias, moments[2], moments[3], biasGradients, iteration + 1, _options.LearningRate);
        _clock.Stop("optimiser", start);
        _state.AddLoss(loss.Total);
        _state.Iteration++;
    }

    private unsafe void UpdateFeatures(int channels, int step)
    {
        int parts = _threads * 4;
        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = _threads }, part =>
        {
            int from = (int)((long)_smoothing.TouchedCount * part / parts);
            int to = (int)((long)_smoothing.TouchedCount * (part + 1) / parts);
            LazyAdam.Update(
                _state.Features, _state.FirstMoments, _state.SecondMoments, channels, _smoothing.Touched.AsSpan(from, to - from),
                _smoothing.Gradients + (long)from * channels, step, _options.LearningRate);
        });
    }

    private void AddVisibility(in PixelRowSlice rows)
    {
        for (int e = rows.FirstEntry; e < rows.FirstEntry + rows.EntryCount; e++)
        {
            _state.Visibility[rows.GaussianIndices[e]] += rows.Weights[e];
        }
    }

    private int[] DrawRanks(int iteration)
    {
        var random = new CounterRandom(_options.Seed, RankPurpose, iteration);
        int[] ranks = [.. Enumerable.Range(0, _options.Neighbors)];
        random.Shuffle(ranks);
        return ranks[.._options.NeighborsPerIteration];
    }

    private void Tell(IProgress<TrainingProgress>? progress, string stage, double fraction)
    {
        bool due = _sinceReport.Elapsed >= ReportInterval;
        if (progress is null || (!due && stage == "training" && _state.Iteration < _options.Iterations))
        {
            return;
        }

        int done = _state.Iteration - _iterationAtReport;
        if (done > 0)
        {
            double now = done / _sinceReport.Elapsed.TotalSeconds;
            _rate = _rate is null ? now : 0.8 * _rate + 0.2 * now;
        }

        _iterationAtReport = _state.Iteration;
        _sinceReport.Restart();
        progress.Report(new TrainingProgress(stage, fraction, _state.Iteration, _options.Iterations, _state.AverageLoss, _rate));
    }

    private static int CountBelow(double[] ascending, double scale)
    {
        int count = 0;
        while (count < ascending.Length && ascending[count] < scale)
        {
            count++;
        }

        return count;
    }

    private static void Grow(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            array = new float[length];
        }
    }
}
