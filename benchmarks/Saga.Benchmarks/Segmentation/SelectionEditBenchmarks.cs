using BenchmarkDotNet.Attributes;
using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Engine.Cameras;
using Saga.Engine.Neighbors;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Selections;

namespace Saga.Benchmarks.Segmentation;

/// <summary>
/// Editing what a click selected, bit mask to bit mask in file order. The graph is there, as after the first edit; the baseline is
/// moving the mask to the engine's order and back, which every edit does.
/// </summary>
public class SelectionEditBenchmarks
{
    private GaussianScene _scene = null!;
    private SelectionEditor _editor = null!;
    private GaussianSelection _selection = null!;
    private Func<int, int, bool> _alike = null!;
    private float _distance;

    public static int[] Sizes => BenchmarkSizes.Gaussians;

    [ParamsSource(nameof(Sizes))]
    public int Gaussians { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        ScaledScene scene = ScaledScene.Create(Gaussians);
        _scene = scene.Gaussians;
        var segmenter = new PromptSegmenter(scene.Gaussians, SyntheticModel.Create(scene.Gaussians));
        (SceneView view, PixelPosition pixel) = VisiblePixels.Of(scene, 1)[0];
        _selection = segmenter.Segment(
            new PointPrompt(view.Camera, [new PromptPoint(pixel, Positive: true)], 0.5), CancellationToken.None).Selection;
        _alike = segmenter.AlikeAt(0.5, 0.75f);
        _editor = new SelectionEditor(scene.Gaussians, segmenter.Neighbors);
        _editor.LargestPiece(_selection, CancellationToken.None);

        // As far as two of the longest rows.
        int[] rows = segmenter.Neighbors.Rows(1, CancellationToken.None);
        double reach = Enumerable.Range(0, 1000).Average(sample =>
        {
            int i = (int)((long)sample * Gaussians / 1000);
            int last = rows[(i + 1) * NeighborGraph.RowLength - 1];
            return Math.Sqrt(Enumerable.Range(0, 3).Sum(c => Math.Pow(_scene.Means[3 * i + c] - _scene.Means[3 * last + c], 2)));
        });
        _distance = (float)(2 * reach);
        Console.WriteLine($"// {_selection.SelectedCount} of {Gaussians} Gaussians are selected; the distance is {_distance:0.0000}");
    }

    [Benchmark(Baseline = true)]
    public GaussianSelection Order_and_back() => EngineOrder.ToFile(EngineOrder.Of(_selection, _scene), _scene, null);

    [Benchmark]
    public GaussianSelection Grow_one_step() => _editor.Grow(_selection, 1, null, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Grow_eight_steps() => _editor.Grow(_selection, 8, null, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Grow_eight_steps_alike() => _editor.Grow(_selection, 8, _alike, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Grow_by_distance() => _editor.Grow(_selection, _distance, null, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Shrink_one_step() => _editor.Shrink(_selection, 1, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Largest_piece() => _editor.LargestPiece(_selection, CancellationToken.None);

    [Benchmark]
    public GaussianSelection Remove_floaters() => _editor.WithoutFloaters(_selection, SelectionEditor.MinPieceSize, CancellationToken.None);
}
