using Saga.Engine.Numerics;

namespace Saga.Engine.Tests.Numerics;

public sealed class CounterRandomTests
{
    [Fact]
    public void The_same_key_gives_the_same_numbers_and_another_key_gives_others()
    {
        Assert.Equal(Draw(new CounterRandom(1, 2, 3)), Draw(new CounterRandom(1, 2, 3)));
        ulong[][] others = [Draw(new CounterRandom(2, 2, 3)), Draw(new CounterRandom(1, 3, 3)), Draw(new CounterRandom(1, 2, 4)), Draw(new CounterRandom(-1, 2, 3))];
        Assert.All(others, other => Assert.NotEqual(Draw(new CounterRandom(1, 2, 3)), other));
    }

    [Fact]
    public void Uniform_and_normal_draws_have_their_moments()
    {
        const int count = 200_000;
        var random = new CounterRandom(7, 1, 0);
        double mean = 0;
        double normalMean = 0;
        double normalSquare = 0;
        for (int i = 0; i < count; i++)
        {
            double uniform = random.NextDouble();
            Assert.InRange(uniform, 0, 1 - 1e-16);
            mean += uniform / count;
            double normal = random.NextNormal();
            normalMean += normal / count;
            normalSquare += normal * normal / count;
        }

        // Five standard errors of each estimate.
        Assert.InRange(mean, 0.5 - 0.0033, 0.5 + 0.0033);
        Assert.InRange(normalMean, -0.0112, 0.0112);
        Assert.InRange(normalSquare, 1 - 0.016, 1 + 0.016);
    }

    [Fact]
    public void A_shuffle_is_a_permutation_that_reaches_every_place()
    {
        var seen = new bool[5, 5];
        for (int i = 0; i < 400; i++)
        {
            int[] values = [0, 1, 2, 3, 4];
            new CounterRandom(1, 1, i).Shuffle(values);
            Assert.Equal([0, 1, 2, 3, 4], values.Order());
            for (int k = 0; k < 5; k++)
            {
                seen[k, values[k]] = true;
            }
        }

        Assert.All(seen.Cast<bool>(), Assert.True);
    }

    private static ulong[] Draw(CounterRandom random)
    {
        var values = new ulong[4];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextUInt64();
        }

        return values;
    }
}
