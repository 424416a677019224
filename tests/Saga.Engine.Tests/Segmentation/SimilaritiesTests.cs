using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

public class SimilaritiesTests
{
    private readonly TwoBlobs _blobs = new();
    private readonly PromptSegmenter _segmenter;

    public SimilaritiesTests() => _segmenter = new PromptSegmenter(_blobs.Scene, _blobs.Model);

    private PixelPosition OnLeft => _blobs.Pixel(-1, -0.1, -0.3);

    private PixelPosition OnRight => _blobs.Pixel(1, 0, -0.3);

    [Fact]
    public void A_click_is_like_its_own_kind_and_unlike_the_rest_in_file_order()
    {
        using SimilarityMap map = Similarities([new PromptPoint(OnRight, true)]).Map;

        Assert.Equal(_blobs.FileCount, map.GaussianCount);
        Assert.Equal(_blobs.FileCount, map.Values.Length);
        byte[] values = map.Values.ToArray();
        Assert.All(_blobs.Right, record => Assert.Equal(255, values[record]));
        Assert.All(Enumerable.Range(0, _blobs.FileCount).Except(_blobs.Right), record => Assert.Equal(0, values[record]));
    }

    [Fact]
    public void A_negative_point_takes_what_is_nearer_to_it()
    {
        using SimilarityMap map = Similarities([new PromptPoint(OnLeft, true), new PromptPoint(OnRight, false)]).Map;

        byte[] values = map.Values.ToArray();
        Assert.All(_blobs.Right, record => Assert.Equal(0, values[record]));
        Assert.All(_blobs.Left, record => Assert.NotEqual(0, values[record]));
    }

    [Fact]
    public void Outside_the_selection_to_stay_within_all_is_0_and_borrowed_memory_is_clean()
    {
        byte[] bits = new byte[(_blobs.FileCount + 7) / 8];
        bits[_blobs.Right[3] >> 3] |= (byte)(1 << (_blobs.Right[3] & 7));
        Similarities([new PromptPoint(OnLeft, true)]).Map.Dispose();

        PointPrompt prompt = Prompt([new PromptPoint(OnRight, true)]) with { Within = new GaussianSelection(bits, _blobs.FileCount) };
        using SimilarityMap map = _segmenter.Similarities(prompt, 1, CancellationToken.None).Map;

        Assert.Equal(1, map.Values.ToArray().Count(value => value != 0));
        Assert.Equal(255, map.Values.Span[_blobs.Right[3]]);
    }

    [Fact]
    public void A_map_that_was_given_back_is_not_read()
    {
        SimilarityMap map = Similarities([new PromptPoint(OnLeft, true)]).Map;
        map.Dispose();
        map.Dispose();

        Assert.Throws<ObjectDisposedException>(() => map.Values);
    }

    [Fact]
    public void A_prompt_that_cannot_be_answered_is_refused()
    {
        Assert.Equal(
            PromptRefusedException.NoPositivePoint,
            Assert.Throws<PromptRefusedException>(() => Similarities([new PromptPoint(OnLeft, false)])).Code);
        Assert.Equal(
            PromptRefusedException.PointOnBackground,
            Assert.Throws<PromptRefusedException>(() => Similarities([new PromptPoint(new PixelPosition(1, 1), true)])).Code);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(
            () => _segmenter.Similarities(Prompt([new PromptPoint(OnLeft, true)]), 1, cancelled.Token));
    }

    [Fact]
    public void A_pixel_and_its_depth_are_a_place_in_the_world()
    {
        (double x, double y, double z) = _blobs.Camera.ToWorld(OnRight.X, OnRight.Y, _segmenter.FeatureAt(_blobs.Camera, OnRight).Depth);

        // On the front of the right ball, whose Gaussians are some 0.08 thick.
        Assert.InRange(x, 0.9, 1.1);
        Assert.InRange(y, -0.1, 0.1);
        Assert.InRange(z, -0.45, 0.1);
        (double u, double v, double depth) = _blobs.Camera.Pose.Transform(x, y, z);
        Assert.Equal(OnRight.X, _blobs.Camera.Fx * u / depth + _blobs.Camera.Cx, 1e-9);
        Assert.Equal(OnRight.Y, _blobs.Camera.Fy * v / depth + _blobs.Camera.Cy, 1e-9);
    }

    private PointPrompt Prompt(PromptPoint[] points) => new(_blobs.Camera, points, 0.9);

    private SimilarityResult Similarities(PromptPoint[] points) => _segmenter.Similarities(Prompt(points), 2, CancellationToken.None);
}
