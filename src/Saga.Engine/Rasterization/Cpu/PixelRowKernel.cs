using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Saga.Engine.Numerics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Computes the sparse rows (Gaussian, weight) of positions that lie in one tile.</summary>
/// <remarks>
/// The Gaussians of the tile are transposed once, then one lane is one Gaussian: exponents come a vector at a time, and only
/// those above the α limit are walked in order. The arithmetic of a weight is, operation for operation, that of
/// <see cref="BlendTileKernel"/>, so the two agree bit for bit.
/// </remarks>
internal sealed class PixelRowKernel
{
    private const int Lanes = 8;

    // Offsets of the quantities within a block of eight Gaussians; a block is contiguous.
    private const int MeanX = 0 * Lanes;
    private const int MeanY = 1 * Lanes;
    private const int WhitenXX = 2 * Lanes;
    private const int WhitenXY = 3 * Lanes;
    private const int WhitenYY = 4 * Lanes;
    private const int Log2Opacity = 5 * Lanes;
    private const int Depth = 6 * Lanes;
    private const int BlockSize = 7 * Lanes;

    private readonly DepthSort _sort = new();
    private float[] _blocks = [];
    private int[] _indices = [];
    private int _blockCount;

    /// <summary>Takes in the Gaussians of a tile.</summary>
    /// <param name="unsorted">Their entries of <see cref="DepthSort"/>.</param>
    /// <param name="gaussians">Projected Gaussians by slot.</param>
    public void Load(ReadOnlySpan<ulong> unsorted, ReadOnlySpan<ProjectedGaussian> gaussians)
    {
        ReadOnlySpan<ulong> list = _sort.Sort(unsorted);
        _blockCount = (list.Length + Lanes - 1) / Lanes;
        if (_indices.Length < _blockCount * Lanes)
        {
            int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)_blockCount);
            _blocks = new float[checked(capacity * BlockSize)];
            _indices = new int[capacity * Lanes];
        }

        for (int k = 0; k < list.Length; k++)
        {
            ref readonly ProjectedGaussian g = ref gaussians[DepthSort.Slot(list[k])];
            Span<float> block = _blocks.AsSpan(k / Lanes * BlockSize, BlockSize);
            int lane = k % Lanes;
            block[MeanX + lane] = g.MeanX;
            block[MeanY + lane] = g.MeanY;
            block[WhitenXX + lane] = g.WhitenXX;
            block[WhitenXY + lane] = g.WhitenXY;
            block[WhitenYY + lane] = g.WhitenYY;
            block[Log2Opacity + lane] = g.Log2Opacity;
            block[Depth + lane] = g.Depth;
            _indices[k] = g.Index;
        }

        // Lanes past the end are Gaussians of opacity 0.
        for (int k = list.Length; k < _blockCount * Lanes; k++)
        {
            _blocks[k / Lanes * BlockSize + Log2Opacity + k % Lanes] = float.NegativeInfinity;
        }
    }

    /// <summary>Appends the row of one position to a buffer.</summary>
    /// <param name="position">A position inside the loaded tile.</param>
    /// <param name="rows">Receives the contributions, nearest first.</param>
    /// <param name="coverage">Σ w.</param>
    /// <param name="depth">Σ w·z / Σ w, or 0 where Σ w is too small.</param>
    public void AppendRow(PixelPosition position, RowBuffer rows, out float coverage, out float depth)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            AppendRow<FloatX8>(position, rows, out coverage, out depth);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            AppendRow<FloatX4>(position, rows, out coverage, out depth);
        }
        else
        {
            AppendRow<FloatX1>(position, rows, out coverage, out depth);
        }
    }

    /// <inheritdoc cref="AppendRow(PixelPosition, RowBuffer, out float, out float)"/>
    /// <typeparam name="T">Vectors of at most eight lanes.</typeparam>
    internal unsafe void AppendRow<T>(PixelPosition position, RowBuffer rows, out float coverage, out float depth)
        where T : unmanaged, IFloatLanes<T>
    {
        T x = T.Broadcast(position.X);
        T y = T.Broadcast(position.Y);
        T margin = T.Broadcast(BlendLimits.MaxExponent(0));
        float* alphas = stackalloc float[Lanes];
        float transmittance = 1;
        float weightedDepth = 0;
        int end = _blockCount * Lanes;
        for (int k = 0; k < end; k += T.Width)
        {
            ref float block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_blocks), k / Lanes * BlockSize + k % Lanes);
            T dy = y - T.Load(ref block, MeanY);
            T r = T.Load(ref block, WhitenYY) * dy;
            T px = T.Load(ref block, WhitenXX) * (x - T.Load(ref block, MeanX));
            T p = T.MultiplyAdd(T.Load(ref block, WhitenXY), dy, px);
            T q = T.MultiplyAdd(p, p, r * r);
            T opacity = T.Load(ref block, Log2Opacity);
            T reaches = T.AtLeast(opacity + margin, q);
            if (reaches.SignBits() == 0)
            {
                continue;
            }

            T alpha = T.Min(VectorExp.Exp2(opacity - q), T.Broadcast(BlendLimits.MaxAlpha));
            reaches &= T.AtLeast(alpha, T.Broadcast(BlendLimits.MinAlpha));
            alpha.Store(alphas);
            for (uint bits = reaches.SignBits(); bits != 0; bits &= bits - 1)
            {
                int lane = BitOperations.TrailingZeroCount(bits);
                float next = transmittance * (1f - alphas[lane]);
                if (next < BlendLimits.MinTransmittance)
                {
                    k = end;
                    break;
                }

                float weight = alphas[lane] * transmittance;
                weightedDepth = float.MultiplyAddEstimate(weight, Unsafe.Add(ref block, Depth + lane), weightedDepth);
                rows.Append(_indices[k + lane], weight);
                transmittance = next;
            }
        }

        coverage = 1f - transmittance;
        depth = coverage >= BlendLimits.MinDepthCoverage ? weightedDepth / coverage : 0;
    }
}
