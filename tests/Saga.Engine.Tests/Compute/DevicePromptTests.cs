using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.OpenCl;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;
using Saga.Engine.Tests.Rasterization;
using Saga.Engine.Tests.Segmentation;

namespace Saga.Engine.Tests.Compute;

/// <summary>The device's selections beside the CPU's: the same bits.</summary>
public sealed class DevicePromptTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(64)]
    public void A_device_selects_bit_for_bit_what_the_cpu_selects(int dimension)
    {
        var random = new Random(dimension);
        GaussianScene scene = SyntheticScenes.Cloud(random, 20_011, 0.01, 0.02);
        random.Shuffle(scene.FileIndices);
        AffinityModel model = Clustered(random, scene.Count, dimension);
        PromptSegmenter cpu = TestDevice.Cpu.Segmenter(scene, model);
        PromptSegmenter device = TestDevice.OpenCl.Segmenter(scene, model);
        int some = 0;
        for (int round = 0; round < 30; round++)
        {
            QueryFeature Point() => new(model.Features[(random.Next(scene.Count) * dimension)..][..dimension], 1, 1, [0]);
            QueryFeature[] positives = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Point())];
            QueryFeature[] negatives = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Point())];
            float threshold = round % 5 == 0 ? -1 + 2 * random.NextSingle() : 0.6f + 0.4f * random.NextSingle();
            double scale = random.NextDouble();

            GaussianSelection expected = cpu.Segment(positives, negatives, scale, threshold, connected: round % 7 == 3).Selection;
            GaussianSelection found = device.Segment(positives, negatives, scale, threshold, connected: round % 7 == 3).Selection;

            Assert.True(expected.Bits.Span.SequenceEqual(found.Bits.Span), $"Round {round}: {expected.SelectedCount} and {found.SelectedCount}.");
            some += expected.SelectedCount > 0 && expected.SelectedCount < scene.Count ? 1 : 0;
        }

        Assert.True(device.IsOnDevice);
        Assert.True(some > 10, "Most prompts should select something and not all.");
    }

    [Fact]
    public void Features_that_are_no_numbers_are_selected_by_neither()
    {
        var random = new Random(3);
        GaussianScene scene = SyntheticScenes.Cloud(random, 4_000, 0.01, 0.02);
        AffinityModel model = Clustered(random, scene.Count, 16);
        float[] poison = [float.NaN, float.PositiveInfinity, 1e38f, 1e30f, 1e-30f, 0];
        for (int i = 0; i < 600; i++)
        {
            int at = random.Next(scene.Count) * 16;
            model.Features.AsSpan(at, 16).Fill(poison[i % poison.Length]);
        }

        PromptSegmenter cpu = TestDevice.Cpu.Segmenter(scene, model);
        PromptSegmenter device = TestDevice.OpenCl.Segmenter(scene, model);
        QueryFeature point = new([.. Enumerable.Repeat(1f, 16)], 1, 1, [0]);
        foreach (float threshold in new[] { -1f, -0.2f, 0f, 0.2f, 0.75f, 1f })
        {
            Assert.True(
                cpu.Segment([point], [], 0.4, threshold).Selection.Bits.Span.SequenceEqual(device.Segment([point], [], 0.4, threshold).Selection.Bits.Span),
                $"Threshold {threshold}.");
        }
    }

    [Fact]
    public void A_point_s_row_and_feature_are_the_cpu_s_bit_for_bit()
    {
        var random = new Random(7);
        GaussianScene scene = SyntheticScenes.Cloud(random, 30_000, 0.005, 0.05);
        AffinityModel model = Clustered(random, scene.Count, 32);
        PinholeCamera camera = SyntheticScenes.LookAt([0.3, -0.2, -3], [0, 0, 0]);
        PromptSegmenter cpu = TestDevice.Cpu.Segmenter(scene, model);
        PromptSegmenter device = TestDevice.OpenCl.Segmenter(scene, model);
        for (int k = 0; k < 40; k++)
        {
            var position = new PixelPosition(
                camera.Width * (0.4f + 0.2f * random.NextSingle()), camera.Height * (0.4f + 0.2f * random.NextSingle()));
            QueryFeature expected = cpu.FeatureAt(camera, position);
            QueryFeature found = device.FeatureAt(camera, position);

            Assert.Equal(expected.Feature, found.Feature);
            Assert.Equal((expected.Alpha, expected.Depth), (found.Alpha, found.Depth));
            Assert.Equal(expected.SurfaceGaussians, found.SurfaceGaussians);
        }
    }

    [Fact]
    public void Long_lists_are_sorted_as_the_cpu_sorts_them()
    {
        // Some six thousand Gaussians a tile, many at equal depths: more than fit the memory that a group shares.
        var random = new Random(12);
        GaussianScene scene = SyntheticScenes.Cloud(random, 24_000, 0.02, 0.03);
        for (int i = 0; i < scene.Count; i++)
        {
            scene.OpacityLogits[i] = -4;
            scene.Means[3 * i + 2] = MathF.Round(scene.Means[3 * i + 2] * 20) / 20;
        }

        PinholeCamera camera = new(32, 32, 40, 40, 16, 16, SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]).Pose);
        PixelPosition[] pixels = [.. Enumerable.Range(0, 60).Select(_ => new PixelPosition(32 * random.NextSingle(), 32 * random.NextSingle()))];

        SparsePixelRows expected = TestDevice.Cpu.Rasterizer(scene).PixelRows(camera, pixels, default);
        SparsePixelRows found = TestDevice.OpenCl.Rasterizer(scene).PixelRows(camera, pixels, default);

        Assert.Equal(expected.RowStarts, found.RowStarts);
        Assert.Equal(expected.GaussianIndices, found.GaussianIndices);
        Assert.Equal(expected.Weights, found.Weights);
        Assert.Equal(expected.Depths, found.Depths);
        Assert.True(expected.RowStarts[^1] > 60 * 50, $"{expected.RowStarts[^1]} contributions are few.");
    }

    [Fact]
    public void Pictures_in_small_ranges_of_tiles_are_the_same()
    {
        GaussianScene scene = TestScenes.Random(2000, seed: 26);
        PinholeCamera camera = TestScenes.Frontal(75, 50);
        var options = new RenderOptions { Depth = true, Alpha = true };
        using var whole = new OpenClRasterizer(scene, TestDevice.Require());
        using var pieces = new OpenClRasterizer(scene, TestDevice.Require(), maxEntries: 500);

        RenderedImage expected = whole.Render(camera, options, default);
        RenderedImage found = pieces.Render(camera, options, default);

        Assert.Equal(expected.Depth, found.Depth);
        Assert.Equal(expected.Alpha, found.Alpha);
        Assert.Contains(found.Alpha, alpha => alpha > 0.5f);
    }

    // Features around some directions, so that cosines lie on both sides of thresholds and close to them.
    private static AffinityModel Clustered(Random random, int count, int dimension)
    {
        AffinityModel model = GatedSimilarityKernelTests.RandomModel(random, count, dimension);
        float[][] centers = [.. Enumerable.Range(0, 9).Select(_ => (float[])[.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)])];
        for (int i = 0; i < count; i++)
        {
            float spread = 0.3f * random.NextSingle();
            float length = MathF.Pow(10, 4 * random.NextSingle() - 2);
            for (int c = 0; c < dimension; c++)
            {
                model.Features[i * dimension + c] = length * (centers[i % 9][c] + spread * (random.NextSingle() - 0.5f));
            }
        }

        return model;
    }
}
