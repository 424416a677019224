using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Computes the sparse rows (Gaussian, weight) of positions that lie in one tile.</summary>
/// <remarks>
/// The Gaussians of the tile are transposed once, then one lane is one Gaussian: exponents come eight at a time, and only
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
        Vector256<float> x = Vector256.Create(position.X);
        Vector256<float> y = Vector256.Create(position.Y);
        Vector256<float> margin = Vector256.Create(BlendLimits.MaxExponent(0));
        Span<float> alphas = stackalloc float[Lanes];
        float transmittance = 1;
        float weightedDepth = 0;
        for (int k = 0; k < _blockCount; k++)
        {
            ref float block = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_blocks), k * BlockSize);
            Vector256<float> dy = y - Vector256.LoadUnsafe(ref block, MeanY);
            Vector256<float> r = Vector256.LoadUnsafe(ref block, WhitenYY) * dy;
            Vector256<float> px = Vector256.LoadUnsafe(ref block, WhitenXX) * (x - Vector256.LoadUnsafe(ref block, MeanX));
            Vector256<float> p = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref block, WhitenXY), dy, px);
            Vector256<float> q = Vector256.MultiplyAddEstimate(p, p, r * r);
            Vector256<float> opacity = Vector256.LoadUnsafe(ref block, Log2Opacity);
            Vector256<float> reaches = Vector256.LessThanOrEqual(q, opacity + margin);
            if (reaches.ExtractMostSignificantBits() == 0)
            {
                continue;
            }

            Vector256<float> alpha = Vector256.Min(
                VectorExp.Exp2(opacity - q), Vector256.Create(BlendLimits.MaxAlpha));
            reaches &= Vector256.GreaterThanOrEqual(alpha, Vector256.Create(BlendLimits.MinAlpha));
            alpha.CopyTo(alphas);
            for (uint bits = reaches.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                int lane = BitOperations.TrailingZeroCount(bits);
                float next = transmittance * (1f - alphas[lane]);
                if (next < BlendLimits.MinTransmittance)
                {
                    k = _blockCount;
                    break;
                }

                float weight = alphas[lane] * transmittance;
                weightedDepth = float.MultiplyAddEstimate(weight, Unsafe.Add(ref block, Depth + lane), weightedDepth);
                rows.Append(_indices[k * Lanes + lane], weight);
                transmittance = next;
            }
        }

        coverage = 1f - transmittance;
        depth = coverage >= BlendLimits.MinDepthCoverage ? weightedDepth / coverage : 0;
    }
}
