using Saga.Engine.Numerics;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Tests.Numerics;

[Trait("Category", "Kernel")]
public sealed unsafe class FloatLanesTests
{
    private const int Count = 240;   // a multiple of every width

    [Fact]
    public void Every_operation_equals_the_scalar_twin_lane_by_lane()
    {
        float[] scalar = Compute<FloatX1>();
        Assert.Equal(Bits(scalar), Bits(Compute<FloatX4>()));
        Assert.Equal(Bits(scalar), Bits(Compute<FloatX8>()));
        Assert.Equal(Bits(scalar), Bits(Compute<FloatX16>()));
    }

    [Fact]
    public void Masks_come_from_bits_and_go_back_to_them_at_every_width()
    {
        AssertMasks<FloatX1>();
        AssertMasks<FloatX4>();
        AssertMasks<FloatX8>();
        AssertMasks<FloatX16>();
    }

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(64)]
    public void Tiles_equal_the_products_in_double_precision_and_agree_between_widths(int channels)
    {
        const int side = PairTileKernels.Side;
        float[] left = Values(channels * side, 1);
        float[] right = Values(channels * side, 2);
        float[] cosines = Cosines<FloatX1>(left, right, channels);
        for (int i = 0; i < side; i++)
        {
            for (int j = 0; j < side; j++)
            {
                double expected = Enumerable.Range(0, channels).Sum(c => (double)left[c * side + i] * right[c * side + j]);

                // Each product and sum of values below 1 rounds by at most 2⁻²⁴ of the running sum, below 64.
                Assert.Equal(expected, cosines[i * side + j], 2 * channels * channels * 6e-8);
            }
        }

        Assert.Equal(cosines, Cosines<FloatX4>(left, right, channels));
        Assert.Equal(cosines, Cosines<FloatX8>(left, right, channels));
        Assert.Equal(cosines, Cosines<FloatX16>(left, right, channels));

        int stride = (channels + 15) / 16 * 16;
        float[] gradients = Gradients<FloatX1>(cosines, stride);
        Assert.Equal(gradients, Gradients<FloatX4>(cosines, stride));
        Assert.Equal(gradients, Gradients<FloatX8>(cosines, stride));
        Assert.Equal(gradients, Gradients<FloatX16>(cosines, stride));
        float[] features = Values(side * stride, 3);
        for (int i = 0; i < side; i++)
        {
            for (int c = 0; c < stride; c++)
            {
                // The starting value is 1, and the weights are transposed here.
                double expected = 1 + Enumerable.Range(0, side).Sum(j => (double)cosines[j * side + i] * features[j * stride + c]);
                Assert.Equal(expected, gradients[i * stride + c], 2 * side * side * channels * 6e-8);
            }
        }
    }

    private static float[] Cosines<T>(float[] left, float[] right, int channels)
        where T : unmanaged, IFloatLanes<T>
    {
        float[] cosines = new float[PairTileKernels.Side * PairTileKernels.Side];
        Array.Fill(cosines, float.NaN);
        fixed (float* l = left)
        fixed (float* r = right)
        fixed (float* c = cosines)
        {
            PairTileKernels.Cosines<T>(l, r, channels, c);
        }

        return cosines;
    }

    private static float[] Gradients<T>(float[] weights, int stride)
        where T : unmanaged, IFloatLanes<T>
    {
        float[] features = Values(PairTileKernels.Side * stride, 3);
        float[] gradients = new float[PairTileKernels.Side * stride];
        Array.Fill(gradients, 1);
        fixed (float* w = weights)
        fixed (float* f = features)
        fixed (float* g = gradients)
        {
            PairTileKernels.AddGradientRows<T>(w, 1, PairTileKernels.Side, f, g, stride);
        }

        return gradients;
    }

    private static void AssertMasks<T>()
        where T : unmanaged, IFloatLanes<T>
    {
        uint all = (1u << T.Width) - 1;
        var random = new Random(5);
        for (int i = 0; i < 100; i++)
        {
            uint bits = (uint)random.Next(1 << 16);
            Assert.Equal(bits & all, T.MaskOf(bits).SignBits());
            Assert.Equal(bits & all, T.AnyBit(T.MaskOf(bits) & T.Broadcast(float.Epsilon)).SignBits());
            Assert.Equal(uint.PopCount(bits & all), (T.MaskOf(bits) & T.Broadcast(1)).Sum());
        }
    }

    // One row of results per operation.
    private static float[] Compute<T>()
        where T : unmanaged, IFloatLanes<T>
    {
        float[] a = Values(Count, 11);
        float[] b = Values(Count, 12);
        (a[0], b[0]) = (0f, -0f);
        (a[1], b[1]) = (float.PositiveInfinity, 2f);
        (a[2], b[2]) = (float.Epsilon, float.Epsilon);
        (a[3], b[3]) = (float.MaxValue, float.MaxValue);
        (a[4], b[4]) = (2.5f, -2.5f);
        (a[5], b[5]) = (-1.5f, 0.5f);
        (a[6], b[6]) = (-0f, 1f);
        float[] results = new float[17 * Count];
        fixed (float* pa = a)
        fixed (float* pb = b)
        fixed (float* target = results)
        {
            for (int i = 0; i < Count; i += T.Width)
            {
                T x = T.Load(pa + i);
                T y = T.Load(pb + i);
                T greater = T.GreaterThan(x, y);
                T[] all =
                [
                    x + y, x - y, x * y, x / y, x & y, x | y, x ^ y, T.MultiplyAdd(x, y, x), T.Min(x, y), T.Max(x, y), T.Abs(y), T.Round(x),
                    T.PowerOfTwo(T.Round(T.Min(T.Max(x * T.Broadcast(40), T.Broadcast(-127)), T.Broadcast(127)))),
                    T.AndNot(x, greater), T.Select(greater, x, y), T.AnyBit(x), T.AtLeast(x, y),
                ];
                for (int r = 0; r < all.Length; r++)
                {
                    all[r].Store(target + r * Count + i);
                }
            }
        }

        return results;
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];
}
