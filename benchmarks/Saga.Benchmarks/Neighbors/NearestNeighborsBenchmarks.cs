using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Neighbors;

namespace Saga.Benchmarks.Neighbors;

/// <summary>The 16 nearest neighbours of every Gaussian, the tree included.</summary>
public class NearestNeighborsBenchmarks
{
    private const int K = 16;

    private float[] _means = [];

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup() => _means = ScaledScene.Create(Gaussians).Gaussians.Means;

    [Benchmark(Baseline = true)]
    public int[] Plain_tree() => PlainKdTree.Find(_means, K);

    [Benchmark]
    public int[] Engine() => NearestNeighbors.Find(_means, K, Environment.ProcessorCount, CancellationToken.None);
}
