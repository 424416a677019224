using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Saga.Engine.Numerics;

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
        // Half a row of the tile is eight pixels; wider vectors would seldom be full.
        if (Vector256.IsHardwareAccelerated)
        {
            Run<FloatX8>(unsorted, gaussians, left, top, width, height);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Run<FloatX4>(unsorted, gaussians, left, top, width, height);
        }
        else
        {
            Run<FloatX1>(unsorted, gaussians, left, top, width, height);
        }
    }

    /// <inheritdoc cref="Run(ReadOnlySpan{ulong}, ReadOnlySpan{ProjectedGaussian}, int, int, int, int)"/>
    /// <typeparam name="T">Vectors of at most eight lanes.</typeparam>
    internal void Run<T>(
        ReadOnlySpan<ulong> unsorted, ReadOnlySpan<ProjectedGaussian> gaussians, int left, int top, int width, int height)
        where T : unmanaged, IFloatLanes<T>
    {
        Clear(width, height);
        foreach (ulong entry in _sort.Sort(unsorted))
        {
            int slot = DepthSort.Slot(entry);
            ref readonly ProjectedGaussian g = ref gaussians[slot];
            values.Read(slot, in g, _values);
            if (_values.Length == 0)
            {
                Blend<T, NoPlanes<T>>(in g, left, top, height, default);
            }
            else if (_values.Length == BlendPlanes.Few)
            {
                Blend<T, FewPlanes<T>>(in g, left, top, height, new FewPlanes<T>(_values));
            }
            else
            {
                Blend<T, ManyPlanes<T>>(in g, left, top, height, new ManyPlanes<T>(_values));
            }

            if (_live == 0)
            {
                return;
            }
        }
    }

    /// <summary>Blends one Gaussian into the rows and halves of the tile that its box touches.</summary>
    private void Blend<T, TPlanes>(in ProjectedGaussian g, int left, int top, int height, TPlanes planes)
        where T : unmanaged, IFloatLanes<T>
        where TPlanes : struct, IBlendPlanes<T>
    {
        float maxExponent = BlendLimits.MaxExponent(g.Log2Opacity);
        float reach = MathF.Sqrt(maxExponent);
        float tilt = g.WhitenXY / g.WhitenYY;
        float halfHeight = reach / g.WhitenYY + MarginPixels;
        float halfWidth = reach * MathF.Sqrt(1 + tilt * tilt) / g.WhitenXX + MarginPixels;
        float middleX = g.MeanX - (left + 0.5f), middleY = g.MeanY - (top + 0.5f);
        int firstRow = (int)MathF.Max(0, MathF.Ceiling(middleY - halfHeight));
        int lastRow = (int)MathF.Min(height - 1, MathF.Floor(middleY + halfHeight));
        int firstLane = middleX - halfWidth <= Lanes - 1 ? 0 : Lanes;
        int endLane = middleX + halfWidth >= Lanes ? 2 * Lanes : Lanes;

        T limit = T.Broadcast(maxExponent);
        T log2Opacity = T.Broadcast(g.Log2Opacity);
        T whitenXY = T.Broadcast(g.WhitenXY);
        for (int lane = firstLane; lane < endLane; lane += T.Width)
        {
            T x = T.Indices + T.Broadcast(left + lane + 0.5f);
            T px = T.Broadcast(g.WhitenXX) * (x - T.Broadcast(g.MeanX));
            float y = top + firstRow + 0.5f;
            ref float stored = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_transmittance), firstRow * Side + lane);
            for (int row = firstRow; row <= lastRow; row++)
            {
                float dy = y - g.MeanY;
                float r = g.WhitenYY * dy;
                T p = T.MultiplyAdd(whitenXY, T.Broadcast(dy), px);
                T q = T.MultiplyAdd(p, p, T.Broadcast(r * r));
                T transmittance = T.Load(ref stored, 0);
                T reaches = T.AtLeast(limit, q) & T.GreaterThan(transmittance, default);
                if (reaches.SignBits() != 0)
                {
                    T alpha = T.Min(VectorExp.Exp2(log2Opacity - q), T.Broadcast(BlendLimits.MaxAlpha));
                    T blends = reaches & T.AtLeast(alpha, T.Broadcast(BlendLimits.MinAlpha));
                    T next = transmittance * (T.Broadcast(1) - alpha);
                    T ends = blends & T.GreaterThan(T.Broadcast(BlendLimits.MinTransmittance), next);
                    T kept = transmittance;
                    if (ends.SignBits() != 0)
                    {
                        blends = T.AndNot(blends, ends);
                        kept ^= ends & T.Broadcast(-0f);
                        _live -= BitOperations.PopCount(ends.SignBits());
                    }

                    T.Select(blends, next, kept).Store(ref stored, 0);
                    planes.Add(blends & (alpha * transmittance), _planes, row * (Side / Lanes) + lane / Lanes, lane % Lanes);
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
