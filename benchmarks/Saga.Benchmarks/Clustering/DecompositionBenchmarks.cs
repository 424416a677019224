using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Clustering;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Clustering;

/// <summary>
/// A scene taken apart: 2 % of it clustered, 20,000 of a million, then every Gaussian to its cluster; a new seed every time.
/// </summary>
[MemoryDiagnoser]
public class DecompositionBenchmarks
{
    private readonly HdbscanOptions _clustering = new() { SelectionEpsilon = DecompositionOptions.SelectionEpsilon };
    private float[] _sample = [];
    private PromptSegmenter _segmenter = null!;
    private long _seed;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        AffinityModel model = SyntheticModel.Create(scene.Gaussians);
        _segmenter = new PromptSegmenter(scene.Gaussians, model);
        SceneDecomposition found = Decompose(0);
        Console.WriteLine($"// {found.SampleCount} samples, {found.Clusters.Count} clusters, {found.UnassignedCount} unassigned");

        // Every so many unit features: the same number of points as above.
        int step = Gaussians / found.SampleCount;
        _sample = new float[found.SampleCount * model.Dimension];
        for (int s = 0; s < found.SampleCount; s++)
        {
            ReadOnlySpan<float> feature = model.Features.AsSpan(s * step * model.Dimension, model.Dimension);
            double norm = 0;
            foreach (float value in feature)
            {
                norm += value * value;
            }

            for (int c = 0; c < model.Dimension; c++)
            {
                _sample[s * model.Dimension + c] = (float)(feature[c] / Math.Sqrt(norm));
            }
        }
    }

    [Benchmark(Baseline = true)]
    public double Plain_spanning_tree() => PlainClustering.SpanningTree(_sample, SyntheticModel.Dimension, _clustering.MinClusterSize);

    [Benchmark]
    public int Hdbscan_alone() => Hdbscan.Cluster(
        _sample, SyntheticModel.Dimension, _clustering, Environment.ProcessorCount, CancellationToken.None).ClusterCount;

    [Benchmark]
    public int Whole_decomposition() => Decompose(++_seed).Clusters.Count;

    private SceneDecomposition Decompose(long seed) => _segmenter.Decompose(
        new DecompositionOptions { Seed = seed }, null, Environment.ProcessorCount, CancellationToken.None);
}
