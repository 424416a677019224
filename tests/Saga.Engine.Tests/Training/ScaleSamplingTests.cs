using Saga.Engine.Numerics;
using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

public sealed class ScaleSamplingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(60)]
    public void Scales_fall_from_above_the_scene_maximum_to_below_the_smallest_mask(int masks)
    {
        double[] view = [.. Enumerable.Range(1, masks).Select(m => m * 0.5)];
        const double maximum = 40;
        for (int i = 0; i < 200; i++)
        {
            var random = new CounterRandom(1, 1, i);
            double[] scales = ScaleSampling.Draw(ref random, view, maximum, 35, 10);
            Assert.Equal(Math.Min(10, masks + 1), scales.Length);
            Assert.InRange(scales[0], 35, 2 * maximum);
            Assert.InRange(scales[^1], 0, view[0]);
            Assert.Equal(scales.OrderDescending(), scales);

            // Each drawn scale lies in the gap below its own mask, and no gap is drawn twice.
            int[] gaps = [.. scales.Skip(1).Select(s => view.Count(v => v < s))];
            Assert.Equal(gaps.Distinct(), gaps);
        }
    }

    [Fact]
    public void Every_view_is_used_once_before_any_is_used_again()
    {
        for (int epoch = 0; epoch < 5; epoch++)
        {
            int[] views = [.. Enumerable.Range(epoch * 7, 7).Select(i => TrainingWindow.ViewOf(i, 7, 3))];
            Assert.Equal([0, 1, 2, 3, 4, 5, 6], views.Order());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(127)]
    [InlineData(500)]
    public void Windows_cover_the_iterations_without_gap_or_overlap(int viewCount)
    {
        int next = 0;
        while (next < 1003)
        {
            (int first, int end) = TrainingWindow.Bounds(next, viewCount, 1003);
            Assert.Equal(next, first);
            Assert.Equal((first, end), TrainingWindow.Bounds((first + end) / 2, viewCount, 1003));
            Assert.True(end > first);
            next = end;
        }

        Assert.Equal(1003, next);
    }
}
