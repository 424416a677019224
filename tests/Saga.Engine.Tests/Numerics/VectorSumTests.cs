using Saga.Engine.Numerics;

namespace Saga.Engine.Tests.Numerics;

[Trait("Category", "Kernel")]
public class VectorSumTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(31)]
    [InlineData(64)]
    public void Sums_equal_the_scalar_ones_bit_for_bit(int length)
    {
        var random = new Random(length);
        float[] sum = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
        float[] vector = [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() - 0.5f)];
        float[] expected = [.. sum.Zip(vector, (s, v) => s + (float)(v * 0.37f))];

        VectorSum.AddScaled(sum, vector, 0.37f);

        Assert.Equal(expected, sum);
    }
}
