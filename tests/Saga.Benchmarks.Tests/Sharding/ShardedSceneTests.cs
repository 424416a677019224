using Saga.Benchmarks.Affinity;
using Saga.Benchmarks.Scenes;
using Saga.Benchmarks.Sharding;
using Saga.Benchmarks.Training;
using Saga.Engine.Affinity;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Tests.Sharding;

/// <summary>What docs/scaling.md says of shards: their answers together are the one-node answer, bit for bit.</summary>
public sealed class ShardedSceneTests(ShardedSceneTests.Room room) : IClassFixture<ShardedSceneTests.Room>
{
    private const int Clicks = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Features_blended_from_the_parts_of_all_shards_are_those_of_one_node(int shardCount)
    {
        ShardedScene sharded = ShardedScene.Cut(room.Scene.Gaussians, room.Model, shardCount);
        int crossing = 0;
        foreach ((SceneView view, PixelPosition pixel) in room.Pixels)
        {
            QueryFeature expected = room.Segmenter.FeatureAt(view.Camera, pixel);

            QueryFeature actual = sharded.FeatureAt(view.Camera, pixel);

            Assert.Equal(Bits(expected.Feature), Bits(actual.Feature));
            Assert.Equal(expected.Alpha, actual.Alpha);
            Assert.Equal(expected.Depth, actual.Depth);
            Assert.Equal(expected.SurfaceGaussians, actual.SurfaceGaussians);
            crossing += sharded.Shards.Count(shard => shard.OnRay(view.Camera, pixel).Gaussians.Length > 0) > 1 ? 1 : 0;
        }

        // A ray within one shard proves nothing about merging.
        Assert.True(shardCount == 1 || crossing >= 3, $"{crossing} of {Clicks} rays meet several of {shardCount} shards");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Masks_of_all_shards_together_are_those_of_one_node(int shardCount)
    {
        ShardedScene sharded = ShardedScene.Cut(room.Scene.Gaussians, room.Model, shardCount);
        for (int click = 0; click < Clicks; click++)
        {
            (SceneView view, PixelPosition pixel) = room.Pixels[click];
            double quantile = click / (double)(Clicks - 1);

            // From «everything without a direction too» to almost nothing.
            float threshold = click % 4 == 3 ? -0.2f : 0.5f + 0.15f * (click % 4);
            AssertSame(sharded, new PointPrompt(view.Camera, [new PromptPoint(pixel, Positive: true)], quantile, threshold));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Several_points_of_both_kinds_are_no_exception(int shardCount)
    {
        ShardedScene sharded = ShardedScene.Cut(room.Scene.Gaussians, room.Model, shardCount);
        PinholeCamera camera = room.Pixels[0].View.Camera;
        PixelPosition[] seen =
        [
            .. Enumerable.Range(0, 400)
                .Select(i => new PixelPosition(i % 20 * camera.Width / 20f + 3.3f, i / 20 * camera.Height / 20f + 2.7f))
                .Where(position => room.Rays.PixelRows(camera, [position]).Alphas[0] >= 0.5f).Take(24),
        ];
        Assert.Equal(24, seen.Length);
        for (int first = 0; first < seen.Length; first += 6)
        {
            PromptPoint[] points = [.. seen.Skip(first).Take(6).Select((position, i) => new PromptPoint(position, Positive: i < 3))];
            AssertSame(sharded, new PointPrompt(camera, points, first / 24.0));
        }
    }

    [Fact]
    public void Masks_of_a_trained_model_are_no_exception()
    {
        (ScaledScene scene, AffinityModel model) = TrainedSample.Create(iterations: 20, TestContext.Current.CancellationToken);
        var segmenter = new PromptSegmenter(scene.Gaussians, model);
        ShardedScene sharded = ShardedScene.Cut(scene.Gaussians, model, 7);
        for (int click = 0; click < Clicks; click++)
        {
            (SceneView view, PixelPosition pixel) = room.Pixels[click];
            AssertSame(segmenter, sharded, new PointPrompt(view.Camera, [new PromptPoint(pixel, Positive: true)], click / 11.0));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Gaussians_of_equal_depth_are_blended_in_the_order_of_one_node(int shardCount)
    {
        GaussianScene wall = Wall(side: 40);
        AffinityModel model = SyntheticModel.Create(wall);
        var segmenter = new PromptSegmenter(wall, model);
        ShardedScene sharded = ShardedScene.Cut(wall, model, shardCount);
        CameraPose pose = CameraPose.FromRowMajor([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
        var camera = new PinholeCamera(200, 200, 200, 200, 100, 100, pose);
        foreach (PixelPosition pixel in new PixelPosition[] { new(100, 100), new(61.5f, 140), new(150, 33.25f) })
        {
            QueryFeature expected = segmenter.FeatureAt(camera, pixel);
            Assert.True(expected.SurfaceGaussians.Length > 3, "few Gaussians on the ray show no order");

            Assert.Equal(Bits(expected.Feature), Bits(sharded.FeatureAt(camera, pixel).Feature));
            AssertSame(segmenter, sharded, new PointPrompt(camera, [new PromptPoint(pixel, Positive: true)], 0.3));
        }
    }

    // Facing the camera five units away, wide Gaussians over one another; neighbours in different shards, whatever the number.
    private static GaussianScene Wall(int side)
    {
        int count = side * side;
        float Coordinate(int cell) => (cell - side / 2) * 0.12f;
        float[] means = [.. Enumerable.Range(0, count).SelectMany(i => new[] { Coordinate(i % side), Coordinate(i / side), 5f })];
        int[] order = [.. Enumerable.Range(0, count).Select(i => i * 7919 % count)];
        return new GaussianScene
        {
            Means = [.. order.SelectMany(i => means[(3 * i)..(3 * i + 3)])],
            LogScales = [.. Enumerable.Repeat(-1.5f, 3 * count)],
            Rotations = [.. Enumerable.Repeat<float[]>([1, 0, 0, 0], count).SelectMany(q => q)],
            OpacityLogits = [.. Enumerable.Repeat(-0.5f, count)],
            ShCoefficients = [],
            ShDegree = 0,
            FileIndices = order,
            FileGaussianCount = count,
            Problems = [],
        };
    }

    [Fact]
    public void Shards_cover_the_scene_once_in_order()
    {
        ShardedScene sharded = ShardedScene.Cut(room.Scene.Gaussians, room.Model, 7);

        int next = 0;
        foreach (SceneShard shard in sharded.Shards)
        {
            Assert.Equal(next, shard.First);
            Assert.Equal(0, shard.First % ShardedScene.Granule);
            next += shard.Count;
        }

        Assert.Equal(room.Scene.Gaussians.Count, next);
    }

    [Fact]
    public void Background_is_background_for_shards_too()
    {
        GaussianScene scene = room.Scene.Gaussians;
        ShardedScene sharded = ShardedScene.Cut(scene, room.Model, 7);
        PinholeCamera camera = room.Pixels[0].View.Camera;

        // Away from the scene.
        PinholeCamera away = camera with { Pose = camera.Pose with { Tz = camera.Pose.Tz - 1e4 } };

        Assert.Throws<PromptRefusedException>(() => sharded.FeatureAt(away, new PixelPosition(10, 10)));
    }

    private void AssertSame(ShardedScene sharded, PointPrompt prompt) => AssertSame(room.Segmenter, sharded, prompt);

    private static void AssertSame(PromptSegmenter segmenter, ShardedScene sharded, PointPrompt prompt)
    {
        using GaussianSelection expected = segmenter.Segment(prompt, CancellationToken.None).Selection;

        byte[] actual = sharded.Segment(prompt);

        Assert.True(expected.Bits.Span.SequenceEqual(actual), $"scale {prompt.Quantile}, threshold {prompt.Threshold}");
    }

    private static uint[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToUInt32Bits)];

    /// <summary>The playroom sample, whole, with a model of nested cells.</summary>
    public sealed class Room
    {
        // All of the sample; no multiple of a block.
        private const int Gaussians = 181_800;

        public Room()
        {
            Scene = ScaledScene.Create(Gaussians);
            Model = SyntheticModel.Create(Scene.Gaussians);
            Segmenter = new PromptSegmenter(Scene.Gaussians, Model);
            Rays = RayIndex.Build(Scene.Gaussians);
            Pixels = VisiblePixels.Of(Scene, Clicks);
        }

        internal ScaledScene Scene { get; }

        internal AffinityModel Model { get; }

        internal PromptSegmenter Segmenter { get; }

        internal RayIndex Rays { get; }

        internal List<(SceneView View, PixelPosition Pixel)> Pixels { get; }
    }
}
