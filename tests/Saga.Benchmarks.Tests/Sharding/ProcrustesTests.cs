using Saga.Benchmarks.Sharding;

namespace Saga.Benchmarks.Tests.Sharding;

public sealed class ProcrustesTests
{
    [Fact]
    public void A_turned_set_is_turned_back()
    {
        // Swaps channels, one of them reflected, and turns the last two.
        float[] Turned(float[] f) => [-f[1], f[0], 0.6f * f[2] - 0.8f * f[3], 0.8f * f[2] + 0.6f * f[3]];
        var random = new Random(1);
        float Draw() => random.NextSingle() - 0.5f;
        float[][] features = [.. Enumerable.Range(0, 50).Select(_ => new[] { Draw(), Draw(), Draw(), Draw() })];

        double[,] rotation = Procrustes.Align([.. features.SelectMany(f => f)], [.. features.SelectMany(Turned)], 4);

        foreach (float[] feature in features)
        {
            Assert.All(Turned(feature).Zip(Procrustes.Turn(feature, rotation)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }
}
