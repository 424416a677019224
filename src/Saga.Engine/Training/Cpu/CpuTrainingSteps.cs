namespace Saga.Engine.Training.Cpu;

/// <summary>Iterations on the CPU, in the state's own arrays.</summary>
internal sealed class CpuTrainingSteps : ITrainingSteps
{
    private readonly TrainingState _state;
    private readonly AffinityTrainingOptions _options;
    private readonly int[] _neighbors;
    private readonly int _threads;
    private readonly StageClock _clock;
    private readonly ContrastiveLoss _loss;
    private readonly FeatureSmoothing _smoothing;
    private float[] _rendered = [];
    private float[] _renderedGradients = [];

    /// <param name="state">What iterations change.</param>
    /// <param name="options">Options.</param>
    /// <param name="neighbors">Neighbours, self first, [gaussians, options.Neighbors].</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="clock">Receives the time of each stage.</param>
    public CpuTrainingSteps(TrainingState state, AffinityTrainingOptions options, int[] neighbors, int threads, StageClock clock)
    {
        (_state, _options, _neighbors, _threads, _clock) = (state, options, neighbors, threads, clock);
        _loss = new ContrastiveLoss(options.FeatureDimension, threads);
        _smoothing = new FeatureSmoothing(state.Visibility.Length, options.FeatureDimension, threads);
    }

    public LossTerms Step(in PixelRowSlice rows, ContrastiveBatch batch, ReadOnlySpan<int> ranks, ulong key, int iteration)
    {
        int channels = _options.FeatureDimension;
        long start = StageClock.Start();
        Grow(ref _rendered, batch.PixelCount * channels);
        Grow(ref _renderedGradients, batch.PixelCount * channels);
        _smoothing.Forward(rows, _state.Features, _neighbors, _options.Neighbors, ranks, _rendered);
        start = _clock.Stop("rendering features", start);

        var weightGradients = new float[channels];
        var biasGradients = new float[channels];
        LossTerms loss = _loss.Run(
            batch, _options, key, _rendered, _state.GateWeight, _state.GateBias, _renderedGradients, weightGradients, biasGradients);
        start = _clock.Stop("contrastive loss", start);
        if (!double.IsFinite(loss.Total))
        {
            return loss;
        }

        _smoothing.Backward(rows, _renderedGradients);
        start = _clock.Stop("feature gradients", start);
        UpdateFeatures(iteration + 1);
        AddVisibility(rows);
        float[][] moments = _state.GateMoments;
        LazyAdam.Update(_state.GateWeight, moments[0], moments[1], weightGradients, iteration + 1, _options.LearningRate);
        LazyAdam.Update(_state.GateBias, moments[2], moments[3], biasGradients, iteration + 1, _options.LearningRate);
        _clock.Stop("optimiser", start);
        return loss;
    }

    public void Sync()
    {
        // The state's arrays are the ones that iterations change.
    }

    public void Dispose()
    {
        _loss.Dispose();
        _smoothing.Dispose();
    }

    private unsafe void UpdateFeatures(int step)
    {
        int parts = _threads * 4;
        int channels = _options.FeatureDimension;
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

    private static void Grow(ref float[] array, int length)
    {
        if (array.Length < length)
        {
            array = new float[length];
        }
    }
}
