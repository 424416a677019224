using Saga.Engine.Clustering;
using Saga.Engine.Numerics;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Clustering;

[Trait("Category", "Kernel")]
public class DistanceKernelTests
{
    [Theory]   // below, at and above a block and a step of blocks
    [InlineData(1, 32)]
    [InlineData(16, 3)]
    [InlineData(17, 8)]
    [InlineData(64, 32)]
    [InlineData(65, 1)]
    [InlineData(1003, 33)]
    public void Every_width_matches_the_double_precision_reference_and_the_others(int count, int dimension)
    {
        Random random = new(count);
        float[] values = FilterFixtures.Uniform(random, count * dimension);
        float[] from = FilterFixtures.Uniform(random, dimension);
        var points = new PointBlocks(values, dimension);

        float[] squared = new float[points.PaddedCount];
        DistanceKernel.Run<FloatX1>(points, from, squared);

        for (int i = 0; i < count; i++)
        {
            double expected = Enumerable.Range(0, dimension).Sum(c => Math.Pow((double)values[i * dimension + c] - from[c], 2));
            Assert.Equal(expected, squared[i], 1e-5 * (1 + expected));   // as many roundings as channels
        }

        Assert.All(squared[count..], padding => Assert.Equal(float.PositiveInfinity, padding));
        Assert.Equal(squared, With<FloatX4>(points, from));
        Assert.Equal(squared, With<FloatX8>(points, from));
        Assert.Equal(squared, With<FloatX16>(points, from));
        float[] widest = new float[points.PaddedCount];
        DistanceKernel.Run(points, from, widest);
        Assert.Equal(squared, widest);
    }

    [Fact]
    public void Points_that_were_taken_out_are_gone_and_the_last_takes_their_place()
    {
        float[] values = [.. Enumerable.Range(0, 70).Select(i => (float)i)];
        var points = new PointBlocks(values, 1);
        float[] point = new float[1];

        points.Remove(3);
        points.Remove(points.Count - 1);
        points.CopyTo(3, point);

        Assert.Equal(69, point[0]);
        Assert.Equal(68, points.Count);
        float[] squared = With<FloatX1>(points, [0f]);
        Assert.Equal(67f * 67f, squared[67]);
        Assert.All(squared[68..], padding => Assert.Equal(float.PositiveInfinity, padding));
        for (int left = 68; left > 64; left--)
        {
            points.Remove(0);
        }

        Assert.Equal(64, points.PaddedCount);
    }

    private static float[] With<T>(PointBlocks points, float[] from)
        where T : unmanaged, IFloatLanes<T>
    {
        float[] squared = new float[points.PaddedCount];
        DistanceKernel.Run<T>(points, from, squared);
        return squared;
    }
}
