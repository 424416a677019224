using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Training.Cpu;

/// <summary>
/// All pixel pairs of one batch at one scale: their cosines, correspondences (Eq. 7) and gradient, tile by tile. Nothing of the
/// size of the pairs is kept but the selection bits, and those are shared by the scales.
/// </summary>
internal sealed unsafe class ScalePairs : IDisposable
{
    private const int Side = PairTileKernels.Side;

    // Unit gated features twice: rows for the gradient, channel-major blocks of 16 pixels for the cosines.
    private readonly AlignedBuffer<float> _rows = new();
    private readonly AlignedBuffer<float> _blocks = new();
    private readonly AlignedBuffer<float> _inverseNorms = new();
    private readonly AlignedBuffer<float> _gradients = new();
    private readonly AlignedBuffer<ulong> _identities = new();
    private readonly AlignedBuffer<float> _counts = new();
    private readonly float[] _gate = new float[64];
    private int _pixels;
    private int _padded;
    private int _words;
    private int _channels;
    private int _stride;

    /// <summary>Gradient of the loss with respect to the ungated features through this scale, [pixels, stride].</summary>
    public float* FeatureGradients => _gradients.Pointer;

    /// <summary>Gradient with respect to the gate's value, [channels].</summary>
    public double[] GateGradients { get; } = new double[64];

    /// <summary>The gate's value at this scale, [channels].</summary>
    public ReadOnlySpan<float> Gate => _gate;

    public void Dispose()
    {
        _rows.Dispose();
        _blocks.Dispose();
        _inverseNorms.Dispose();
        _gradients.Dispose();
        _identities.Dispose();
        _counts.Dispose();
    }

    /// <summary>Gates and normalises the features and builds the identity vectors of a scale.</summary>
    public void Prepare(
        ContrastiveBatch batch, int scale, ReadOnlySpan<float> features, int channels, ReadOnlySpan<float> gateWeight, ReadOnlySpan<float> gateBias)
    {
        _pixels = batch.PixelCount;
        _padded = (_pixels + Side - 1) / Side * Side;
        _words = batch.WordCount;
        _channels = channels;
        _stride = (channels + 15) / 16 * 16;
        double quantile = batch.Quantiles[scale];
        for (int c = 0; c < channels; c++)
        {
            _gate[c] = (float)(1 / (1 + Math.Exp(-(gateWeight[c] * quantile + gateBias[c]))));
        }

        float* rows = _rows.Ensure((long)_padded * _stride);
        float* blocks = _blocks.Ensure((long)_padded * channels);
        float* inverse = _inverseNorms.Ensure(_padded);
        ulong* identities = _identities.Ensure((long)_padded * _words);
        new Span<float>(rows, _padded * _stride).Clear();
        new Span<float>(blocks, _padded * channels).Clear();
        new Span<ulong>(identities, _padded * _words).Clear();
        Span<ulong> identity = stackalloc ulong[_words];
        for (int p = 0; p < _pixels; p++)
        {
            double square = 0;
            for (int c = 0; c < channels; c++)
            {
                float value = features[p * channels + c] * _gate[c];
                rows[p * _stride + c] = value;
                square += (double)value * value;
            }

            inverse[p] = square > 0 ? (float)(1 / Math.Sqrt(square)) : 0;
            float* block = blocks + p / Side * Side * channels + p % Side;
            for (int c = 0; c < channels; c++)
            {
                float unit = rows[p * _stride + c] * inverse[p];
                rows[p * _stride + c] = unit;
                block[c * Side] = unit;
            }

            batch.Identity(p, batch.MasksBelow[scale], identity);
            for (int w = 0; w < _words; w++)
            {
                // Word-major inside a block of 16 pixels, so that one load holds the same word of eight pixels.
                identities[(p / Side * _words + w) * Side + p % Side] = identity[w];
            }
        }
    }

    /// <summary>First pass: what the published pair selection (A.1) has to know of this scale.</summary>
    public void Survey(PairSurvey survey)
    {
        float* cosines = stackalloc float[Side * Side];
        Vector512<float> hardPositive = Vector512.Create(PairSurvey.HardPositiveCosine);
        Vector512<float> hardNegative = Vector512.Create(PairSurvey.HardNegativeCosine);
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, cosines);
                for (int r = 0; r < Side; r++)
                {
                    Vector512<float> cosine = Vector512.Load(cosines + r * Side);
                    uint together = (uint)Corresponds(rowBlock, r, columnBlock).ExtractMostSignificantBits();
                    uint low = (uint)Vector512.LessThan(cosine, hardPositive).ExtractMostSignificantBits();
                    uint high = (uint)Vector512.GreaterThan(cosine, hardNegative).ExtractMostSignificantBits();
                    survey.Add(rowBlock * Side + r, columnBlock, (ushort)together, (ushort)(together & low), (ushort)(~together & high));
                }
            }
        }
    }

    /// <summary>First pass of the per-scale form: positives, and negatives with a cosine above 0.</summary>
    public (long Positives, long Violations) CountPairs()
    {
        float* cosines = stackalloc float[Side * Side];
        long positives = 0;
        long violations = 0;
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, cosines);
                for (int r = 0; r < Side; r++)
                {
                    uint valid = ValidColumns(rowBlock * Side + r, columnBlock);
                    uint together = (uint)Corresponds(rowBlock, r, columnBlock).ExtractMostSignificantBits();
                    uint above = (uint)Vector512.GreaterThan(Vector512.Load(cosines + r * Side), Vector512<float>.Zero)
                        .ExtractMostSignificantBits();
                    positives += BitOperations.PopCount(together & valid);
                    violations += BitOperations.PopCount(~together & above & valid);
                }
            }
        }

        return (positives, violations);
    }

    /// <summary>Second pass: the loss of this scale and its gradient.</summary>
    /// <param name="positive">Factor of a positive pair.</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="survey">The selected pairs, or null for all.</param>
    /// <param name="ratios">r of the pair weight, [padded pixels].</param>
    /// <param name="offset">Offset of the pair weight.</param>
    /// <param name="factor">Factor of the pair weight.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    /// <returns>Σ of both sides, with the factors applied.</returns>
    public (double Positive, double Negative) AddGradients(
        float positive, float negative, PairSurvey? survey, float* ratios, float offset, float factor, ReadOnlySpan<float> features)
    {
        float* gradients = _gradients.Ensure((long)_padded * _stride);
        new Span<float>(gradients, _padded * _stride).Clear();
        float* weights = stackalloc float[Side * Side];
        double positiveLoss = 0;
        double negativeLoss = 0;
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, weights);
                Vector512<float> columnRatios = Vector512.Load(ratios + columnBlock * Side) * factor;
                Vector512<float> positiveSum = default;
                Vector512<float> negativeSum = default;
                Vector512<float> any = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    Vector512<float> cosine = Vector512.Load(weights + r * Side);
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock);
                    uint valid = ValidColumns(row, columnBlock);
                    Vector512<float> attract = together & LaneMask(survey is null ? valid : valid & survey.Positive(row, columnBlock));
                    Vector512<float> repel = LaneMask(survey is null ? valid : valid & survey.Negative(row, columnBlock))
                        & Vector512.AndNot(Vector512.GreaterThan(cosine, Vector512<float>.Zero), together);
                    Vector512<float> weight = Vector512.FusedMultiplyAdd(columnRatios, Vector512.Create(ratios[row]), Vector512.Create(offset));
                    Vector512<float> pull = weight & attract;
                    Vector512<float> push = weight & repel;
                    positiveSum = Vector512.FusedMultiplyAdd(pull, cosine, positiveSum);
                    negativeSum = Vector512.FusedMultiplyAdd(push, cosine, negativeSum);
                    Vector512<float> slope = push * negative - pull * positive;
                    any |= slope;
                    slope.Store(weights + r * Side);
                }

                if (any == Vector512<float>.Zero)
                {
                    continue;
                }

                positiveLoss -= Vector512.Sum(positiveSum) * (double)positive;
                negativeLoss += Vector512.Sum(negativeSum) * (double)negative;
                float* rowGradients = gradients + rowBlock * Side * _stride;
                float* columnGradients = gradients + columnBlock * Side * _stride;
                float* rows = _rows.Pointer;
                PairTileKernels.AddGradientRows(weights, Side, 1, rows + columnBlock * Side * _stride, rowGradients, _stride);
                PairTileKernels.AddGradientRows(weights, 1, Side, rows + rowBlock * Side * _stride, columnGradients, _stride);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }

    /// <summary>First pass of the logistic form: how many other pixels each pixel corresponds with, [padded pixels].</summary>
    public float* CountCorresponding()
    {
        float* counts = _counts.Ensure(_padded);
        new Span<float>(counts, _padded).Clear();
        float* rowCounts = stackalloc float[Side];
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                Vector512<float> columns = Vector512.Load(counts + columnBlock * Side);
                for (int r = 0; r < Side; r++)
                {
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock)
                        & LaneMask(ValidColumns(rowBlock * Side + r, columnBlock));
                    columns += together & Vector512<float>.One;
                    rowCounts[r] = BitOperations.PopCount((uint)together.ExtractMostSignificantBits());
                }

                columns.Store(counts + columnBlock * Side);
                (Vector512.Load(counts + rowBlock * Side) + Vector512.Load(rowCounts)).Store(counts + rowBlock * Side);
            }
        }

        return counts;
    }

    /// <summary>Second pass of the logistic form.</summary>
    /// <param name="pixelWeights">Weight of each pixel; a pair weighs the sum of its two, [padded pixels].</param>
    /// <param name="negative">Factor of a negative pair.</param>
    /// <param name="threshold">Cosine where both sides are undecided.</param>
    /// <param name="temperature">Width of the transition.</param>
    /// <param name="features">Ungated features, [pixels, channels].</param>
    public (double Positive, double Negative) AddLogisticGradients(
        float* pixelWeights, float negative, float threshold, float temperature, ReadOnlySpan<float> features)
    {
        float* gradients = _gradients.Ensure((long)_padded * _stride);
        new Span<float>(gradients, _padded * _stride).Clear();
        float* weights = stackalloc float[Side * Side];
        double positiveLoss = 0;
        double negativeLoss = 0;
        float inverse = 1 / temperature;
        Vector512<float> sign = Vector512.Create(-0f);
        for (int rowBlock = 0; rowBlock < _padded / Side; rowBlock++)
        {
            for (int columnBlock = rowBlock; columnBlock < _padded / Side; columnBlock++)
            {
                TileCosines(rowBlock, columnBlock, weights);
                Vector512<float> columnWeights = Vector512.Load(pixelWeights + columnBlock * Side);
                Vector512<float> positiveSum = default;
                Vector512<float> negativeSum = default;
                for (int r = 0; r < Side; r++)
                {
                    int row = rowBlock * Side + r;
                    Vector512<float> cosine = Vector512.Load(weights + r * Side);
                    Vector512<float> together = Corresponds(rowBlock, r, columnBlock);
                    Vector512<float> valid = LaneMask(ValidColumns(row, columnBlock));

                    // u > 0: on the wrong side. Positives are wrong below the threshold, negatives above it.
                    Vector512<float> u = (cosine - Vector512.Create(threshold)) * inverse ^ (together & sign);
                    Vector512<float> magnitude = Vector512.Exp(-Vector512.Abs(u));
                    Vector512<float> less = magnitude / (Vector512<float>.One + magnitude);
                    Vector512<float> wrong = Vector512.ConditionalSelect(
                        Vector512.GreaterThan(u, Vector512<float>.Zero), Vector512<float>.One - less, less);
                    Vector512<float> weight = (columnWeights + Vector512.Create(pixelWeights[row])) & valid;
                    weight = Vector512.ConditionalSelect(together, weight, weight * negative);
                    Vector512<float> softplus = Vector512.Max(u, Vector512<float>.Zero) + Vector512.Log(Vector512<float>.One + magnitude);
                    Vector512<float> cost = weight * softplus;
                    positiveSum += cost & together;
                    negativeSum += Vector512.AndNot(cost, together);
                    Vector512<float> slope = weight * wrong * inverse ^ (together & sign);
                    slope.Store(weights + r * Side);
                }

                positiveLoss += Vector512.Sum(positiveSum);
                negativeLoss += Vector512.Sum(negativeSum);
                float* rowGradients = gradients + rowBlock * Side * _stride;
                float* columnGradients = gradients + columnBlock * Side * _stride;
                float* rows = _rows.Pointer;
                PairTileKernels.AddGradientRows(weights, Side, 1, rows + columnBlock * Side * _stride, rowGradients, _stride);
                PairTileKernels.AddGradientRows(weights, 1, Side, rows + rowBlock * Side * _stride, columnGradients, _stride);
            }
        }

        ThroughGate(features);
        return (positiveLoss, negativeLoss);
    }

    // From the gradient of unit gated features to that of the ungated ones and of the gate: y = x/‖x‖, x = g∘F.
    private void ThroughGate(ReadOnlySpan<float> features)
    {
        Array.Clear(GateGradients);
        float* gradients = _gradients.Pointer;
        float* rows = _rows.Pointer;
        for (int p = 0; p < _pixels; p++)
        {
            float* g = gradients + p * _stride;
            float* unit = rows + p * _stride;
            double along = 0;
            for (int c = 0; c < _channels; c++)
            {
                along += g[c] * unit[c];
            }

            float inverse = _inverseNorms.Pointer[p];
            for (int c = 0; c < _channels; c++)
            {
                float gated = (g[c] - (float)along * unit[c]) * inverse;
                GateGradients[c] += gated * features[p * _channels + c];
                g[c] = gated * _gate[c];
            }
        }
    }

    private void TileCosines(int rowBlock, int columnBlock, float* cosines) => PairTileKernels.Cosines(
        _blocks.Pointer + rowBlock * Side * _channels, _blocks.Pointer + columnBlock * Side * _channels, _channels, cosines);

    // All bits set in the lanes whose pixel shares a mask with the row's pixel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<float> Corresponds(int rowBlock, int r, int columnBlock)
    {
        ulong* row = _identities.Pointer + rowBlock * _words * Side + r;
        ulong* column = _identities.Pointer + columnBlock * _words * Side;
        Vector512<ulong> low = default;
        Vector512<ulong> high = default;
        for (int w = 0; w < _words; w++)
        {
            Vector512<ulong> word = Vector512.Create(row[w * Side]);
            low |= Vector512.Load(column + w * Side) & word;
            high |= Vector512.Load(column + w * Side + 8) & word;
        }

        Vector512<ulong> apartLow = Vector512.Equals(low, Vector512<ulong>.Zero);
        Vector512<ulong> apartHigh = Vector512.Equals(high, Vector512<ulong>.Zero);
        return ~Vector512.Narrow(apartLow, apartHigh).AsSingle();
    }

    // The columns of a block that make a pair with the row: to the right of the diagonal and not padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint ValidColumns(int row, int columnBlock)
    {
        int first = Math.Max(0, row + 1 - columnBlock * Side);
        int end = Math.Min(Side, _pixels - columnBlock * Side);
        return row >= _pixels || first >= end ? 0 : ((1u << end) - 1) & ~((1u << first) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> LaneMask(uint bits)
    {
        Vector512<uint> select = Vector512.Create(1u, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return Vector512.Equals(Vector512.Create(bits) & select, select).AsSingle();
    }
}
