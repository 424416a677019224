using Saga.Engine.Training;

namespace Saga.Engine.Tests.Training;

public sealed class HiddenFeaturesTests
{
    private const int Channels = 8;

    [Fact]
    public void What_was_not_seen_takes_the_feature_of_the_seen_surface_around_it()
    {
        // A chain of 30: the ends are seen and differ, the middle is noise.
        float[] unit = Chain(30, out int[] neighbors);
        var visibility = new float[30];
        visibility.AsSpan(0, 3).Fill(50);
        visibility.AsSpan(27, 3).Fill(50);
        SetUnit(unit, 0, 3, axis: 1);
        SetUnit(unit, 27, 30, axis: 2);
        float[] trust = HiddenFeatures.Fill(unit, visibility, Channels, neighbors, 3, 2);
        for (int i = 0; i < 12; i++)
        {
            Assert.True(unit[i * Channels + 1] > 0.99, $"Gaussian {i}: {unit[i * Channels + 1]}");
            Assert.True(unit[(29 - i) * Channels + 2] > 0.99, $"Gaussian {29 - i}: {unit[(29 - i) * Channels + 2]}");
        }

        Assert.All(trust, t => Assert.InRange(t, 0, 1));
        Assert.True(trust[0] > trust[5] && trust[5] > trust[14]);
    }

    [Fact]
    public void What_was_seen_stays_as_it_is()
    {
        float[] unit = Chain(20, out int[] neighbors);
        float[] before = [.. unit];
        HiddenFeatures.Fill(unit, [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 9f : 0f)], Channels, neighbors, 3, 1);
        for (int i = 0; i < 20; i += 2)
        {
            Assert.Equal(before.AsSpan(i * Channels, Channels), unit.AsSpan(i * Channels, Channels));
        }

        Assert.NotEqual(before, unit);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_thread_count_and_nothing_seen_stays_finite()
    {
        float[] one = Chain(500, out int[] neighbors);
        float[] many = [.. one];
        float[] visibility = [.. Enumerable.Range(0, 500).Select(i => i % 97 == 0 ? 3f : 0.01f)];
        Assert.Equal(
            HiddenFeatures.Fill(one, visibility, Channels, neighbors, 3, 1),
            HiddenFeatures.Fill(many, visibility, Channels, neighbors, 3, 6));
        Assert.Equal(one, many);

        float[] blind = Chain(40, out neighbors);
        float[] trust = HiddenFeatures.Fill(blind, new float[40], Channels, neighbors, 3, 2);
        Assert.All(blind.Concat(trust), value => Assert.True(float.IsFinite(value)));
        Assert.All(trust, t => Assert.True(t > 0));
    }

    // Unit noise; everyone's neighbours are itself and the ones beside it.
    private static float[] Chain(int count, out int[] neighbors)
    {
        Random random = new(count);
        neighbors = [.. Enumerable.Range(0, count).SelectMany(i => new[] { i, Math.Max(0, i - 1), Math.Min(count - 1, i + 1) })];
        var unit = new float[count * Channels];
        for (int i = 0; i < count; i++)
        {
            double[] noise = [.. Enumerable.Range(0, Channels).Select(_ => random.NextDouble() - 0.5)];
            double norm = Math.Sqrt(noise.Sum(v => v * v));
            for (int c = 0; c < Channels; c++)
            {
                unit[i * Channels + c] = (float)(noise[c] / norm);
            }
        }

        return unit;
    }

    private static void SetUnit(float[] unit, int from, int to, int axis)
    {
        unit.AsSpan(from * Channels, (to - from) * Channels).Clear();
        for (int i = from; i < to; i++)
        {
            unit[i * Channels + axis] = 1;
        }
    }
}
