using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Saga.Cli.Service;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;

namespace Saga.Benchmarks.Scenes;

/// <summary>
/// A file of degree 3, 248 bytes a Gaussian, from the system's cache. The reference checks nothing and orders nothing: it copies the
/// file to memory and its records to arrays.
/// </summary>
public class PlyReadBenchmarks
{
    // x y z, normals, 48 colours, opacity, 3 scales, 4 of the rotation.
    private const int RecordFloats = 62;

    private TemporaryFolder _folder = null!;
    private string _path = "";

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = new TemporaryFolder();
        _path = Path.Combine(_folder.Path, "gaussians.ply");
        using FileStream file = File.Create(_path);
        GaussianPlyWriter.Write(file, ScaledScene.Create(Gaussians, shDegree: 3).Gaussians);
    }

    [GlobalCleanup]
    public void Cleanup() => _folder.Dispose();

    [Benchmark(Baseline = true)]
    public float[][] Copy_to_memory_and_arrays()
    {
        byte[] bytes = File.ReadAllBytes(_path);
        int header = bytes.AsSpan().IndexOf("end_header\n"u8) + "end_header\n"u8.Length;
        ReadOnlySpan<float> records = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(header));
        float[] means = new float[3 * Gaussians];
        float[] colors = new float[48 * Gaussians];
        float[] opacities = new float[Gaussians];
        float[] scales = new float[3 * Gaussians];
        float[] rotations = new float[4 * Gaussians];
        for (int i = 0; i < Gaussians; i++)
        {
            ReadOnlySpan<float> record = records.Slice(i * RecordFloats, RecordFloats);
            record[..3].CopyTo(means.AsSpan(3 * i));
            record.Slice(6, 48).CopyTo(colors.AsSpan(48 * i));
            opacities[i] = record[54];
            record.Slice(55, 3).CopyTo(scales.AsSpan(3 * i));
            record.Slice(58, 4).CopyTo(rotations.AsSpan(4 * i));
        }

        return [means, colors, opacities, scales, rotations];
    }

    [Benchmark]
    public GaussianScene Read_for_pictures() => GaussianPlyReader.Read(_path);

    [Benchmark]
    public GaussianScene Read_for_prompts() => GaussianPlyReader.Read(_path, new GaussianReadOptions(IncludeColors: false));
}
