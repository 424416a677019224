using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Tests.Compute;

namespace Saga.Engine.Tests.Rasterization;

/// <summary>Whatever a scene holds, pictures are made of finite numbers.</summary>
public abstract class RasterizerPoisonTests(TestDevice device)
{
    private static readonly RenderOptions Everything = new() { Color = true, Depth = true, Alpha = true };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Broken_gaussians_do_not_spoil_the_good_ones(int kind)
    {
        GaussianScene scene = TestScenes.Random(64, seed: 31);
        float[] poison = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e38f];
        for (int i = 0; i < scene.Count; i += 2)
        {
            float[] target = (i / 2 % 4) switch
            {
                0 => scene.Means,
                1 => scene.LogScales,
                2 => scene.Rotations,
                _ => scene.OpacityLogits,
            };
            target[i * (target.Length / scene.Count)] = poison[kind];
        }

        RenderedImage image = Render(scene, TestScenes.Frontal(40, 30));

        Assert.Contains(image.Alpha, a => a > 0.1f);
    }

    [Theory]
    [InlineData(5f)]
    [InlineData(20f)]
    [InlineData(40f)]
    [InlineData(87f)]
    public void Huge_gaussians_are_drawn_or_left_out_but_never_break(float logScale)
    {
        RenderedImage image = Render(TestScenes.Single(logScale, 4), TestScenes.Frontal(40, 30));

        // Σ w of a Gaussian without visible edges is its opacity; left out it is 0.
        Assert.All(image.Alpha, a => Assert.True(a == 0 || Math.Abs(a - 0.982f) < 1e-3f, $"{a}"));
    }

    [Fact]
    public void A_huge_needle_across_the_image_is_finite()
    {
        GaussianScene scene = TestScenes.Create(
            [0, 0, 0], [18, -40, -40], [0.9f, 0.1f, 0.3f, 0.2f], [5], [1, 1, 1]);

        Render(scene, TestScenes.Frontal(200, 200));
    }

    [Fact]
    public void A_camera_inside_a_gaussian_does_not_draw_it()
    {
        RenderedImage image = Render(TestScenes.Single(0, 4), TestScenes.Frontal(40, 30, distance: 0.1));

        Assert.All(image.Alpha, a => Assert.Equal(0f, a));
        Assert.All(image.Depth, d => Assert.Equal(0f, d));
    }

    [Fact]
    public void The_near_plane_is_exclusive()
    {
        // 0.2 in double is above what 0.2f - 0 gives; stay clear of both sides of the plane.
        Assert.All(Render(TestScenes.Single(-1, 4), TestScenes.Frontal(8, 8, 0.2)).Alpha, a => Assert.Equal(0f, a));
        Assert.Contains(Render(TestScenes.Single(-1, 4), TestScenes.Frontal(8, 8, 0.2001)).Alpha, a => a > 0.5f);
    }

    [Fact]
    public void A_scene_behind_the_camera_is_just_the_background()
    {
        IRasterizer rasterizer = device.Rasterizer(TestScenes.Random(100, seed: 32));
        RenderOptions options = new() { Color = true, Background = new RgbColor(0.25f, 0.5f, 0.75f) };

        RenderedImage image = rasterizer.Render(TestScenes.Frontal(21, 19, distance: -50), options, CancellationToken.None);

        for (int p = 0; p < 21 * 19; p++)
        {
            Assert.Equal([0.25f, 0.5f, 0.75f], image.Color.AsSpan(3 * p, 3).ToArray());
        }
    }

    [Fact]
    public void One_pixel_of_one_gaussian_has_its_colour_and_depth()
    {
        PinholeCamera camera = new(1, 1, 1, 1, 0.5, 0.5, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2));

        RenderedImage image = Render(TestScenes.Single(-3, 10), camera);

        Assert.Equal(0.99f, image.Alpha[0], 1e-5f);
        Assert.Equal(2f, image.Depth[0], 1e-5f);
        Assert.Equal(0.99f * (0.5f + 0.28209479f), image.Color[0], 1e-5f);
    }

    [Fact]
    public void An_opacity_below_one_grey_level_is_invisible()
    {
        RenderedImage image = Render(TestScenes.Single(0, -5.6f), TestScenes.Frontal(8, 8));

        Assert.All(image.Alpha, a => Assert.Equal(0f, a));
    }

    [Fact]
    public void A_lens_so_long_that_edges_lie_beyond_whole_numbers_breaks_nothing()
    {
        // At ten million pixels of focal length the ellipse's left edge is 8e10 pixels away from the picture it covers.
        CameraPose pose = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
        PinholeCamera camera = new(64, 64, 1e7, 1e7, 32, 32, pose);
        GaussianScene scene = TestScenes.Create([1e4f, 1e4f, 1], [8.02f, 8.02f, 8.02f], [1, 0, 0, 0], [9], [0.5f, 0.5f, 0.5f]);

        RenderedImage image = Render(scene, camera);

        Assert.All(image.Alpha, a => Assert.InRange(a, 0f, 1f));
    }

    [Fact]
    public void A_scene_without_gaussians_is_empty()
    {
        RenderedImage image = device.Rasterizer(TestScenes.Create([], [], [], []))
            .Render(TestScenes.Frontal(20, 20), new RenderOptions { Alpha = true }, CancellationToken.None);

        Assert.All(image.Alpha, a => Assert.Equal(0f, a));
    }

    [Fact]
    public void Options_that_do_not_fit_the_scene_are_refused()
    {
        GaussianScene scene = TestScenes.Create([0, 0, 0], [0, 0, 0], [1, 0, 0, 0], [1]);
        IRasterizer rasterizer = device.Rasterizer(scene);
        PinholeCamera camera = TestScenes.Frontal(8, 8);
        RenderOptions colors = new() { Color = true };
        RenderOptions features = new() { Features = new float[5], FeatureChannels = 4 };

        Assert.Contains("without colours", Assert.Throws<ArgumentException>(
            () => rasterizer.Render(camera, colors, CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Contains("[count, channels]", Assert.Throws<ArgumentException>(
            () => rasterizer.Render(camera, features, CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidCameraException>(
            () => rasterizer.Render(camera with { Fx = double.NaN }, new RenderOptions(), CancellationToken.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuRasterizer(scene, -1));
    }

    private RenderedImage Render(GaussianScene scene, PinholeCamera camera)
    {
        RenderedImage image = device.Rasterizer(scene).Render(camera, Everything, CancellationToken.None);
        Assert.All(image.Color, v => Assert.True(float.IsFinite(v)));
        Assert.All(image.Depth, v => Assert.True(float.IsFinite(v)));
        Assert.All(image.Alpha, v => Assert.InRange(v, 0f, 1f));
        return image;
    }
}

[Trait("Category", "Kernel")]
public sealed class CpuRasterizerPoisonTests() : RasterizerPoisonTests(TestDevice.Cpu);

public sealed class OpenClRasterizerPoisonTests() : RasterizerPoisonTests(TestDevice.OpenCl);
