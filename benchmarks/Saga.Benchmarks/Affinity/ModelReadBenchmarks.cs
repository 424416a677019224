using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Scenes;
using Saga.Cli.Service;
using Saga.Engine.Affinity;
using Saga.Engine.Scenes;

namespace Saga.Benchmarks.Affinity;

/// <summary>A model of 32 channels from the system's cache. The reference copies the file; it checks no hash and orders nothing.</summary>
public class ModelReadBenchmarks
{
    private TemporaryFolder _folder = null!;
    private GaussianScene _scene = null!;
    private string _path = "";

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _scene = ScaledScene.Create(Gaussians).Gaussians;
        _folder = new TemporaryFolder();
        _path = Path.Combine(_folder.Path, "scene.saga");
        using FileStream file = File.Create(_path);
        AffinityModelFile.Write(file, SyntheticModel.Create(_scene), _scene, CancellationToken.None);
    }

    [GlobalCleanup]
    public void Cleanup() => _folder.Dispose();

    [Benchmark(Baseline = true)]
    public float[] Copy_to_memory_and_array()
    {
        byte[] bytes = File.ReadAllBytes(_path);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(bytes.Length - Gaussians * SyntheticModel.Dimension * sizeof(float))).ToArray();
    }

    [Benchmark]
    public AffinityModel Read() => AffinityModelFile.Read(_path, _scene, "", CancellationToken.None);
}
