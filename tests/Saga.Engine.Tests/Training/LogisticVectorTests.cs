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

            // Ten float operations; absolute below 1e-30, where e^u leaves the normal floats.
            Assert.Equal(expected, value[5], 2e-6 * expected + 1e-30);
            Assert.Equal(expectedSlope, slope[5], 2e-6 * expectedSlope + 1e-30);
        }
    }
}
