using Saga.Engine.Affinity;
using Saga.Engine.Compute;
using Saga.Engine.Compute.OpenCl;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Compute;

/// <summary>A device that is full or lost: the CPU answers, with the same bits, and what is asked much comes back.</summary>
public sealed class DeviceResidenceTests
{
    private readonly GaussianScene _scene;
    private readonly AffinityModel _model;
    private readonly QueryFeature _point;
    private readonly byte[] _expected;
    private readonly List<ComputeException> _failures = [];

    public DeviceResidenceTests()
    {
        var random = new Random(5);
        _scene = SyntheticScenes.Cloud(random, 20_000, 0.01, 0.02);
        _model = GatedSimilarityKernelTests.RandomModel(random, _scene.Count);
        _point = new QueryFeature(_model.Features[..32], 1, 1, [0]);
        _expected = [.. new PromptSegmenter(_scene, _model).Segment([_point], [], 0.4, 0.2f).Selection.Bits.Span];
    }

    [Fact]
    public void The_least_recently_used_scene_leaves_and_comes_back_when_it_is_asked_enough()
    {
        using ComputeDevice device = Open(scenes: 1.6);
        PromptSegmenter first = Segmenter(device);
        Assert.True(first.IsOnDevice);
        PromptSegmenter second = Segmenter(device);
        Assert.Equal((false, true, 1), (first.IsOnDevice, second.IsOnDevice, device.Evictions));

        for (int use = 0; use < 8; use++)
        {
            AssertAnswers(first);
            Assert.False(first.IsOnDevice);
        }

        AssertAnswers(first);
        AssertAnswers(second);
        Assert.Equal((true, false, 2), (first.IsOnDevice, second.IsOnDevice, device.Evictions));
        Assert.Empty(_failures);
        first.LeaveDevice();
        Assert.Equal(0, device.ResidentCount);
        AssertAnswers(first);
    }

    [Fact]
    public void A_scene_that_does_not_fit_is_answered_by_the_cpu()
    {
        using ComputeDevice device = Open(scenes: 0.5);
        PromptSegmenter segmenter = Segmenter(device);

        AssertAnswers(segmenter);

        Assert.False(segmenter.IsOnDevice);
        Assert.IsType<ComputeMemoryException>(Assert.Single(_failures));
        Assert.Equal(0, device.Bytes);
    }

    [Fact]
    public void What_a_use_needs_for_itself_makes_a_scene_leave()
    {
        using ComputeDevice device = Open(scenes: 2.2);
        PromptSegmenter first = Segmenter(device);
        PromptSegmenter second = Segmenter(device);
        Assert.True(first.IsOnDevice && second.IsOnDevice);

        // A row of pixels needs 40 bytes a Gaussian beside the scenes.
        QueryFeature found = second.FeatureAt(SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]), new PixelPosition(48, 36));

        Assert.Equal((false, true, 1), (first.IsOnDevice, second.IsOnDevice, device.Evictions));
        Assert.NotEmpty(found.SurfaceGaussians);
        Assert.Empty(_failures);
    }

    [Fact]
    public void A_lost_device_is_not_asked_again_and_nothing_fails()
    {
        using ComputeDevice device = Open(scenes: 3);
        PromptSegmenter segmenter = Segmenter(device);
        AssertAnswers(segmenter);
        var rasterizer = new FallbackRasterizer(_scene, device, 1, _failures.Add);
        PixelPosition[] pixels = [new(40.5f, 30.5f), new(50, 36)];
        Saga.Engine.Cameras.PinholeCamera camera = SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]);
        SparsePixelRows before = rasterizer.PixelRows(camera, pixels, default);

        device.Context.Lose();

        AssertAnswers(segmenter);
        AssertAnswers(segmenter);
        Assert.True(device.IsLost);
        SparsePixelRows after = rasterizer.PixelRows(camera, pixels, default);
        Assert.Equal(before.Weights, after.Weights);
        Assert.Equal(before.GaussianIndices, after.GaussianIndices);
    }

    [Fact]
    public void A_device_that_is_lost_in_the_middle_of_a_prompt_leaves_no_half_of_an_answer()
    {
        using ComputeDevice device = Open(scenes: 3);
        var share = new DeviceShare<Nothing>(device, 1, () => new Nothing(), _failures.Add);

        Assert.False(share.TryUse(_ => throw new ComputeDeviceLostException("gone")));
        Assert.True(share.TryUse(_ => { }));
        device.Context.Lose();
        Assert.False(share.TryUse(_ => { }));

        Assert.Equal("gone", Assert.Single(_failures).Message);
    }

    [Fact]
    public void Many_threads_share_a_device_while_scenes_come_and_go()
    {
        using ComputeDevice device = Open(scenes: 2.5);
        PromptSegmenter[] segmenters = [.. Enumerable.Range(0, 5).Select(_ => Segmenter(device))];

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => AssertAnswers(segmenters[i % 5]));

        Assert.True(device.Evictions > 3, $"{device.Evictions} scenes left.");
        Assert.True(device.Bytes <= device.BudgetBytes);
    }

    [Fact]
    public void A_view_that_would_keep_the_device_busy_for_long_is_the_cpu_s()
    {
        GaussianScene crowd = SyntheticScenes.Cloud(new Random(8), 140_000, 0.001, 0.002);
        Array.Fill(crowd.OpacityLogits, -4);
        Saga.Engine.Cameras.PinholeCamera far = new(16, 16, 20, 20, 8, 8, SyntheticScenes.LookAt([0, 0, -900], [0, 0, 0]).Pose);
        PixelPosition[] middle = [new(8, 8)];
        using ComputeDevice device = ComputeDevice.Open(TestDevice.Require().Info);
        var rasterizer = new FallbackRasterizer(crowd, device, 2, _failures.Add);

        SparsePixelRows rows = rasterizer.PixelRows(far, middle, default);

        Assert.Contains("One tile of the view sees", Assert.Single(_failures).Message, StringComparison.Ordinal);
        Assert.Equal(new CpuRasterizer(crowd).PixelRows(far, middle, default).Weights, rows.Weights);
        Assert.False(device.IsLost);
    }

    [Fact]
    public void A_device_that_rounds_otherwise_is_found_out()
    {
        Assert.Null(ArithmeticProbe.Difference(TestDevice.Require().Context));
        Assert.Contains("a product and a sum is 0 instead of", ArithmeticProbe.Difference(new float[8], new double[3]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_cannot_be_used_says_why()
    {
        var without = new ComputeDeviceInfo(3, "Some GPU", "Some driver", "1", true, 8, 1 << 30, 1 << 28, "it has no double precision");

        ComputeException refused = Assert.Throws<ComputeException>(() => ComputeDevice.Open(without));

        Assert.Contains("opencl:3 (Some GPU) cannot be used: it has no double precision", refused.Message, StringComparison.Ordinal);
    }

    // Room for so many scenes of this size, and what a prompt needs beside them.
    private static ComputeDevice Open(double scenes) => ComputeDevice.Open(TestDevice.Require().Info, (long)(scenes * 20_000 * 123));

    private PromptSegmenter Segmenter(ComputeDevice device)
    {
        var segmenter = new PromptSegmenter(_scene, _model);
        segmenter.UseDevice(device, error =>
        {
            lock (_failures)
            {
                _failures.Add(error);
            }
        });
        return segmenter;
    }

    private void AssertAnswers(PromptSegmenter segmenter) =>
        Assert.True(segmenter.Segment([_point], [], 0.4, 0.2f).Selection.Bits.Span.SequenceEqual(_expected));

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
