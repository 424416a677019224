using Saga.Engine.Affinity;

namespace Saga.Engine.Tests.Affinity;

public sealed class ScaleQuantilesTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(999)]
    [InlineData(5000)]
    public void Quantiles_and_scales_are_inverse_between_the_ends(int count)
    {
        Random random = new(count);
        var quantiles = ScaleQuantiles.FromScales(Enumerable.Range(0, count).Select(_ => Math.Exp(random.NextDouble() * 5)));
        Assert.True(quantiles.Knots.Length <= ScaleQuantiles.MaxKnots);
        for (double q = 0; q <= 1; q += 0.01)
        {
            Assert.Equal(q, quantiles.ToQuantile(quantiles.ToScale(q)), 9);
        }
    }

    [Fact]
    public void The_map_is_the_empirical_distribution()
    {
        double[] scales = [.. Enumerable.Range(0, 4000).Select(i => (double)i * i)];
        var quantiles = ScaleQuantiles.FromScales(scales);
        foreach (int rank in new[] { 0, 1, 400, 1999, 3998, 3999 })
        {
            Assert.Equal(rank / 3999.0, quantiles.ToQuantile(scales[rank]), 2e-4);
        }
    }

    [Fact]
    public void Scales_outside_the_masks_are_clamped()
    {
        var quantiles = ScaleQuantiles.FromScales([2, 1, 3]);
        Assert.Equal(0, quantiles.ToQuantile(-5));
        Assert.Equal(0, quantiles.ToQuantile(1));
        Assert.Equal(0.5, quantiles.ToQuantile(2), 12);
        Assert.Equal(1, quantiles.ToQuantile(3));
        Assert.Equal(1, quantiles.ToQuantile(double.PositiveInfinity));
    }

    [Fact]
    public void Equal_masks_and_a_single_mask_stay_a_function()
    {
        var equal = ScaleQuantiles.FromScales([1, 1, 1, 2]);
        Assert.Equal(0, equal.ToQuantile(1));
        Assert.InRange(equal.ToQuantile(1.5), 0.66, 1);
        var single = ScaleQuantiles.FromScales([4]);
        Assert.Equal(0, single.ToQuantile(4));
        Assert.Equal(1, single.ToQuantile(4.1));
        Assert.Equal(4, single.ToScale(0.3));
    }

    [Fact]
    public void Damaged_knots_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ScaleQuantiles([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => new ScaleQuantiles([2, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScaleQuantiles([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScaleQuantiles.FromScales([]));
    }

    [Fact]
    public void The_gate_is_the_sigmoid_of_equation_3()
    {
        var gate = new ScaleGate([0, 2, -14], [0, -1, 7]);
        var values = new float[3];
        gate.Evaluate(0.5, values);
        Assert.Equal([0.5f, 0.5f, 0.5f], values);
        gate.Evaluate(1, values);
        Assert.Equal(1 / (1 + Math.Exp(7)), values[2], 1e-7);
    }
}
