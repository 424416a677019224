using Saga.Engine.Numerics;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Tests.Training;

[Trait("Category", "Kernel")]
public sealed class LogisticVectorTests
{
    [Fact]
    public void Softplus_and_its_slope_equal_the_double_precision_functions_at_every_width()
    {
        AssertAccurate<FloatX1>();
        AssertAccurate<FloatX4>();
        AssertAccurate<FloatX8>();
        AssertAccurate<FloatX16>();
    }

    private static unsafe void AssertAccurate<T>()
        where T : unmanaged, IFloatLanes<T>
    {
        float* arguments = stackalloc float[T.Width];
        float* values = stackalloc float[T.Width];
        float* slopes = stackalloc float[T.Width];
        const double step = 0.0037;
        for (double first = -100; first <= 100; first += step * T.Width)
        {
            for (int lane = 0; lane < T.Width; lane++)
            {
                arguments[lane] = (float)(first + step * lane);
            }

            LogisticVector.Softplus(T.Load(arguments), out T slope).Store(values);
            slope.Store(slopes);
            for (int lane = 0; lane < T.Width; lane++)
            {
                float u = arguments[lane];
                double tail = Math.Exp(-Math.Abs((double)u));
                double expected = Math.Max(0, u) + (tail < 1e-8 ? tail : Math.Log(1 + tail));
                double expectedSlope = 1 / (1 + Math.Exp(-(double)u));

                // Ten float operations, and e^u inherits the rounding of u·log2(e); absolute below 1e-30, near the end of the normal floats.
                double tolerance = 2e-6 + 2e-7 * Math.Abs(u);
                Assert.Equal(expected, values[lane], tolerance * expected + 1e-30);
                Assert.Equal(expectedSlope, slopes[lane], tolerance * expectedSlope + 1e-30);
            }
        }
    }
}
