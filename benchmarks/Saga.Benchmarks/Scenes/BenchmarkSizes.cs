namespace Saga.Benchmarks.Scenes;

/// <summary>The scene sizes that every benchmark runs at; the command line may set others before they are read.</summary>
internal static class BenchmarkSizes
{
    public static int[] Gaussians { get; set; } = [100_000, 300_000, 1_000_000];
}
