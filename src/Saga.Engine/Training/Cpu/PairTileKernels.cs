using System.Runtime.CompilerServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training.Cpu;

/// <summary>
/// The two matrix products of a 16×16 tile of pixel pairs: cosines C = X_I·X_Jᵀ, and the gradient rows G_I += W·X_J.
/// </summary>
/// <remarks>
/// A lane is a pixel in the first and a channel in the second. Both are strips of eight rows by one vector: eight accumulators
/// cover the latency of a product and leave registers free at every width, 16 there are without AVX-512. Every operand comes from
/// blocks of a few KB that stay in the first cache level. An element's products are added in the same order at every width.
/// </remarks>
internal static unsafe class PairTileKernels
{
    /// <summary>Pixels on a side of a tile.</summary>
    public const int Side = 16;

    private const int StripRows = 8;

    /// <summary>cosines[i, j] = Σ_c left[c, i]·right[c, j].</summary>
    /// <param name="left">Unit features of the tile's rows, [channels, 16].</param>
    /// <param name="right">Unit features of the tile's columns, [channels, 16].</param>
    /// <param name="channels">Channels.</param>
    /// <param name="cosines">Receives [16, 16].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cosines<T>(float* left, float* right, int channels, float* cosines)
        where T : unmanaged, IFloatLanes<T>
    {
        new Span<float>(cosines, Side * Side).Clear();
        for (int row = 0; row < Side; row += StripRows)
        {
            for (int column = 0; column < Side; column += T.Width)
            {
                AddStrip<T>(left + row, 1, Side, right + column, Side, channels, cosines + row * Side + column, Side);
            }
        }
    }

    /// <summary>gradients[i, :] += Σ_j W(i, j)·features[j, :] for the 16 rows of a tile.</summary>
    /// <param name="weights">First element of W; W(i, j) = weights[i·rowStride + j·columnStride].</param>
    /// <param name="rowStride">16 for W, 1 for its transpose.</param>
    /// <param name="columnStride">1 for W, 16 for its transpose.</param>
    /// <param name="features">Unit features of the 16 columns, [16, stride].</param>
    /// <param name="gradients">Gradient of the 16 rows, [16, stride].</param>
    /// <param name="stride">Padded channels, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradientRows<T>(
        float* weights, int rowStride, int columnStride, float* features, float* gradients, int stride)
        where T : unmanaged, IFloatLanes<T>
    {
        for (int row = 0; row < Side; row += StripRows)
        {
            for (int channel = 0; channel < stride; channel += T.Width)
            {
                AddStrip<T>(
                    weights + row * rowStride, rowStride, columnStride, features + channel, stride, Side,
                    gradients + row * stride + channel, stride);
            }
        }
    }

    // sums[r, lane] += Σ_k a[r·aRow + k·aStep]·b[k·bStep + lane] for eight rows r and one vector of lanes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddStrip<T>(float* a, int aRow, int aStep, float* b, int bStep, int count, float* sums, int sumsRow)
        where T : unmanaged, IFloatLanes<T>
    {
        T s0 = T.Load(sums), s1 = T.Load(sums + sumsRow);
        T s2 = T.Load(sums + 2 * sumsRow), s3 = T.Load(sums + 3 * sumsRow);
        T s4 = T.Load(sums + 4 * sumsRow), s5 = T.Load(sums + 5 * sumsRow);
        T s6 = T.Load(sums + 6 * sumsRow), s7 = T.Load(sums + 7 * sumsRow);
        for (int k = 0; k < count; k++)
        {
            T v = T.Load(b);
            s0 = T.MultiplyAdd(T.Broadcast(a[0]), v, s0);
            s1 = T.MultiplyAdd(T.Broadcast(a[aRow]), v, s1);
            s2 = T.MultiplyAdd(T.Broadcast(a[2 * aRow]), v, s2);
            s3 = T.MultiplyAdd(T.Broadcast(a[3 * aRow]), v, s3);
            s4 = T.MultiplyAdd(T.Broadcast(a[4 * aRow]), v, s4);
            s5 = T.MultiplyAdd(T.Broadcast(a[5 * aRow]), v, s5);
            s6 = T.MultiplyAdd(T.Broadcast(a[6 * aRow]), v, s6);
            s7 = T.MultiplyAdd(T.Broadcast(a[7 * aRow]), v, s7);
            a += aStep;
            b += bStep;
        }

        s0.Store(sums);
        s1.Store(sums + sumsRow);
        s2.Store(sums + 2 * sumsRow);
        s3.Store(sums + 3 * sumsRow);
        s4.Store(sums + 4 * sumsRow);
        s5.Store(sums + 5 * sumsRow);
        s6.Store(sums + 6 * sumsRow);
        s7.Store(sums + 7 * sumsRow);
    }
}
