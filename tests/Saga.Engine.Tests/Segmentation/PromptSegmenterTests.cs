using Saga.Engine.Affinity;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Compute;

namespace Saga.Engine.Tests.Segmentation;

public abstract class PromptSegmenterTests
{
    private const double Coarse = 0.9;
    private const double Fine = 0.1;

    private readonly TwoBlobs _blobs = new();
    private readonly TestDevice _device;
    private readonly PromptSegmenter _segmenter;

    private protected PromptSegmenterTests(TestDevice device)
    {
        _device = device;
        _segmenter = device.Segmenter(_blobs.Scene, _blobs.Model);
    }

    private PixelPosition OnLeft => _blobs.Pixel(-1, -0.1, -0.3);

    private PixelPosition OnRight => _blobs.Pixel(1, 0, -0.3);

    [Fact]
    public void A_click_selects_everything_with_its_feature_in_file_order()
    {
        PromptResult result = Segment([new PromptPoint(OnLeft, true)]);

        Assert.Equal([.. _blobs.Left.Concat(_blobs.Floater).Order()], result.Selection.ToIndices());
        Assert.Equal(_blobs.FileCount, result.Selection.GaussianCount);
        Assert.InRange(Assert.Single(result.Points).Alpha, 0.5f, 1f);
        Assert.Equal(_blobs.Right, Segment([new PromptPoint(OnRight, true)]).Selection.ToIndices());
    }

    [Fact]
    public void A_finer_scale_selects_a_part()
    {
        PromptResult result = Segment([new PromptPoint(_blobs.Pixel(-1, -0.25, -0.3), true)], Fine);

        Assert.Equal(_blobs.LeftUpper, result.Selection.ToIndices());
    }

    [Fact]
    public void Several_positive_points_add_up()
    {
        PromptResult result = Segment([new PromptPoint(OnLeft, true), new PromptPoint(OnRight, true)]);

        Assert.Equal(_blobs.Scene.Count, result.Selection.SelectedCount);
    }

    [Fact]
    public void A_negative_point_wins_where_it_is_closer()
    {
        PromptResult result = Segment([new PromptPoint(OnLeft, true), new PromptPoint(OnRight, false)], threshold: -1);

        Assert.Equal([.. _blobs.Left.Concat(_blobs.Floater).Order()], result.Selection.ToIndices());
        Assert.Equal(2, result.Points.Count);
    }

    [Fact]
    public void Connected_drops_a_floater_with_the_same_feature()
    {
        PromptResult result = Segment([new PromptPoint(OnLeft, true)], connected: true);

        Assert.Equal(_blobs.Left, result.Selection.ToIndices());
    }

    [Fact]
    public void Connected_keeps_a_component_for_each_positive_point()
    {
        PromptResult result = Segment([new PromptPoint(OnLeft, true), new PromptPoint(OnRight, true)], connected: true);

        Assert.Equal([.. _blobs.Left.Concat(_blobs.Right).Order()], result.Selection.ToIndices());
    }

    [Fact]
    public void Within_intersects()
    {
        byte[] bits = new byte[(_blobs.FileCount + 7) / 8];
        foreach (int record in _blobs.LeftUpper.Concat(_blobs.Right))
        {
            bits[record >> 3] |= (byte)(1 << (record & 7));
        }

        PromptResult result = Segment([new PromptPoint(OnLeft, true)], within: new GaussianSelection(bits, _blobs.FileCount));

        Assert.Equal(_blobs.LeftUpper, result.Selection.ToIndices());
    }

    [Fact]
    public void Nothing_alike_is_an_empty_selection()
    {
        QueryFeature other = new([0, 0, 0, 0, 1, 0, 0, 0], 1, 5, []);

        Assert.Equal(0, _segmenter.Segment([other], [], Coarse).Selection.SelectedCount);
        Assert.Equal(0, _segmenter.Segment([other], [], Coarse, connected: true).Selection.SelectedCount);
    }

    [Fact]
    public void A_looked_up_point_answers_any_scale_like_a_click()
    {
        QueryFeature point = _segmenter.FeatureAt(_blobs.Camera, OnLeft);
        foreach (double quantile in new[] { 0, Fine, 0.5, Coarse, 1 })
        {
            Assert.Equal(
                Segment([new PromptPoint(OnLeft, true)], quantile).Selection.ToIndices(),
                _segmenter.Segment([point], [], quantile).Selection.ToIndices());
        }
    }

    [Fact]
    public void A_points_feature_is_the_blend_of_its_row()
    {
        QueryFeature point = _segmenter.FeatureAt(_blobs.Camera, OnLeft);
        SparsePixelRows row = new CpuRasterizer(_blobs.Scene, 1).PixelRows(_blobs.Camera, [OnLeft], CancellationToken.None);
        double[] expected = new double[TwoBlobs.Dimension];
        for (int k = 0; k < row.RowStarts[1]; k++)
        {
            for (int c = 0; c < TwoBlobs.Dimension; c++)
            {
                expected[c] += row.Weights[k] * _blobs.Model.Features[row.GaussianIndices[k] * TwoBlobs.Dimension + c];
            }
        }

        for (int c = 0; c < TwoBlobs.Dimension; c++)
        {
            Assert.Equal(expected[c], point.Feature[c], 1e-5);
        }

        Assert.Equal(row.Alphas[0], point.Alpha);
        Assert.Equal(row.Depths[0], point.Depth);
        Assert.NotEmpty(point.SurfaceGaussians);
        Assert.Subset(row.GaussianIndices.ToHashSet(), point.SurfaceGaussians.ToHashSet());
    }

    [Fact]
    public void Thread_count_changes_nothing()
    {
        Random random = new(4);
        Saga.Engine.Scenes.GaussianScene scene = SyntheticScenes.Cloud(random, 140_003, 0.01, 0.02);
        random.Shuffle(scene.FileIndices);
        AffinityModel model = GatedSimilarityKernelTests.RandomModel(random, scene.Count);
        QueryFeature point = new(model.Features[..32], 1, 1, [0]);

        ReadOnlyMemory<byte> one = new PromptSegmenter(scene, model) { MaxThreads = 1 }.Segment([point], [], 0.3, 0.1f).Selection.Bits;
        ReadOnlyMemory<byte> four = new PromptSegmenter(scene, model) { MaxThreads = 4 }.Segment([point], [], 0.3, 0.1f).Selection.Bits;

        Assert.True(one.Span.SequenceEqual(four.Span));
    }

    [Fact]
    public void A_model_read_from_its_file_answers_as_the_one_in_memory()
    {
        Random random = new(5);
        Saga.Engine.Scenes.GaussianScene scene = SyntheticScenes.Cloud(random, 5003, 0.01, 0.02);
        random.Shuffle(scene.FileIndices);
        AffinityModel model = GatedSimilarityKernelTests.RandomModel(random, scene.Count);
        model.Features.AsSpan(32 * 40, 32).Clear();
        QueryFeature point = new(model.Features[..32], 1, 1, [0]);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (FileStream file = File.Create(path))
            {
                AffinityModelFile.Write(file, model, scene, CancellationToken.None);
            }

            PromptSegmenter loaded = PromptSegmenter.Load(scene, path, "", CancellationToken.None);
            foreach (float threshold in new[] { -0.2f, 0f, 0.1f })
            {
                Assert.Equal(
                    new PromptSegmenter(scene, model).Segment([point], [], 0.3, threshold).Selection.Bits.ToArray(),
                    loaded.Segment([point], [], 0.3, threshold).Selection.Bits.ToArray());
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_selection_that_was_disposed_is_not_read_and_the_next_is_its_own()
    {
        QueryFeature point = new(_blobs.Model.Features[.._blobs.Model.Dimension], 1, 1, [0]);
        GaussianSelection first = _segmenter.Segment([point], [], 0.3, -1f).Selection;
        first.Dispose();
        first.Dispose();

        GaussianSelection second = _segmenter.Segment([point], [], 0.3, 1f).Selection;

        Assert.Throws<ObjectDisposedException>(() => first.Bits);
        Assert.Throws<ObjectDisposedException>(() => first.Contains(0));
        Assert.Equal(second.ToIndices().Length, second.SelectedCount);
        Assert.True(second.SelectedCount < first.SelectedCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Prompts_in_one_pass_answer_bit_for_bit_as_alone(int threads)
    {
        Random random = new(11);
        Saga.Engine.Scenes.GaussianScene scene = SyntheticScenes.Cloud(random, 140_003, 0.005, 0.05);
        random.Shuffle(scene.FileIndices);
        PromptSegmenter segmenter = _device.Segmenter(scene, GatedSimilarityKernelTests.RandomModel(random, scene.Count), threads);
        Saga.Engine.Cameras.PinholeCamera camera = SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]);
        PromptPoint Point(bool positive) => new(
            new PixelPosition(camera.Width * (0.4f + 0.2f * random.NextSingle()), camera.Height * (0.4f + 0.2f * random.NextSingle())), positive);
        PointPrompt[] prompts =
        [
            new(camera, [Point(true)], 0.1, 0.2f),
            new(camera, [Point(true), Point(false), Point(true)], 0.5, 0f),
            new(camera, [Point(true)], 0.9, 0.1f, Connected: true),
            new(camera, [Point(true)], 0.9, -1f, Within: segmenter.Segment(new PointPrompt(camera, [Point(true)], 0.2, 0.1f), CancellationToken.None).Selection),
            new(camera, [Point(true)], 0.3, 0.1f),
        ];

        IReadOnlyList<PromptResult> together = segmenter.SegmentMany(prompts, CancellationToken.None);

        Assert.Equal(prompts.Length, together.Count);
        for (int i = 0; i < prompts.Length; i++)
        {
            PromptResult alone = segmenter.Segment(prompts[i], CancellationToken.None);
            Assert.True(alone.Selection.Bits.Span.SequenceEqual(together[i].Selection.Bits.Span), $"Prompt {i}");
            Assert.Equal(alone.Points, together[i].Points);
            Assert.InRange(alone.Selection.SelectedCount, 1, i == 3 ? 140_003 : 140_002);
        }

        Assert.Empty(segmenter.SegmentMany([], CancellationToken.None));
        Assert.Throws<PromptRefusedException>(
            () => segmenter.SegmentMany([prompts[0], prompts[1] with { Quantile = 2 }], CancellationToken.None));
    }

    [Fact]
    public void A_point_asked_again_is_remembered_by_its_numbers_and_forgotten_in_time()
    {
        QueryFeature first = _segmenter.FeatureAt(_blobs.Camera, OnLeft);

        Assert.Same(first, _segmenter.FeatureAt(_blobs.Camera with { }, OnLeft));
        Assert.NotSame(first, _segmenter.FeatureAt(_blobs.Camera, OnRight));
        Assert.NotSame(first, _segmenter.FeatureAt(_blobs.Camera with { Fx = _blobs.Camera.Fx * 1.001 }, OnLeft));
        for (int i = 1; i <= 300; i++)
        {
            _segmenter.FeatureAt(_blobs.Camera, OnLeft with { X = OnLeft.X + i * 1e-3f });
        }

        QueryFeature again = _segmenter.FeatureAt(_blobs.Camera, OnLeft);
        Assert.NotSame(first, again);
        Assert.Equal(first.Feature, again.Feature);
    }

    [Fact]
    public void Many_prompts_at_once_agree_with_one_at_a_time()
    {
        int[] expected = Segment([new PromptPoint(OnLeft, true)], connected: true).Selection.ToIndices();

        Parallel.For(0, 64, _ => Assert.Equal(
            expected, Segment([new PromptPoint(OnLeft, true)], connected: true).Selection.ToIndices()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_prompt_that_gets_fewer_threads_selects_the_same(int maxThreads)
    {
        var prompt = new PointPrompt(_blobs.Camera, [new PromptPoint(OnLeft, true)], Coarse);
        int[] expected = _segmenter.Segment(prompt, CancellationToken.None).Selection.ToIndices();

        Assert.NotEmpty(expected);
        Assert.Equal(expected, _segmenter.Segment(prompt, maxThreads, CancellationToken.None).Selection.ToIndices());
    }

    [Fact]
    public void The_mask_of_a_selection_covers_its_blob_and_not_the_other()
    {
        GaussianSelection left = Segment([new PromptPoint(OnLeft, true)], connected: true).Selection;

        Saga.Engine.Masks.BinaryMask mask = SelectionMask.Draw(
            left, _blobs.Scene, new CpuRasterizer(_blobs.Scene, 1), _blobs.Camera, CancellationToken.None);

        Assert.Equal((200, 120), (mask.Width, mask.Height));
        Assert.True(mask.Contains((int)OnLeft.X, (int)OnLeft.Y));
        Assert.False(mask.Contains((int)OnRight.X, (int)OnRight.Y));
        Assert.False(mask.Contains(0, 0));
    }

    [Theory]
    [InlineData(-0.1f, 50f)]
    [InlineData(50f, 120.5f)]
    [InlineData(float.NaN, 50f)]
    [InlineData(50f, float.NegativeInfinity)]
    public void A_point_outside_the_view_is_refused(float x, float y) => AssertRefused(
        PromptRefusedException.PointOutsideView, () => Segment([new PromptPoint(new PixelPosition(x, y), true)]));

    [Fact]
    public void A_point_on_background_is_refused_with_its_alpha()
    {
        PromptRefusedException refusal = AssertRefused(
            PromptRefusedException.PointOnBackground, () => Segment([new PromptPoint(new PixelPosition(1, 1), true)]));
        Assert.Contains("0.00", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-0.01)]
    [InlineData(double.NaN)]
    public void A_scale_out_of_range_is_refused(double quantile) => AssertRefused(
        PromptRefusedException.ScaleOutOfRange, () => Segment([new PromptPoint(OnLeft, true)], quantile));

    [Theory]
    [InlineData(1.01f)]
    [InlineData(-2f)]
    [InlineData(float.NaN)]
    public void A_threshold_out_of_range_is_refused(float threshold) => AssertRefused(
        PromptRefusedException.ThresholdOutOfRange, () => Segment([new PromptPoint(OnLeft, true)], threshold: threshold));

    [Fact]
    public void Prompts_without_a_positive_point_are_refused()
    {
        AssertRefused(PromptRefusedException.NoPositivePoint, () => Segment([]));
        AssertRefused(PromptRefusedException.NoPositivePoint, () => Segment([new PromptPoint(OnLeft, false)]));
    }

    [Fact]
    public void Too_many_points_are_refused_with_the_limit()
    {
        PromptPoint[] points = [.. Enumerable.Repeat(new PromptPoint(OnLeft, true), PromptSegmenter.MaxPoints + 1)];
        PromptRefusedException refusal = AssertRefused(PromptRefusedException.TooManyPoints, () => Segment(points));
        Assert.Contains("256", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_selection_of_another_scene_is_refused() => AssertRefused(
        PromptRefusedException.SelectionMismatch,
        () => Segment([new PromptPoint(OnLeft, true)], within: new GaussianSelection(new byte[1], 8)));

    [Fact]
    public void A_cancelled_prompt_stops() => Assert.ThrowsAny<OperationCanceledException>(() => _segmenter.Segment(
        new PointPrompt(_blobs.Camera, [new PromptPoint(OnLeft, true)], Coarse), new CancellationToken(canceled: true)));

    [Fact]
    public void A_model_of_another_size_is_refused() => Assert.Throws<ArgumentException>(
        () => new PromptSegmenter(_blobs.Scene, GatedSimilarityKernelTests.RandomModel(new Random(1), 7)));

    private PromptResult Segment(
        PromptPoint[] points, double quantile = Coarse, float threshold = 0.75f, bool connected = false, GaussianSelection? within = null) =>
        _segmenter.Segment(new PointPrompt(_blobs.Camera, points, quantile, threshold, connected, within), CancellationToken.None);

    private static PromptRefusedException AssertRefused(string code, Func<object> prompt)
    {
        PromptRefusedException refusal = Assert.Throws<PromptRefusedException>(prompt);
        Assert.Equal(code, refusal.Code);
        return refusal;
    }
}

public sealed class CpuPromptSegmenterTests() : PromptSegmenterTests(TestDevice.Cpu);

public sealed class OpenClPromptSegmenterTests() : PromptSegmenterTests(TestDevice.OpenCl);
