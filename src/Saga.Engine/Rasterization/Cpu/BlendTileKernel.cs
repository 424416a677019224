using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Blends the Gaussians of one tile front to back: T ← T·(1 - α), plane ← plane + α·T·value, for any number of planes.
/// </summary>
/// <remarks>
/// One lane is one pixel of a row; a row of the tile is two groups of eight. An ended ray keeps its transmittance with the
/// sign turned, so "still blending" is T &gt; 0 and needs no second array. The arithmetic of a weight is, operation for
/// operation, that of <see cref="PixelRowKernel"/>. One instance serves one thread.
/// </remarks>
/// <param name="values">What is blended.</param>
internal sealed class BlendTileKernel(BlendedValues values)
{
    private const int Lanes = 8;
    private const int Side = TileGrid.Side;

    /// <summary>The Gaussian's box grows by this many pixels, to stay on the safe side of rounding.</summary>
    private const float MarginPixels = 0.01f;

    private readonly DepthSort _sort = new();
    private readonly float[] _transmittance = new float[Side * Side];
    private readonly float[] _values = new float[BlendPlanes.Storage(values.PlaneCount)];
    private readonly float[] _planes = new float[BlendPlanes.Storage(values.PlaneCount) * Side * Side];
    private int _live;

    /// <summary>What is left of the light from behind, after <see cref="Run"/>: 1 - Σ w at a pixel of the tile.</summary>
    public float Transmittance(int pixel) => Math.Abs(_transmittance[pixel]);

    /// <summary>Σ w·value of one plane at a pixel of the tile, after <see cref="Run"/>.</summary>
    public float Blended(int plane, int pixel) =>
        _planes[(pixel / Lanes * _values.Length + plane) * Lanes + pixel % Lanes];

    /// <param name="unsorted">The tile's Gaussians, entries of <see cref="DepthSort"/>.</param>
    /// <param name="gaussians">Projected Gaussians by slot.</param>
    /// <param name="left">The tile's left edge, pixels.</param>
    /// <param name="top">The tile's upper edge, pixels.</param>
    /// <param name="width">Pixels of the tile that are inside the image, 1..16.</param>
    /// <param name="height">Rows of the tile that are inside the image, 1..16.</param>
    public void Run(
        ReadOnlySpan<ulong> unsorted, ReadOnlySpan<ProjectedGaussian> gaussians, int left, int top, int width, int height)
    {
        Clear(width, height);
        foreach (ulong entry in _sort.Sort(unsorted))
        {
            int slot = DepthSort.Slot(entry);
            ref readonly ProjectedGaussian g = ref gaussians[slot];
            values.Read(slot, in g, _values);
            if (_values.Length == 0)
            {
                Blend(in g, left, top, height, default(NoPlanes));
            }
            else if (_values.Length == BlendPlanes.Few)
            {
                Blend(in g, left, top, height, new FewPlanes(_values));
            }
            else
            {
                Blend(in g, left, top, height, new ManyPlanes(_values));
            }

            if (_live == 0)
            {
                return;
            }
        }
    }

    /// <summary>Blends one Gaussian into the rows and halves of the tile that its box touches.</summary>
    private void Blend<TPlanes>(in ProjectedGaussian g, int left, int top, int height, TPlanes planes)
        where TPlanes : struct, IBlendPlanes
    {
        float maxExponent = BlendLimits.MaxExponent(g.Log2Opacity);
        float reach = MathF.Sqrt(maxExponent);
        float tilt = g.WhitenXY / g.WhitenYY;
        float halfHeight = reach / g.WhitenYY + MarginPixels;
        float halfWidth = reach * MathF.Sqrt(1 + tilt * tilt) / g.WhitenXX + MarginPixels;
        float middleX = g.MeanX - (left + 0.5f), middleY = g.MeanY - (top + 0.5f);
        int firstRow = (int)MathF.Max(0, MathF.Ceiling(middleY - halfHeight));
        int lastRow = (int)MathF.Min(height - 1, MathF.Floor(middleY + halfHeight));
        int firstGroup = middleX - halfWidth <= Lanes - 1 ? 0 : 1;
        int lastGroup = middleX + halfWidth >= Lanes ? 1 : 0;

        Vector256<float> limit = Vector256.Create(maxExponent);
        Vector256<float> log2Opacity = Vector256.Create(g.Log2Opacity);
        Vector256<float> whitenXY = Vector256.Create(g.WhitenXY);
        for (int group = firstGroup; group <= lastGroup; group++)
        {
            Vector256<float> x = Vector256<float>.Indices + Vector256.Create(left + group * Lanes + 0.5f);
            Vector256<float> px = Vector256.Create(g.WhitenXX) * (x - Vector256.Create(g.MeanX));
            float y = top + firstRow + 0.5f;
            ref float stored = ref Unsafe.Add(
                ref MemoryMarshal.GetArrayDataReference(_transmittance), firstRow * Side + group * Lanes);
            for (int row = firstRow; row <= lastRow; row++)
            {
                float dy = y - g.MeanY;
                float r = g.WhitenYY * dy;
                Vector256<float> p = Vector256.MultiplyAddEstimate(whitenXY, Vector256.Create(dy), px);
                Vector256<float> q = Vector256.MultiplyAddEstimate(p, p, Vector256.Create(r * r));
                Vector256<float> transmittance = Vector256.LoadUnsafe(ref stored);
                Vector256<float> reaches = Vector256.LessThanOrEqual(q, limit)
                    & Vector256.GreaterThan(transmittance, Vector256<float>.Zero);
                if (reaches.ExtractMostSignificantBits() != 0)
                {
                    Vector256<float> alpha = Vector256.Min(
                        VectorExp.Exp2(log2Opacity - q), Vector256.Create(BlendLimits.MaxAlpha));
                    Vector256<float> blends = reaches
                        & Vector256.GreaterThanOrEqual(alpha, Vector256.Create(BlendLimits.MinAlpha));
                    Vector256<float> next = transmittance * (Vector256<float>.One - alpha);
                    Vector256<float> ends = blends & Vector256.LessThan(next, Vector256.Create(BlendLimits.MinTransmittance));
                    Vector256<float> kept = transmittance;
                    if (ends.ExtractMostSignificantBits() != 0)
                    {
                        blends = Vector256.AndNot(blends, ends);
                        kept ^= ends & Vector256.Create(-0f);
                        _live -= BitOperations.PopCount(ends.ExtractMostSignificantBits());
                    }

                    Vector256.ConditionalSelect(blends, next, kept).StoreUnsafe(ref stored);
                    planes.Add(blends & (alpha * transmittance), _planes, row * (Side / Lanes) + group);
                }

                y += 1;
                stored = ref Unsafe.Add(ref stored, Side);
            }
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
