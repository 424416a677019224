using Saga.Engine.Numerics;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Training;

/// <summary>The three terms of the loss.</summary>
/// <param name="Positive">Attraction of corresponding pixels.</param>
/// <param name="Negative">Repulsion of the others.</param>
/// <param name="Norm">(1 - mean‖F‖)².</param>
public readonly record struct LossTerms(double Positive, double Negative, double Norm)
{
    /// <summary>The loss.</summary>
    public double Total => Positive + Negative + Norm;
}

/// <summary>
/// The scale-gated contrastive loss (§6, steps 3–7) and its gradient with respect to the rendered features and the gate.
/// </summary>
/// <remarks>
/// Paper: L = mean over (scales × positives) of -w·Corr·cos + mean over (scales × negatives) of w·(1-Corr)·max(cos, 0) + (1 - mean‖F‖)².
/// Logistic: L = 1/(S·P) Σ_scales Σ_pairs (1/n_i + 1/n_j)·[softplus((t - cos)/τ) where Corr, λ(q)·softplus((cos - t)/τ) elsewhere]
/// + (1 - mean‖F‖)², with n_i the number of pixels that correspond with i, t the decision cosine of the scale, τ the temperature.
/// Scales are independent, so a thread takes whole scales; sums over scales run in scale order. The result does not depend on the
/// number of threads. Buffers are kept between calls; an instance serves one caller at a time.
/// </remarks>
public sealed unsafe class ContrastiveLoss : IDisposable
{
    /// <summary>A pixel with fewer partners than this in the sample counts as if it had so many: its own are too few to trust.</summary>
    internal const float LogisticMinPositives = 8;

    private readonly int _channels;
    private readonly int _stride;
    private readonly int _threads;
    private readonly SimdLevel _level;
    private readonly AlignedBuffer<float> _ratios = new();
    private readonly List<IScalePairs> _scales = [];
    private readonly List<PairSurvey> _surveys = [];

    /// <summary>Creates the loss.</summary>
    /// <param name="channels">Feature dimension.</param>
    /// <param name="threads">Threads, at least 1.</param>
    public ContrastiveLoss(int channels, int threads)
        : this(channels, threads, Simd.Level)
    {
    }

    internal ContrastiveLoss(int channels, int threads, SimdLevel level)
    {
        _level = level;
        _channels = channels;
        _stride = (channels + 15) / 16 * 16;
        _threads = threads;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ratios.Dispose();
        _scales.ForEach(s => s.Dispose());
    }

    /// <summary>Loss and gradients of one batch.</summary>
    /// <param name="batch">Pixels, masks and scales.</param>
    /// <param name="options">Form of the loss and its constants.</param>
    /// <param name="key">Key of the random pair draws.</param>
    /// <param name="features">Rendered features F, [pixels, channels].</param>
    /// <param name="gateWeight">a of the gate, [channels].</param>
    /// <param name="gateBias">b of the gate, [channels].</param>
    /// <param name="featureGradients">Receives dL/dF, [pixels, channels].</param>
    /// <param name="weightGradients">Receives dL/da, [channels].</param>
    /// <param name="biasGradients">Receives dL/db, [channels].</param>
    /// <returns>The terms.</returns>
    public LossTerms Run(
        ContrastiveBatch batch, AffinityTrainingOptions options, ulong key,
        float[] features, float[] gateWeight, float[] gateBias,
        float[] featureGradients, float[] weightGradients, float[] biasGradients) =>
        Run(batch, options, key, null, features, gateWeight, gateBias, featureGradients, weightGradients, biasGradients);

    internal LossTerms Run(
        ContrastiveBatch batch, AffinityTrainingOptions options, ulong key, double[]? draws,
        float[] features, float[] gateWeight, float[] gateBias,
        float[] featureGradients, float[] weightGradients, float[] biasGradients)
    {
        int scaleCount = batch.ScaleCount;
        while (_scales.Count < scaleCount)
        {
            _scales.Add(IScalePairs.Create(_level));
        }

        var positive = new double[scaleCount];
        var negative = new double[scaleCount];
        if (options.LossForm == ContrastiveLossForm.Paper)
        {
            RunPublished(batch, key, draws, features, gateWeight, gateBias, positive, negative);
        }
        else
        {
            ForScales(scaleCount, s => (positive[s], negative[s]) = RunLogistic(batch, s, options, features, gateWeight, gateBias));
        }

        double norm = AddNormTerm(batch.PixelCount, features, featureGradients);
        SumScales(batch, featureGradients, weightGradients, biasGradients);
        return new LossTerms(positive.Sum(), negative.Sum(), norm);
    }

    private void RunPublished(
        ContrastiveBatch batch, ulong key, double[]? draws, float[] features, float[] gateWeight, float[] gateBias, double[] positive, double[] negative)
    {
        int padded = (batch.PixelCount + PairTileKernels.Side - 1) / PairTileKernels.Side * PairTileKernels.Side;
        float* ratios = _ratios.Ensure(padded);
        new Span<float>(ratios, padded).Clear();
        (float offset, float factor) = batch.PairWeights(new Span<float>(ratios, batch.PixelCount));
        PairSurvey survey = Survey(batch, key, draws, features, gateWeight, gateBias);
        float attract = (float)(1.0 / Math.Max(1, batch.ScaleCount * survey.PositiveCount));
        float repel = (float)(1.0 / Math.Max(1, batch.ScaleCount * survey.NegativeCount));
        ForScales(batch.ScaleCount, s =>
            (positive[s], negative[s]) = _scales[s].AddPublishedGradients(attract, repel, survey, ratios, offset, factor, features));
    }

    private (double Positive, double Negative) RunLogistic(
        ContrastiveBatch batch, int scale, AffinityTrainingOptions options, float[] features, float[] gateWeight, float[] gateBias)
    {
        IScalePairs pairs = _scales[scale];
        pairs.Prepare(batch, scale, features, _channels, gateWeight, gateBias);
        float* weights = pairs.CountCorresponding();
        for (int p = 0; p < batch.PixelCount; p++)
        {
            weights[p] = (float)(1 / (Math.Max(weights[p], LogisticMinPositives) * batch.PixelCount * batch.ScaleCount));
        }

        double negativeWeight = options.NegativeWeightAt(batch.Quantiles[scale]);
        return pairs.AddLogisticGradients(
            weights, (float)negativeWeight, (float)options.DecisionCosineAt(batch.Quantiles[scale]), (float)options.DecisionTemperature, features);
    }

    private void ForScales(int count, Action<int> body) =>
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _threads }, body);

    private PairSurvey Survey(
        ContrastiveBatch batch, ulong key, double[]? draws, float[] features, float[] gateWeight, float[] gateBias)
    {
        int threads = Math.Min(_threads, batch.ScaleCount);
        while (_surveys.Count < threads)
        {
            _surveys.Add(new PairSurvey());
        }

        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, t =>
        {
            _surveys[t].Reset(batch.PixelCount);
            for (int s = t; s < batch.ScaleCount; s += threads)
            {
                _scales[s].Prepare(batch, s, features, _channels, gateWeight, gateBias);
                _scales[s].Survey(_surveys[t]);
            }
        });
        for (int t = 1; t < threads; t++)
        {
            _surveys[0].Merge(_surveys[t]);
        }

        _surveys[0].Select(key, draws);
        return _surveys[0];
    }

    // (1 - mean‖F‖)², written as the first contribution to dL/dF.
    private double AddNormTerm(int pixels, float[] features, float[] featureGradients)
    {
        double sum = 0;
        var norms = new double[pixels];
        for (int p = 0; p < pixels; p++)
        {
            double square = 0;
            for (int c = 0; c < _channels; c++)
            {
                square += (double)features[p * _channels + c] * features[p * _channels + c];
            }

            norms[p] = Math.Sqrt(square);
            sum += norms[p];
        }

        double gap = 1 - sum / pixels;
        for (int p = 0; p < pixels; p++)
        {
            double slope = norms[p] > 0 ? -2 * gap / pixels / norms[p] : 0;
            for (int c = 0; c < _channels; c++)
            {
                featureGradients[p * _channels + c] = (float)(slope * features[p * _channels + c]);
            }
        }

        return gap * gap;
    }

    private void SumScales(ContrastiveBatch batch, float[] featureGradients, float[] weightGradients, float[] biasGradients)
    {
        Array.Clear(weightGradients);
        Array.Clear(biasGradients);
        for (int s = 0; s < batch.ScaleCount; s++)
        {
            float* gradients = _scales[s].FeatureGradients;
            for (int p = 0; p < batch.PixelCount; p++)
            {
                for (int c = 0; c < _channels; c++)
                {
                    featureGradients[p * _channels + c] += gradients[p * _stride + c];
                }
            }

            ReadOnlySpan<float> gate = _scales[s].Gate;
            for (int c = 0; c < _channels; c++)
            {
                double slope = _scales[s].GateGradients[c] * gate[c] * (1 - gate[c]);
                biasGradients[c] += (float)slope;
                weightGradients[c] += (float)(slope * batch.Quantiles[s]);
            }
        }
    }
}
