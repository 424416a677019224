using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Rasterization;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Segmentation;

/// <summary>A whole prompt inside the process: pixel to bit mask in file order, a new scale every time; what it allocates is the request's.</summary>
[MemoryDiagnoser]
public class PromptBenchmarks
{
    private AffinityModel _model = null!;
    private PromptSegmenter _segmenter = null!;
    private PlainSplatter _splatter = null!;
    private UnfusedScoring _unfused = null!;
    private PinholeCamera _camera = null!;
    private PromptPoint[] _points = [];
    private int[] _fileIndices = [];
    private bool[] _flags = [];
    private double _quantile;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        _model = SyntheticModel.Create(scene.Gaussians);
        _segmenter = new PromptSegmenter(scene.Gaussians, _model);
        _splatter = new PlainSplatter(scene.Gaussians);
        _unfused = new UnfusedScoring(Gaussians, SyntheticModel.Dimension);
        _fileIndices = scene.Gaussians.FileIndices;
        _flags = new bool[Gaussians];
        (SceneView view, PixelPosition pixel) = VisiblePixels.Of(scene, 1)[0];
        _camera = view.Camera;
        Console.WriteLine("// " + UndecidedBlocks.Describe(scene, _model));
        _points = [new PromptPoint(pixel, Positive: true)];
    }

    [Benchmark(Baseline = true)]
    public byte[] Project_all_and_score_in_passes()
    {
        _splatter.Project(_camera);
        float[] feature = new float[SyntheticModel.Dimension];
        foreach ((int index, float weight) in _splatter.Row(_points[0].Position))
        {
            DensePasses.AddScaled(feature, _model.Features.AsSpan(index * feature.Length, feature.Length), weight);
        }

        GatedQueries queries = GatedQueries.At(_model.Gate, NextQuantile(), [new QueryFeature(feature, 1, 1, [])], []);
        _unfused.Run(_model.Features, queries.Gate, queries.Values, PointPrompt.DefaultThreshold, _flags);
        byte[] bits = new byte[(Gaussians + 7) / 8];
        for (int i = 0; i < _flags.Length; i++)
        {
            if (_flags[i])
            {
                bits[_fileIndices[i] >> 3] |= (byte)(1 << (_fileIndices[i] & 7));
            }
        }

        return bits;
    }

    [Benchmark]
    public int Segmenter()
    {
        PromptResult result = _segmenter.Segment(new PointPrompt(_camera, _points, NextQuantile()), CancellationToken.None);
        result.Selection.Dispose();
        return result.Selection.SelectedCount;
    }

    /// <summary>Eight prompts in one pass.</summary>
    [Benchmark]
    public int Segmenter_eight_at_once()
    {
        PointPrompt[] prompts = [.. Enumerable.Range(0, 8).Select(_ => new PointPrompt(_camera, _points, NextQuantile()))];
        return _segmenter.SegmentMany(prompts, CancellationToken.None).Sum(result =>
        {
            result.Selection.Dispose();
            return result.Selection.SelectedCount;
        });
    }

    /// <summary>A byte for every Gaussian instead of a bit.</summary>
    [Benchmark]
    public int Similarities()
    {
        SimilarityResult result = _segmenter.Similarities(
            new PointPrompt(_camera, _points, NextQuantile()), _segmenter.MaxThreads, CancellationToken.None);
        result.Map.Dispose();
        return result.Map.GaussianCount;
    }

    /// <summary>All scales tried, the stable ones counted.</summary>
    [Benchmark]
    public int Candidates()
    {
        var prompt = new PointPrompt(_camera, _points, NextQuantile());
        return _segmenter.Candidates(prompt, _segmenter.MaxThreads, CancellationToken.None).Candidates.Count;
    }

    private double NextQuantile() => _quantile = (_quantile + 0.6180339887) % 1;
}
