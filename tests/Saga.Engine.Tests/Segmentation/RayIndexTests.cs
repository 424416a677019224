using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Segmentation;

namespace Saga.Engine.Tests.Segmentation;

[Trait("Category", "Kernel")]
public class RayIndexTests
{
    // The agreement that the rasteriser promises.
    private const double WeightTolerance = 1e-4;

    [Theory]   // below, at and above a leaf; one, two and three levels
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(129)]
    [InlineData(1100)]
    [InlineData(5000)]
    public void Rows_equal_projecting_every_gaussian(int count)
    {
        Random random = new(count);
        GaussianScene scene = SyntheticScenes.Cloud(random, count, 0.005, 0.2);
        AssertRows(scene, RandomCamera(random, distance: 3), random, 40);
    }

    [Theory]   // cameras inside the cloud, huge splats across the near plane, needles, fx far from fy
    [InlineData(1, 0.6, 0.01, 0.1)]
    [InlineData(2, 0.0, 0.05, 3.0)]
    [InlineData(3, 1.0, 0.0005, 2.0)]
    [InlineData(4, 2.0, 1e-6, 1e-3)]
    [InlineData(5, 0.3, 0.001, 30.0)]
    public void Rows_are_exact_for_cameras_anywhere_and_splats_of_any_size(int seed, double distance, double smallest, double largest)
    {
        Random random = new(seed);
        GaussianScene scene = SyntheticScenes.Cloud(random, 1500, smallest, largest);
        for (int view = 0; view < 6; view++)
        {
            AssertRows(scene, RandomCamera(random, distance), random, 12);
        }
    }

    [Fact]
    public void Rows_far_from_the_origin_lose_nothing_to_rounding()
    {
        Random random = new(9);
        GaussianScene near = SyntheticScenes.Cloud(random, 1000, 0.01, 0.05);
        float[] means = [.. near.Means.Select(v => v + 512f)];
        GaussianScene scene = SyntheticScenes.Scene(means, near.LogScales, near.OpacityLogits, near.Rotations);
        PinholeCamera camera = SyntheticScenes.LookAt([512, 512, 509], [512, 512, 512]);
        AssertRows(scene, camera, random, 60);
    }

    [Theory]   // products of these overflow a float, so the ray is made of infinities and NaN
    [InlineData(PinholeCamera.MinFocal, PinholeCamera.MaxFocal, CameraPose.MaxTranslation)]
    [InlineData(PinholeCamera.MinFocal, -PinholeCamera.MaxFocal, -CameraPose.MaxTranslation)]
    [InlineData(PinholeCamera.MaxFocal, PinholeCamera.MaxFocal, CameraPose.MaxTranslation)]
    public void Cameras_at_the_limits_of_what_is_accepted_hit_nothing_and_break_nothing(double focal, double center, double translation)
    {
        GaussianScene scene = SyntheticScenes.Cloud(new Random(11), 5000, 0.005, 0.2);
        var pose = new CameraPose(1, 0, 0, translation, 0, 1, 0, translation, 0, 0, 1, 4);
        var camera = new PinholeCamera(64, 48, focal, focal, center, center, pose);
        SparsePixelRows rows = RayIndex.Build(scene).PixelRows(camera, [new PixelPosition(17, 24), new PixelPosition(0, 48)]);
        Assert.All(rows.Alphas, alpha => Assert.InRange(alpha, 0f, 1f));
    }

    [Fact]
    public void One_absurd_outlier_does_not_hide_the_rest()
    {
        Random random = new(10);
        GaussianScene scene = SyntheticScenes.Cloud(random, 500, 0.01, 0.1);
        scene.Means[300] = 1e18f;
        scene.LogScales[600] = 40;
        scene.OpacityLogits[400] = -100;
        PinholeCamera camera = SyntheticScenes.LookAt([0, 0, -3], [0, 0, 0]);
        AssertRows(scene, camera, random, 40);
    }

    [Fact]
    public void Gaussians_at_equal_depth_keep_their_order()
    {
        float[] means = [.. Enumerable.Range(0, 40).SelectMany(_ => new float[] { 0, 0, 0 })];
        GaussianScene scene = SyntheticScenes.Scene(means, [.. Enumerable.Repeat(-2f, 120)], [.. Enumerable.Repeat(-1f, 40)]);
        PinholeCamera camera = SyntheticScenes.LookAt([0, 0, -2], [0, 0, 0]);

        SparsePixelRows rows = RayIndex.Build(scene).PixelRows(camera, [new PixelPosition(48, 35)]);

        Assert.NotEmpty(rows.GaussianIndices);
        Assert.Equal(Enumerable.Range(0, rows.RowStarts[1]), rows.GaussianIndices[..rows.RowStarts[1]]);
    }

    [Fact]
    public void Behind_the_camera_and_closer_than_the_near_plane_is_nothing()
    {
        GaussianScene scene = SyntheticScenes.Scene(
            [0, 0, 0.19f, 0, 0, -3, 0, 0, 1], [.. Enumerable.Repeat(-1f, 9)], [2, 2, 2]);
        PinholeCamera camera = SyntheticScenes.LookAt([0, 0, 0], [0, 0, 1]);

        SparsePixelRows rows = RayIndex.Build(scene).PixelRows(camera, [new PixelPosition(48, 35)]);

        Assert.Equal([2], rows.GaussianIndices[..rows.RowStarts[1]]);
        Assert.Equal(1f, rows.Depths[0], 1e-6f);
    }

    [Fact]
    public void Rows_of_a_real_scene_equal_the_rasterizers()
    {
        Random random = new(14);
        GaussianScene scene = GaussianPlyReader.Read(
            Saga.Tests.SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(IncludeColors: false));
        for (int view = 0; view < 4; view++)
        {
            PinholeCamera camera = RandomCamera(random, distance: 3) with { Width = 640, Height = 480 };
            PixelPosition[] pixels = [.. Enumerable.Range(0, 60)
                .Select(_ => new PixelPosition(640 * random.NextSingle(), 480 * random.NextSingle()))];
            AssertEqualsRasterizer(scene, camera, pixels, RayIndex.Build(scene).PixelRows(camera, pixels));
        }
    }

    private static PinholeCamera RandomCamera(Random random, double distance)
    {
        double[] direction = [SyntheticScenes.Signed(random), SyntheticScenes.Signed(random), SyntheticScenes.Signed(random)];
        double norm = Math.Max(0.1, Math.Sqrt(direction.Sum(v => v * v)));
        double[] from = [.. direction.Select(v => v * distance / norm)];
        double[] to = [0.3 * SyntheticScenes.Signed(random), 0.3 * SyntheticScenes.Signed(random), 0.31];
        return SyntheticScenes.LookAt(from, to, fx: 30 + 200 * random.NextDouble(), fy: 30 + 200 * random.NextDouble());
    }

    // The same kernels on the same Gaussians: nothing may differ, so a Gaussian that the bound lost shows at once.
    private static void AssertEqualsRasterizer(
        GaussianScene scene, PinholeCamera camera, PixelPosition[] pixels, SparsePixelRows rows)
    {
        SparsePixelRows drawn = new CpuRasterizer(scene, 1).PixelRows(camera, pixels, CancellationToken.None);
        Assert.Equal(drawn.RowStarts, rows.RowStarts);
        Assert.Equal(drawn.GaussianIndices[..drawn.RowStarts[^1]], rows.GaussianIndices[..rows.RowStarts[^1]]);
        Assert.Equal(drawn.Weights[..drawn.RowStarts[^1]], rows.Weights[..rows.RowStarts[^1]]);
        Assert.Equal(drawn.Alphas, rows.Alphas);
        Assert.Equal(drawn.Depths, rows.Depths);
    }

    private static void AssertRows(GaussianScene scene, PinholeCamera camera, Random random, int pixelCount)
    {
        PixelPosition[] pixels = [.. Enumerable.Range(0, pixelCount)
            .Select(_ => new PixelPosition(camera.Width * random.NextSingle(), camera.Height * random.NextSingle()))];

        SparsePixelRows rows = RayIndex.Build(scene).PixelRows(camera, pixels);

        AssertEqualsRasterizer(scene, camera, pixels, rows);
        for (int p = 0; p < pixelCount; p++)
        {
            List<(int Index, double Weight)> expected = RayReference.SureRow(scene, camera, pixels[p], out bool isWhole);
            int length = rows.RowStarts[p + 1] - rows.RowStarts[p];
            Assert.True(isWhole ? length == expected.Count : length >= expected.Count, $"Pixel {pixels[p]}: {length} for {expected.Count}");
            for (int k = 0; k < expected.Count; k++)
            {
                int found = rows.GaussianIndices[rows.RowStarts[p] + k];
                float weight = rows.Weights[rows.RowStarts[p] + k];
                Assert.True(
                    found == expected[k].Index && Math.Abs(weight - expected[k].Weight) <= WeightTolerance,
                    $"Pixel {pixels[p]} rank {k}: Gaussian {found} with {weight}, not {expected[k]}");
            }
        }
    }
}
