using System.Runtime.Intrinsics;
using Saga.Engine.Training.Cpu;

namespace Saga.Engine.Tests.Training;

public sealed class LogisticVectorTests
{
    [Fact]
    public void Softplus_and_its_slope_equal_the_double_precision_functions()
    {
        for (double u = -100; u <= 100; u += 0.0037)
        {
            float argument = (float)u;
            Vector512<float> value = LogisticVector.Softplus(Vector512.Create(argument), out Vector512<float> slope);
            double tail = Math.Exp(-Math.Abs((double)argument));
            double expected = Math.Max(0, argument) + (tail < 1e-8 ? tail : Math.Log(1 + tail));
            double expectedSlope = 1 / (1 + Math.Exp(-argument));

            // Ten float operations, and e^u inherits the rounding of u·log2(e); absolute below 1e-30, near the end of the normal floats.
            double tolerance = 2e-6 + 2e-7 * Math.Abs(u);
            Assert.Equal(expected, value[5], tolerance * expected + 1e-30);
            Assert.Equal(expectedSlope, slope[5], tolerance * expectedSlope + 1e-30);
        }
    }
}
