using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Training.Cpu;

/// <summary>
/// The two matrix products of a 16×16 tile of pixel pairs: cosines C = X_I·X_Jᵀ, and the gradient rows G_I += W·X_J.
/// </summary>
/// <remarks>
/// A lane is a pixel in the first and a channel in the second. Sixteen accumulators stay in registers; every operand comes from
/// blocks of a few KB that stay in the first cache level.
/// </remarks>
internal static unsafe class PairTileKernels
{
    /// <summary>Pixels on a side of a tile.</summary>
    public const int Side = 16;

    /// <summary>cosines[i, j] = Σ_c left[c, i]·right[c, j].</summary>
    /// <param name="left">Unit features of the tile's rows, [channels, 16].</param>
    /// <param name="right">Unit features of the tile's columns, [channels, 16].</param>
    /// <param name="channels">Channels.</param>
    /// <param name="cosines">Receives [16, 16].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cosines(float* left, float* right, int channels, float* cosines)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default;
        Vector512<float> c4 = default, c5 = default, c6 = default, c7 = default;
        Vector512<float> c8 = default, c9 = default, c10 = default, c11 = default;
        Vector512<float> c12 = default, c13 = default, c14 = default, c15 = default;
        for (int c = 0; c < channels; c++)
        {
            Vector512<float> v = Vector512.Load(right + c * Side);
            float* a = left + c * Side;
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[0]), v, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(a[1]), v, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(a[2]), v, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(a[3]), v, c3);
            c4 = Vector512.FusedMultiplyAdd(Vector512.Create(a[4]), v, c4);
            c5 = Vector512.FusedMultiplyAdd(Vector512.Create(a[5]), v, c5);
            c6 = Vector512.FusedMultiplyAdd(Vector512.Create(a[6]), v, c6);
            c7 = Vector512.FusedMultiplyAdd(Vector512.Create(a[7]), v, c7);
            c8 = Vector512.FusedMultiplyAdd(Vector512.Create(a[8]), v, c8);
            c9 = Vector512.FusedMultiplyAdd(Vector512.Create(a[9]), v, c9);
            c10 = Vector512.FusedMultiplyAdd(Vector512.Create(a[10]), v, c10);
            c11 = Vector512.FusedMultiplyAdd(Vector512.Create(a[11]), v, c11);
            c12 = Vector512.FusedMultiplyAdd(Vector512.Create(a[12]), v, c12);
            c13 = Vector512.FusedMultiplyAdd(Vector512.Create(a[13]), v, c13);
            c14 = Vector512.FusedMultiplyAdd(Vector512.Create(a[14]), v, c14);
            c15 = Vector512.FusedMultiplyAdd(Vector512.Create(a[15]), v, c15);
        }

        c0.Store(cosines);
        c1.Store(cosines + 16);
        c2.Store(cosines + 32);
        c3.Store(cosines + 48);
        c4.Store(cosines + 64);
        c5.Store(cosines + 80);
        c6.Store(cosines + 96);
        c7.Store(cosines + 112);
        c8.Store(cosines + 128);
        c9.Store(cosines + 144);
        c10.Store(cosines + 160);
        c11.Store(cosines + 176);
        c12.Store(cosines + 192);
        c13.Store(cosines + 208);
        c14.Store(cosines + 224);
        c15.Store(cosines + 240);
    }

    /// <summary>gradients[i, :] += Σ_j W(i, j)·features[j, :] for the 16 rows of a tile.</summary>
    /// <param name="weights">First element of W; W(i, j) = weights[i·rowStride + j·columnStride].</param>
    /// <param name="rowStride">16 for W, 1 for its transpose.</param>
    /// <param name="columnStride">1 for W, 16 for its transpose.</param>
    /// <param name="features">Unit features of the 16 columns, [16, stride].</param>
    /// <param name="gradients">Gradient of the 16 rows, [16, stride].</param>
    /// <param name="stride">Padded channels, a multiple of 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddGradientRows(
        float* weights, int rowStride, int columnStride, float* features, float* gradients, int stride)
    {
        for (int channel = 0; channel < stride; channel += 32)
        {
            bool wide = channel + 16 < stride;
            for (int row = 0; row < Side; row += 8)
            {
                float* w = weights + row * rowStride;
                float* g = gradients + row * stride + channel;
                if (wide)
                {
                    EightRowsBy32(w, rowStride, columnStride, features + channel, g, stride);
                }
                else
                {
                    EightRowsBy16(w, rowStride, columnStride, features + channel, g, stride);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRowsBy32(float* w, int rowStride, int columnStride, float* x, float* g, int stride)
    {
        Vector512<float> a0 = Vector512.Load(g), b0 = Vector512.Load(g + 16);
        Vector512<float> a1 = Vector512.Load(g + stride), b1 = Vector512.Load(g + stride + 16);
        Vector512<float> a2 = Vector512.Load(g + 2 * stride), b2 = Vector512.Load(g + 2 * stride + 16);
        Vector512<float> a3 = Vector512.Load(g + 3 * stride), b3 = Vector512.Load(g + 3 * stride + 16);
        Vector512<float> a4 = Vector512.Load(g + 4 * stride), b4 = Vector512.Load(g + 4 * stride + 16);
        Vector512<float> a5 = Vector512.Load(g + 5 * stride), b5 = Vector512.Load(g + 5 * stride + 16);
        Vector512<float> a6 = Vector512.Load(g + 6 * stride), b6 = Vector512.Load(g + 6 * stride + 16);
        Vector512<float> a7 = Vector512.Load(g + 7 * stride), b7 = Vector512.Load(g + 7 * stride + 16);
        for (int j = 0; j < Side; j++)
        {
            Vector512<float> x0 = Vector512.Load(x + j * stride);
            Vector512<float> x1 = Vector512.Load(x + j * stride + 16);
            float* wj = w + j * columnStride;
            Vector512<float> v = Vector512.Create(wj[0]);
            a0 = Vector512.FusedMultiplyAdd(v, x0, a0);
            b0 = Vector512.FusedMultiplyAdd(v, x1, b0);
            v = Vector512.Create(wj[rowStride]);
            a1 = Vector512.FusedMultiplyAdd(v, x0, a1);
            b1 = Vector512.FusedMultiplyAdd(v, x1, b1);
            v = Vector512.Create(wj[2 * rowStride]);
            a2 = Vector512.FusedMultiplyAdd(v, x0, a2);
            b2 = Vector512.FusedMultiplyAdd(v, x1, b2);
            v = Vector512.Create(wj[3 * rowStride]);
            a3 = Vector512.FusedMultiplyAdd(v, x0, a3);
            b3 = Vector512.FusedMultiplyAdd(v, x1, b3);
            v = Vector512.Create(wj[4 * rowStride]);
            a4 = Vector512.FusedMultiplyAdd(v, x0, a4);
            b4 = Vector512.FusedMultiplyAdd(v, x1, b4);
            v = Vector512.Create(wj[5 * rowStride]);
            a5 = Vector512.FusedMultiplyAdd(v, x0, a5);
            b5 = Vector512.FusedMultiplyAdd(v, x1, b5);
            v = Vector512.Create(wj[6 * rowStride]);
            a6 = Vector512.FusedMultiplyAdd(v, x0, a6);
            b6 = Vector512.FusedMultiplyAdd(v, x1, b6);
            v = Vector512.Create(wj[7 * rowStride]);
            a7 = Vector512.FusedMultiplyAdd(v, x0, a7);
            b7 = Vector512.FusedMultiplyAdd(v, x1, b7);
        }

        a0.Store(g);
        b0.Store(g + 16);
        a1.Store(g + stride);
        b1.Store(g + stride + 16);
        a2.Store(g + 2 * stride);
        b2.Store(g + 2 * stride + 16);
        a3.Store(g + 3 * stride);
        b3.Store(g + 3 * stride + 16);
        a4.Store(g + 4 * stride);
        b4.Store(g + 4 * stride + 16);
        a5.Store(g + 5 * stride);
        b5.Store(g + 5 * stride + 16);
        a6.Store(g + 6 * stride);
        b6.Store(g + 6 * stride + 16);
        a7.Store(g + 7 * stride);
        b7.Store(g + 7 * stride + 16);
    }

    private static void EightRowsBy16(float* w, int rowStride, int columnStride, float* x, float* g, int stride)
    {
        for (int row = 0; row < 8; row++)
        {
            Vector512<float> sum = Vector512.Load(g + row * stride);
            for (int j = 0; j < Side; j++)
            {
                Vector512<float> v = Vector512.Create(w[row * rowStride + j * columnStride]);
                sum = Vector512.FusedMultiplyAdd(v, Vector512.Load(x + j * stride), sum);
            }

            sum.Store(g + row * stride);
        }
    }
}
