using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Blends the Gaussians of one tile front to back: T ← T·(1 - α), plane ← plane + α·T·value, for any number of planes.
/// </summary>
/// <remarks>
/// One lane is one pixel of a row; a row of the tile is two vectors. An ended ray keeps its transmittance with the sign
/// turned, so "still blending" is T &gt; 0 and needs no second array. The arithmetic of a weight is, operation for operation,
/// that of <see cref="PixelRowKernel"/>.
/// </remarks>
internal sealed class BlendTileKernel(int planeCount)
{
    private const int Lanes = 8;
    private const int Side = TileGrid.Side;

    private readonly float[] _transmittance = new float[Side * Side];
    private readonly float[] _planes = new float[planeCount * Side * Side];
    private readonly float[] _values = new float[planeCount];
    private int _live;

    /// <summary>Blended values after <see cref="Run"/>, [planes, 16, 16].</summary>
    public ReadOnlySpan<float> Planes => _planes;

    /// <summary>What is left of the light from behind, after <see cref="Run"/>: 1 - Σ w at a pixel of the tile.</summary>
    public float Transmittance(int pixel) => Math.Abs(_transmittance[pixel]);

    /// <param name="list">Slots of the tile's Gaussians, nearest first.</param>
    /// <param name="gaussians">Projected Gaussians by slot.</param>
    /// <param name="left">The tile's left edge, pixels.</param>
    /// <param name="top">The tile's upper edge, pixels.</param>
    /// <param name="width">Pixels of the tile that are inside the image, 1..16.</param>
    /// <param name="height">Rows of the tile that are inside the image, 1..16.</param>
    /// <param name="values">Gives the values of a Gaussian.</param>
    public void Run(
        ReadOnlySpan<int> list,
        ReadOnlySpan<ProjectedGaussian> gaussians,
        int left,
        int top,
        int width,
        int height,
        BlendedValues values)
    {
        Clear(width, height);
        Vector256<float> lane = Vector256<float>.Indices + Vector256.Create(0.5f);
        Vector256<float> x0 = lane + Vector256.Create((float)left);
        Vector256<float> x1 = lane + Vector256.Create((float)(left + Lanes));
        foreach (int slot in list)
        {
            ref readonly ProjectedGaussian g = ref gaussians[slot];
            float maxExponent = BlendLimits.MaxExponent(g.Log2Opacity);
            float halfHeight = MathF.Sqrt(maxExponent) / g.WhitenYY + 0.01f;
            float middle = g.MeanY - (top + 0.5f);
            int firstRow = (int)MathF.Max(0, MathF.Ceiling(middle - halfHeight));
            int lastRow = (int)MathF.Min(height - 1, MathF.Floor(middle + halfHeight));

            Vector256<float> meanX = Vector256.Create(g.MeanX);
            Vector256<float> whitenXY = Vector256.Create(g.WhitenXY);
            Vector256<float> limit = Vector256.Create(maxExponent);
            Vector256<float> px0 = Vector256.Create(g.WhitenXX) * (x0 - meanX);
            Vector256<float> px1 = Vector256.Create(g.WhitenXX) * (x1 - meanX);
            bool hasValues = false;
            for (int row = firstRow; row <= lastRow; row++)
            {
                float dy = top + row + 0.5f - g.MeanY;
                float r = g.WhitenYY * dy;
                Vector256<float> dyLanes = Vector256.Create(dy);
                Vector256<float> rr = Vector256.Create(r * r);
                Vector256<float> p0 = Vector256.MultiplyAddEstimate(whitenXY, dyLanes, px0);
                Vector256<float> q0 = Vector256.MultiplyAddEstimate(p0, p0, rr);
                if (Vector256.LessThanOrEqualAny(q0, limit))
                {
                    Blend(row * Side, in g, slot, q0, values, ref hasValues);
                }

                Vector256<float> p1 = Vector256.MultiplyAddEstimate(whitenXY, dyLanes, px1);
                Vector256<float> q1 = Vector256.MultiplyAddEstimate(p1, p1, rr);
                if (Vector256.LessThanOrEqualAny(q1, limit))
                {
                    Blend(row * Side + Lanes, in g, slot, q1, values, ref hasValues);
                }
            }

            if (_live == 0)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Blend(
        int pixel, in ProjectedGaussian g, int slot, Vector256<float> q, BlendedValues values, ref bool hasValues)
    {
        ref float stored = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_transmittance), pixel);
        Vector256<float> transmittance = Vector256.LoadUnsafe(ref stored);
        Vector256<float> alpha = Vector256.Min(
            VectorExp.Exp2(Vector256.Create(g.Log2Opacity) - q), Vector256.Create(BlendLimits.MaxAlpha));
        Vector256<float> limit = Vector256.Create(BlendLimits.MaxExponent(g.Log2Opacity));
        Vector256<float> active = Vector256.GreaterThanOrEqual(alpha, Vector256.Create(BlendLimits.MinAlpha))
            & Vector256.LessThanOrEqual(q, limit)
            & Vector256.GreaterThan(transmittance, Vector256<float>.Zero);
        if (active.ExtractMostSignificantBits() == 0)
        {
            return;
        }

        Vector256<float> next = transmittance * (Vector256<float>.One - alpha);
        Vector256<float> ends = active & Vector256.LessThan(next, Vector256.Create(BlendLimits.MinTransmittance));
        Vector256<float> blends = Vector256.AndNot(active, ends);
        Vector256<float> kept = transmittance ^ (ends & Vector256.Create(-0f));
        Vector256.ConditionalSelect(blends, next, kept).StoreUnsafe(ref stored);
        _live -= BitOperations.PopCount(ends.ExtractMostSignificantBits());

        if (!hasValues)
        {
            values.Read(slot, in g, _values);
            hasValues = true;
        }

        Vector256<float> weight = blends & (alpha * transmittance);
        ref float plane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_planes), pixel);
        foreach (float value in _values)
        {
            Vector256.MultiplyAddEstimate(weight, Vector256.Create(value), Vector256.LoadUnsafe(ref plane))
                .StoreUnsafe(ref plane);
            plane = ref Unsafe.Add(ref plane, Side * Side);
        }
    }

    /// <summary>Rays outside the image start ended.</summary>
    private void Clear(int width, int height)
    {
        _planes.AsSpan().Clear();
        _transmittance.AsSpan().Fill(-1f);
        for (int row = 0; row < height; row++)
        {
            _transmittance.AsSpan(row * Side, width).Fill(1f);
        }

        _live = width * height;
    }
}
