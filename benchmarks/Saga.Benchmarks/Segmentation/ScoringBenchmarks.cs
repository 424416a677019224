using System.Numerics;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Segmentation;

/// <summary>All Gaussians against one query at a scale never asked before, beside the time that reading their features takes.</summary>
[MemoryDiagnoser]
public class ScoringBenchmarks
{
    private const int BlocksPerChunk = 256;

    private AffinityModel _model = null!;
    private FeatureBlocks _blocks = null!;
    private float[] _float32 = [];
    private QueryFeature[] _query = null!;
    private UnfusedScoring _unfused = null!;
    private ushort[] _bits = [];
    private bool[] _flags = [];
    private double _quantile;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _model = SyntheticModel.Create(ScaledScene.Create(Gaussians).Gaussians);
        FeatureRounding.Round(_model.Features, SyntheticModel.Dimension);
        _blocks = FeatureBlocks.From(_model);
        _float32 = FeatureDecoder.All(_blocks);
        _query = [new QueryFeature(_model.Features[..SyntheticModel.Dimension], 1, 1, [0])];
        _unfused = new UnfusedScoring(Gaussians, SyntheticModel.Dimension);
        _bits = new ushort[_blocks.BlockCount];
        _flags = new bool[Gaussians];

        _quantile = 0;
        Fused_kernel();
        ushort[] exact = [.. _bits];
        _quantile = 0;
        Filtered_kernel();
        if (!exact.SequenceEqual(_bits))
        {
            throw new InvalidDataException("The 8-bit filter does not select what float32 selects.");
        }

        Console.WriteLine(FormattableString.Invariant(
            $"// {_blocks.ByteCount / (double)Gaussians:0.0} bytes a Gaussian in 16 bits, {4.0 * _blocks.BlockFloats / 16:0} in float32; ")
            + UndecidedBlocks.Describe(ScaledScene.Create(Gaussians), _model));

        _quantile = 0;
        Unfused_passes();
        int different = _flags.Where((flag, i) => flag != ((_bits[i >> 4] >> (i & 15) & 1) != 0)).Count();

        // Cosines within rounding of the threshold may fall on either side.
        if (different > Gaussians / 10_000 + 1)
        {
            throw new InvalidDataException($"The reference selects {different} of {Gaussians} Gaussians differently.");
        }
    }

    [Benchmark(Baseline = true)]
    public bool[] Unfused_passes()
    {
        GatedQueries queries = NextQueries();
        _unfused.Run(_model.Features, queries.Gate, queries.Values, PointPrompt.DefaultThreshold, _flags);
        return _flags;
    }

    [Benchmark]
    public ushort[] Fused_kernel()
    {
        GatedQueries queries = NextQueries();
        int chunks = (_bits.Length + BlocksPerChunk - 1) / BlocksPerChunk;
        Parallel.For(0, chunks, chunk =>
        {
            int start = chunk * BlocksPerChunk;
            int length = Math.Min(BlocksPerChunk, _bits.Length - start);
            Span<float> values = _float32.AsSpan(start * _blocks.BlockFloats, length * _blocks.BlockFloats);
            if (Vector512.IsHardwareAccelerated)
            {
                GatedSimilarityKernel.Run<Vector512<float>, Lanes512>(values, queries, PointPrompt.DefaultThreshold, _bits.AsSpan(start, length));
            }
            else
            {
                GatedSimilarityKernel.Run<Vector256<float>, Lanes256>(values, queries, PointPrompt.DefaultThreshold, _bits.AsSpan(start, length));
            }
        });
        return _bits;
    }

    [Benchmark]
    public ushort[] Filtered_kernel()
    {
        var scorer = new BlockScorer(_blocks, NextQueries(), PointPrompt.DefaultThreshold);
        SelectionPass.Run(scorer, Environment.ProcessorCount, _bits, CancellationToken.None);
        return _bits;
    }

    /// <summary>No scoring by 8 bits can be faster than this.</summary>
    [Benchmark]
    public int Read_the_8_bit_features_once()
    {
        int[] sums = new int[4 * Environment.ProcessorCount];
        int length = _blocks.High.Length / sums.Length / (2 * Vector<sbyte>.Count) * (2 * Vector<sbyte>.Count);
        Parallel.For(0, sums.Length, part =>
        {
            ReadOnlySpan<sbyte> values = _blocks.High.Slice(part * length, length);
            Vector<sbyte> even = default;
            Vector<sbyte> odd = default;
            for (int i = 0; i < values.Length; i += 2 * Vector<sbyte>.Count)
            {
                even += new Vector<sbyte>(values[i..]);
                odd += new Vector<sbyte>(values[(i + Vector<sbyte>.Count)..]);
            }

            sums[part] = Vector.Sum(even + odd);
        });
        return sums.Sum();
    }

    /// <summary>No scoring by float32 can be faster than this.</summary>
    [Benchmark]
    public float Read_the_features_once()
    {
        float[] values = _float32;
        float[] sums = new float[4 * Environment.ProcessorCount];
        int length = values.Length / sums.Length / Vector<float>.Count * Vector<float>.Count;
        Parallel.For(0, sums.Length, part =>
        {
            Vector<float> even = default;
            Vector<float> odd = default;
            int end = (part + 1) * length;
            for (int i = part * length; i <= end - 2 * Vector<float>.Count; i += 2 * Vector<float>.Count)
            {
                even += new Vector<float>(values, i);
                odd += new Vector<float>(values, i + Vector<float>.Count);
            }

            sums[part] = Vector.Sum(even + odd);
        });
        return sums.Sum();
    }

    // The golden ratio's multiples never repeat and cover [0, 1] evenly.
    private GatedQueries NextQueries()
    {
        _quantile = (_quantile + 0.6180339887) % 1;
        return GatedQueries.At(_model.Gate, _quantile, _query, []);
    }
}
