using System.Numerics;
using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Orbit;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Scenes.Ply;
using Saga.Engine.Tests.Rasterization;
using Saga.Tests;

namespace Saga.Engine.Tests.Cameras.Orbit;

public sealed class OrbitRigTests
{
    [Theory]
    [InlineData("flowers_93k.ply")]
    [InlineData("guitar_91k.ply")]
    public void A_capture_without_cameras_is_seen_upright_from_all_around(string file)
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Require("data", "captures", file), new GaussianReadOptions(IncludeColors: false));
        var rasterizer = new CpuRasterizer(scene);

        IReadOnlyList<SceneView> views = OrbitRig.Create(scene, rasterizer, TestContext.Current.CancellationToken);

        Assert.Equal(OrbitRig.ViewCount, views.Count);
        foreach (SceneView view in views)
        {
            // These captures have up along -y, so down in the picture is +y.
            Assert.InRange(view.Camera.Pose.R11, 0.5, 1);
            (double covered, double inside) = Seen(rasterizer, view.Camera);
            Assert.InRange(covered, 0.03, 0.9);
            Assert.InRange(inside, 0.9, 1);
        }
    }

    [Fact]
    public void The_sample_is_seen_upright_as_it_is_and_turned_so_that_z_is_up()
    {
        GaussianScene scene = GaussianPlyReader.Read(SharedData.Playroom("gaussians.ply"), new GaussianReadOptions(IncludeColors: false));
        GaussianScene turned = Turned(scene);

        Assert.Equal(Vector3.UnitY, UpDirection.Guess(scene, SceneFocus.Of(scene)));
        Assert.Equal(Vector3.UnitZ, UpDirection.Guess(turned, SceneFocus.Of(turned)));
    }

    [Fact]
    public void Floaters_far_away_move_neither_the_centre_nor_the_radius()
    {
        GaussianScene clean = Cloud(3000, floaters: 0);
        GaussianScene dirty = Cloud(3000, floaters: 90);

        SceneFocus expected = SceneFocus.Of(clean);
        SceneFocus focus = SceneFocus.Of(dirty);

        Assert.InRange(Vector3.Distance(expected.Center, focus.Center), 0, 0.1f * expected.Radius);
        Assert.InRange(focus.Radius, 0.7f * expected.Radius, 1.3f * expected.Radius);
        Assert.InRange(expected.Radius, 0.8f, 1.8f);
    }

    [Fact]
    public void No_camera_stands_outside_the_room_that_it_looks_into()
    {
        const float half = 3;
        GaussianScene room = Room(half);
        IReadOnlyList<SceneView> views = OrbitRig.Create(room, new CpuRasterizer(room), TestContext.Current.CancellationToken);

        Assert.InRange(views.Count, 16, OrbitRig.ViewCount);
        int inside = views.Count(view =>
        {
            (double x, double y, double z) = view.Camera.Pose.Center;
            return Math.Max(Math.Abs(x), Math.Max(Math.Abs(y), Math.Abs(z))) < half;
        });
        Assert.Equal(views.Count, inside);
    }

    [Fact]
    public void Views_are_named_in_order_valid_and_the_same_every_time_on_any_number_of_threads()
    {
        GaussianScene scene = Cloud(500, floaters: 5);

        IReadOnlyList<SceneView> views = OrbitRig.Create(scene, new CpuRasterizer(scene, 1), TestContext.Current.CancellationToken);
        IReadOnlyList<SceneView> again = OrbitRig.Create(scene, new CpuRasterizer(scene, 3), TestContext.Current.CancellationToken);

        Assert.Equal(views, again);
        Assert.Equal("orbit_000", views[0].Name);
        Assert.Equal(views.Select(v => v.Name).Order(StringComparer.Ordinal), views.Select(v => v.Name));
        foreach (SceneView view in views)
        {
            view.Camera.Validate();
            Assert.Null(view.Lens);
            Assert.Equal((OrbitRig.Width, OrbitRig.Height), (view.Camera.Width, view.Camera.Height));
        }
    }

    [Fact]
    public void Views_survive_the_way_through_a_camera_file()
    {
        GaussianScene scene = Cloud(500, floaters: 5);
        IReadOnlyList<SceneView> views = OrbitRig.Create(scene, new CpuRasterizer(scene), TestContext.Current.CancellationToken);
        string path = Path.GetTempFileName();
        try
        {
            using (FileStream file = File.Create(path))
            {
                InriaCameras.Write(file, views);
            }

            IReadOnlyList<SceneView> read = CameraFile.Read(path, "orbit.json");

            Assert.Equal(views.Select(v => (v.Name, v.ImageFileName)), read.Select(v => (v.Name, v.ImageFileName)));
            Assert.All(views.Zip(read), pair => Assert.Equal(pair.First.Camera.Pose.Tz, pair.Second.Camera.Pose.Tz, 1e-5));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_scene_of_a_point_has_views_too(int count)
    {
        GaussianScene scene = TestScenes.Create(
            [.. Enumerable.Repeat(2f, 3 * count)], [.. Enumerable.Repeat(-2f, 3 * count)],
            [.. Enumerable.Range(0, 4 * count).Select(i => i % 4 == 0 ? 1f : 0f)], [.. Enumerable.Repeat(3f, count)]);

        IReadOnlyList<SceneView> views = OrbitRig.Create(scene, new CpuRasterizer(scene), TestContext.Current.CancellationToken);

        Assert.NotEmpty(views);
        Assert.All(views, view => view.Camera.Validate());
    }

    [Fact]
    public void A_scene_far_from_the_origin_and_a_huge_one_have_valid_views()
    {
        foreach ((float offset, float size) in new[] { (1e5f, 1f), (0f, 1e6f), (0f, 1e-4f) })
        {
            GaussianScene cloud = Cloud(400, floaters: 0);
            GaussianScene scene = TestScenes.Create(
                [.. cloud.Means.Select(m => (m * size) + offset)], [.. cloud.LogScales.Select(s => s + MathF.Log(size))],
                cloud.Rotations, cloud.OpacityLogits);

            IReadOnlyList<SceneView> views = OrbitRig.Create(scene, new CpuRasterizer(scene), TestContext.Current.CancellationToken);

            Assert.All(views, view => view.Camera.Validate());
        }
    }

    [Fact]
    public void A_scene_without_a_usable_Gaussian_is_refused()
    {
        GaussianScene empty = TestScenes.Create([], [], [], []);

        Assert.Throws<InvalidSceneException>(() => SceneFocus.Of(empty));
    }

    [Fact]
    public void Cancelling_stops_the_making()
    {
        GaussianScene scene = Cloud(100, floaters: 0);

        Assert.ThrowsAny<OperationCanceledException>(
            () => OrbitRig.Create(scene, new CpuRasterizer(scene), new CancellationToken(canceled: true)));
    }

    /// <summary>Share of the picture that shows a surface, and how much of the surface lies off the picture's border.</summary>
    private static (double Covered, double Inside) Seen(CpuRasterizer rasterizer, PinholeCamera camera)
    {
        RenderedImage image = rasterizer.Render(camera.ResizedTo(160), new RenderOptions { Depth = true }, TestContext.Current.CancellationToken);
        int covered = image.Depth.Count(depth => depth > 0);
        int border = Enumerable.Range(0, image.Depth.Length).Count(i =>
            image.Depth[i] > 0 && (i % image.Width is 0 or 159 || i / image.Width is 0 || i / image.Width == image.Height - 1));
        return ((double)covered / image.Depth.Length, 1 - (double)border / covered);
    }

    private static GaussianScene Turned(GaussianScene scene)
    {
        // +y to +z: a quarter turn about x.
        Quaternion turn = Quaternion.CreateFromAxisAngle(Vector3.UnitX, MathF.PI / 2);
        float[] means = new float[scene.Means.Length];
        float[] rotations = new float[scene.Rotations.Length];
        for (int i = 0; i < scene.Count; i++)
        {
            Vector3.Transform(new Vector3(scene.Means.AsSpan(3 * i, 3)), turn).CopyTo(means.AsSpan(3 * i, 3));
            ReadOnlySpan<float> q = scene.Rotations.AsSpan(4 * i, 4);
            Quaternion rotated = turn * new Quaternion(q[1], q[2], q[3], q[0]);
            (rotations[4 * i], rotations[(4 * i) + 1], rotations[(4 * i) + 2], rotations[(4 * i) + 3]) = (rotated.W, rotated.X, rotated.Y, rotated.Z);
        }

        return TestScenes.Create(means, scene.LogScales, rotations, scene.OpacityLogits);
    }

    /// <summary>A ball of radius 1 around (1, 2, 3), and floaters up to a hundred away, large and half transparent.</summary>
    private static GaussianScene Cloud(int count, int floaters)
    {
        Random random = new(7);
        var means = new List<float>();
        var scales = new List<float>();
        var logits = new List<float>();
        for (int i = 0; i < count + floaters; i++)
        {
            Vector3 direction = Direction(random);
            Vector3 mean = new Vector3(1, 2, 3) + direction * (i < count ? MathF.Cbrt(random.NextSingle()) : 5 + (95 * random.NextSingle()));
            means.AddRange([mean.X, mean.Y, mean.Z]);
            scales.AddRange(Enumerable.Repeat(i < count ? -3f : 0f, 3));
            logits.Add(i < count ? 3 : -0.5f);
        }

        return TestScenes.Create(
            [.. means], [.. scales], [.. Enumerable.Range(0, 4 * logits.Count).Select(i => i % 4 == 0 ? 1f : 0f)], [.. logits]);
    }

    /// <summary>A closed box of opaque walls with a dense ball in its middle.</summary>
    private static GaussianScene Room(float half)
    {
        Random random = new(9);
        var means = new List<float>();
        var scales = new List<float>();
        for (int i = 0; i < 9000; i++)
        {
            bool isWall = i < 3000;
            Vector3 mean = isWall
                ? half * new Vector3((2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1, (2 * random.NextSingle()) - 1)
                : 0.5f * Direction(random);
            if (isWall)
            {
                mean[i % 3] = i / 3 % 2 == 0 ? half : -half;
            }

            means.AddRange([mean.X, mean.Y, mean.Z]);
            scales.AddRange(Enumerable.Repeat(MathF.Log(isWall ? 0.15f : 0.03f), 3));
        }

        int count = means.Count / 3;
        return TestScenes.Create(
            [.. means], [.. scales], [.. Enumerable.Range(0, 4 * count).Select(i => i % 4 == 0 ? 1f : 0f)],
            [.. Enumerable.Repeat(5f, count)]);
    }

    private static Vector3 Direction(Random random)
    {
        float z = (2 * random.NextSingle()) - 1;
        (float sin, float cos) = MathF.SinCos(2 * MathF.PI * random.NextSingle());
        return new Vector3(MathF.Sqrt(1 - (z * z)) * cos, MathF.Sqrt(1 - (z * z)) * sin, z);
    }
}
