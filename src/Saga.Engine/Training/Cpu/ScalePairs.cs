using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training.Cpu;

/// <summary>
/// All pixel pairs of one batch at one scale: their cosines, correspondences (Eq. 7) and gradient, tile by tile. Nothing of the
/// size of the pairs is kept but the selection bits, and those are shared by the scales.
/// </summary>
/// <remarks>A tile's row is walked a vector at a time; but for the sums of the loss, every width gives the same bits.</remarks>
/// <typeparam name="T">The vectors.</typeparam>
internal sealed unsafe partial class ScalePairs<T> : IScalePairs
    where T : unmanaged, IFloatLanes<T>
{
    private const int Side = PairTileKernels.Side;

    // Unit gated features twice: rows for the gradient, channel-major blocks of 16 pixels for the cosines.
    private readonly AlignedBuffer<float> _rows = new();
    private readonly AlignedBuffer<float> _blocks = new();
    private readonly AlignedBuffer<float> _inverseNorms = new();
    private readonly AlignedBuffer<float> _gradients = new();
    private readonly AlignedBuffer<uint> _identities = new();
    private readonly AlignedBuffer<float> _counts = new();
    private readonly float[] _gate = new float[64];
    private int _pixels;
    private int _padded;
    private int _words;
    private int _channels;
    private int _stride;

    /// <inheritdoc/>
    public float* FeatureGradients => _gradients.Pointer;

    /// <inheritdoc/>
    public double[] GateGradients { get; } = new double[64];

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public void Prepare(
        ContrastiveBatch batch, int scale, ReadOnlySpan<float> features, int channels, ReadOnlySpan<float> gateWeight, ReadOnlySpan<float> gateBias)
    {
        _pixels = batch.PixelCount;
        _padded = (_pixels + Side - 1) / Side * Side;
        _words = 2 * batch.WordCount;
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
        uint* identities = _identities.Ensure((long)_padded * _words);
        new Span<float>(rows, _padded * _stride).Clear();
        new Span<float>(blocks, _padded * channels).Clear();
        new Span<uint>(identities, _padded * _words).Clear();
        Span<ulong> identity = stackalloc ulong[batch.WordCount];
        ReadOnlySpan<uint> halves = MemoryMarshal.Cast<ulong, uint>(identity);
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
                // Word-major inside a block of 16 pixels, so that one load holds the same word of several; a word is as wide as a cosine.
                identities[(p / Side * _words + w) * Side + p % Side] = halves[w];
            }
        }
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

    // Each pair moves both of its pixels: W·X_J to the rows, Wᵀ·X_I to the columns.
    private void AddTileGradients(int rowBlock, int columnBlock, float* slopes)
    {
        float* rows = _rows.Pointer + rowBlock * Side * _stride;
        float* columns = _rows.Pointer + columnBlock * Side * _stride;
        float* gradients = _gradients.Pointer;
        PairTileKernels.AddGradientRows<T>(slopes, Side, 1, columns, gradients + rowBlock * Side * _stride, _stride);
        PairTileKernels.AddGradientRows<T>(slopes, 1, Side, rows, gradients + columnBlock * Side * _stride, _stride);
    }

    private void TileCosines(int rowBlock, int columnBlock, float* cosines) => PairTileKernels.Cosines<T>(
        _blocks.Pointer + rowBlock * Side * _channels, _blocks.Pointer + columnBlock * Side * _channels, _channels, cosines);

    // The mask of the lanes whose pixel shares a mask with the row's pixel, from a lane of the tile on.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Corresponds(int rowBlock, int r, int columnBlock, int lane)
    {
        float* row = (float*)_identities.Pointer + rowBlock * _words * Side + r;
        float* column = (float*)_identities.Pointer + columnBlock * _words * Side + lane;
        T shared = default;
        for (int w = 0; w < _words; w++)
        {
            shared |= T.Load(column + w * Side) & T.Broadcast(row[w * Side]);
        }

        return T.AnyBit(shared);
    }

    // The columns of a block that make a pair with the row: to the right of the diagonal and not padding.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint ValidColumns(int row, int columnBlock)
    {
        int first = Math.Max(0, row + 1 - columnBlock * Side);
        int end = Math.Min(Side, _pixels - columnBlock * Side);
        return row >= _pixels || first >= end ? 0 : ((1u << end) - 1) & ~((1u << first) - 1);
    }
}
