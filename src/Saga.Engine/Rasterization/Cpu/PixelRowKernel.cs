using System.Diagnostics;
using System.Numerics;
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
    private const int PlaneCount = 6;

    private float[] _planes = [];
    private float[] _depths = [];
    private int[] _indices = [];
    private int _stride;

    /// <summary>Takes in the Gaussians of a tile.</summary>
    /// <param name="list">Their slots, nearest first.</param>
    /// <param name="gaussians">Projected Gaussians by slot.</param>
    public void Load(ReadOnlySpan<int> list, ReadOnlySpan<ProjectedGaussian> gaussians)
    {
        _stride = (list.Length + Lanes - 1) / Lanes * Lanes;
        if (_depths.Length < _stride)
        {
            int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)_stride);
            _planes = new float[PlaneCount * capacity];
            _depths = new float[capacity];
            _indices = new int[capacity];
        }

        Span<float> meanX = Plane(0), meanY = Plane(1);
        Span<float> whitenXX = Plane(2), whitenXY = Plane(3), whitenYY = Plane(4), log2Opacity = Plane(5);
        for (int k = 0; k < list.Length; k++)
        {
            ref readonly ProjectedGaussian g = ref gaussians[list[k]];
            meanX[k] = g.MeanX;
            meanY[k] = g.MeanY;
            whitenXX[k] = g.WhitenXX;
            whitenXY[k] = g.WhitenXY;
            whitenYY[k] = g.WhitenYY;
            log2Opacity[k] = g.Log2Opacity;
            _depths[k] = g.Depth;
            _indices[k] = g.Index;
        }

        log2Opacity[list.Length..].Fill(float.NegativeInfinity);
    }

    /// <summary>Appends the row of one position to a buffer.</summary>
    /// <param name="position">A position inside the loaded tile.</param>
    /// <param name="rows">Receives the contributions, nearest first.</param>
    /// <param name="coverage">Σ w.</param>
    /// <param name="depth">Σ w·z / Σ w, or 0 where Σ w is too small.</param>
    public void AppendRow(PixelPosition position, RowBuffer rows, out float coverage, out float depth)
    {
        ref float meanX = ref Reference(0);
        ref float meanY = ref Reference(1);
        ref float whitenXX = ref Reference(2);
        ref float whitenXY = ref Reference(3);
        ref float whitenYY = ref Reference(4);
        ref float log2Opacity = ref Reference(5);
        Vector256<float> x = Vector256.Create(position.X);
        Vector256<float> y = Vector256.Create(position.Y);
        Vector256<float> margin = Vector256.Create(BlendLimits.MaxExponent(0));
        Span<float> alphas = stackalloc float[Lanes];
        float transmittance = 1;
        float weightedDepth = 0;
        for (int k = 0; k < _stride; k += Lanes)
        {
            nuint at = (nuint)k;
            Vector256<float> dy = y - Vector256.LoadUnsafe(ref meanY, at);
            Vector256<float> r = Vector256.LoadUnsafe(ref whitenYY, at) * dy;
            Vector256<float> px = Vector256.LoadUnsafe(ref whitenXX, at) * (x - Vector256.LoadUnsafe(ref meanX, at));
            Vector256<float> p = Vector256.MultiplyAddEstimate(Vector256.LoadUnsafe(ref whitenXY, at), dy, px);
            Vector256<float> q = Vector256.MultiplyAddEstimate(p, p, r * r);
            Vector256<float> opacity = Vector256.LoadUnsafe(ref log2Opacity, at);
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
                    k = _stride;
                    break;
                }

                float weight = alphas[lane] * transmittance;
                weightedDepth = float.MultiplyAddEstimate(weight, _depths[k + lane], weightedDepth);
                rows.Append(_indices[k + lane], weight);
                transmittance = next;
            }
        }

        coverage = 1f - transmittance;
        depth = coverage >= BlendLimits.MinDepthCoverage ? weightedDepth / coverage : 0;
    }

    private Span<float> Plane(int plane) => _planes.AsSpan(plane * _depths.Length, _stride);

    private ref float Reference(int plane)
    {
        Debug.Assert((plane + 1) * _depths.Length <= _planes.Length);
        return ref System.Runtime.CompilerServices.Unsafe.Add(
            ref MemoryMarshal.GetArrayDataReference(_planes), plane * _depths.Length);
    }
}
