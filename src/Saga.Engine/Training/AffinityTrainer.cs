using System.Diagnostics;
using System.Text.Json;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Compute;
using Saga.Engine.Masks;
using Saga.Engine.Neighbors;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Training.Cpu;
using Saga.Engine.Training.OpenCl;

namespace Saga.Engine.Training;

/// <summary>
/// Trains the affinity features and the scale gate of a scene from multi-granularity masks (§3–§6).
/// </summary>
/// <remarks>
/// (1) measure the masks; (2) find the neighbours; (3) iterate: draw pixels, scales and neighbour ranks, render their features
/// through sparse rows, contrastive loss, gradient, Adam; (4) smooth. Pixels of coming iterations are prepared while the present
/// ones are computed. Every draw is keyed by (seed, iteration), so on the CPU the result depends neither on the thread count nor
/// on interruptions. An instance trains once and serves one caller.
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
    private readonly ComputeDevice? _device;
    private readonly IRasterizer _rasterizer;
    private readonly StageClock _clock = new();
    private readonly Stopwatch _sinceReport = new();
    private ITrainingSteps? _steps;
    private DeviceResidents.Resident? _onDevice;
    private int _syncedIteration;
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
    /// <param name="device">Where to compute, while it has room and is not lost; null for the CPU. It outlives this.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public AffinityTrainer(
        GaussianScene scene, IReadOnlyList<SceneView> views, IReadOnlyList<ViewMasks> masks, AffinityTrainingOptions options,
        ComputeDevice? device = null)
    {
        options.Validate();
        _scene = scene;
        _views = views;
        _masks = masks;
        _options = options;
        _threads = options.MaxThreads > 0 ? options.MaxThreads : Environment.ProcessorCount;
        _device = device;
        _rasterizer = device is null
            ? new CpuRasterizer(scene, _threads)
            : new FallbackRasterizer(scene, device, _threads, error => DeviceFailure ??= error);
        _state = TrainingState.Create(scene.Count, options);
    }

    /// <summary>Iterations done.</summary>
    public int Iteration => _state.Iteration;

    /// <summary>What was used and dropped, and where the time went; complete after <see cref="Run"/>.</summary>
    public TrainingReport Report { get; private set; } =
        new(0, 0, 0, new Dictionary<string, int>(), new Dictionary<string, double>());

    /// <summary>Where iterations are computed now: <c>cpu</c>, or the device's name.</summary>
    public string ComputedOn => _steps is OpenClTrainingSteps ? _device!.Info.Name : "cpu";

    /// <summary>Why the CPU had to take over from the device; null while it had not.</summary>
    public ComputeException? DeviceFailure { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeSteps();
        (_rasterizer as FallbackRasterizer)?.LeaveDevice();
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
    public void SaveCheckpoint(Stream stream)
    {
        Sync();
        TrainingCheckpoint.Write(stream, _state, _options, _scene);
    }

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
            _views, _masks, _rasterizer, _threads, f => Tell(progress, "measuring masks", f * MeasuringShare), cancellationToken);
        start = _clock.Stop("measuring masks", start);
        Tell(progress, "finding neighbours", MeasuringShare);
        int[] neighbors = _neighbors = _options.AlikeNeighbors
            ? AlikeNeighbors.Find(_scene, _options.Neighbors, _threads, cancellationToken)
            : NearestNeighbors.Find(_scene.Means, _options.Neighbors, _threads, cancellationToken);
        start = _clock.Stop("finding neighbours", start);
        _syncedIteration = _state.Iteration;
        _steps = OnDevice(neighbors) ?? OnCpu(neighbors);
        do
        {
            // A device that fails when the last features are fetched from it leaves some to do again.
            Iterate(data, neighbors, progress, afterIteration, cancellationToken);
            Sync();
        }
        while (_state.Iteration < _options.Iterations);

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
        Sync();
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
            int comingFirst = -1;
            while (_state.Iteration < _options.Iterations)
            {
                (int first, int end) = TrainingWindow.Bounds(_state.Iteration, data.Views.Count, _options.Iterations);
                long start = StageClock.Start();
                TrainingWindow? prepared = coming?.GetAwaiter().GetResult();
                TrainingWindow window = comingFirst == first ? prepared! : Prepare(data, first, end, cancellationToken);
                _clock.Stop("waiting for pixels", start);
                (int nextFirst, int nextEnd) = TrainingWindow.Bounds(end, data.Views.Count, _options.Iterations);
                comingFirst = end < _options.Iterations ? nextFirst : -1;
                coming = comingFirst < 0 ? null : Task.Run(() => Prepare(data, nextFirst, nextEnd, cancellationToken), cancellationToken);

                // A device that failed sets the iteration back, perhaps before this window.
                while (_state.Iteration >= first && _state.Iteration < end)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (!Step(data, neighbors, window.Iterations[_state.Iteration - first]))
                    {
                        continue;
                    }

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

    // One iteration (§6); false where the device failed and it has to be done again.
    private bool Step(TrainingData data, int[] neighbors, PreparedIteration prepared)
    {
        int iteration = _state.Iteration;
        int pixels = prepared.Pixels.Positions.Length;
        if (pixels < 2)
        {
            _state.Iteration++;
            return true;
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

        ulong key = new CounterRandom(_options.Seed, PairPurpose, iteration).NextUInt64();
        LossTerms loss;
        try
        {
            loss = _steps!.Step(prepared.Rows, batch, DrawRanks(iteration), key, iteration);
        }
        catch (ComputeException error)
        {
            LeaveDevice(neighbors, error);
            return false;
        }

        if (!double.IsFinite(loss.Total))
        {
            throw new TrainingDivergedException(
                $"The loss is {loss.Total} at iteration {iteration}; a lower learning rate than {_options.LearningRate} may help.");
        }

        _state.AddLoss(loss.Total);
        _state.Iteration++;
        return true;
    }

    private CpuTrainingSteps OnCpu(int[] neighbors) => new(_state, _options, neighbors, _threads, _clock);

    private ITrainingSteps? OnDevice(int[] neighbors)
    {
        if (_device is not { IsLost: false } device)
        {
            return null;
        }

        try
        {
            // Scenes that wait for prompts make room; they come back when they are asked.
            _onDevice = device.Residents.Admit(device, () => new OpenClTrainingSteps(device, _state, _options, neighbors, _clock));
            return (ITrainingSteps)_onDevice.Value;
        }
        catch (ComputeException error)
        {
            DeviceFailure ??= error;
            return null;
        }
    }

    // What the device computed since the arrays here were up to date is lost with it and done again.
    private void LeaveDevice(int[] neighbors, ComputeException error)
    {
        DeviceFailure ??= error;
        DisposeSteps();
        _steps = OnCpu(neighbors);
        _state.Iteration = _syncedIteration;
    }

    private void DisposeSteps()
    {
        if (_onDevice is not null)
        {
            _device!.Residents.Remove(_onDevice);
            _device.Residents.Leave(_onDevice);
            _onDevice = null;
        }
        else
        {
            _steps?.Dispose();
        }

        _steps = null;
    }

    private void Sync()
    {
        if (_syncedIteration == _state.Iteration)
        {
            return;
        }

        try
        {
            _steps?.Sync();
            _syncedIteration = _state.Iteration;
        }
        catch (ComputeException error)
        {
            LeaveDevice(_neighbors, error);
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
}
