using Saga.Engine.Cameras;
using Saga.Engine.Cameras.Lenses;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Persistence.Files;
using Saga.Tests.Onnx;
using Saga.Worker.Masks;

namespace Saga.Worker.Tests.Masks;

public sealed class MadeMasksTests : IDisposable
{
    private static readonly SceneView View = new(
        "a", new PinholeCamera(64, 48, 50, 50, 32, 24, new CameraPose(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3)), "a.png");

    private readonly string _folder = Directory.CreateTempSubdirectory("saga-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_key_is_of_everything_that_decides_the_masks_and_of_nothing_else()
    {
        MadeMasks kept = Keep();
        var lens = new CameraLens(64, 48, 50, 50, 32, 24, new LensDistortion(LensModel.Radial) { K1 = 0.1 });
        string[] keys =
        [
            kept.KeyOf(View, null),
            kept.KeyOf(View, [1]),
            kept.KeyOf(View, [2]),
            kept.KeyOf(View with { Camera = View.Camera with { Fx = 50.000000001 } }, null),
            kept.KeyOf(View with { Camera = View.Camera with { Pose = View.Camera.Pose with { Ty = 1e-9 } } }, null),
            kept.KeyOf(View with { Lens = lens }, [1]),
            kept.KeyOf(View with { Lens = lens with { Distortion = lens.Distortion with { P2 = 1e-9 } } }, [1]),
            Keep(fingerprint: "other").KeyOf(View, null),
            Keep(gaussians: new string('b', 64)).KeyOf(View, null),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], Keep().KeyOf(View with { Name = "b", ImageFileName = "b.png" }, null));
    }

    [Fact]
    public async Task Kept_masks_come_back_and_may_be_none()
    {
        MadeMasks kept = Keep();
        byte[] pixels = new byte[64 * 48];
        pixels.AsSpan(100, 20).Fill(1);
        string key = kept.KeyOf(View, null);
        string none = kept.KeyOf(View, [1]);

        Assert.Null(await kept.FindAsync(key, View, default));
        await kept.KeepAsync(key, [BinaryMask.FromPixels(64, 48, pixels)], default);
        await kept.KeepAsync(key, [BinaryMask.FromPixels(64, 48, pixels)], default);
        await kept.KeepAsync(none, [], default);

        Assert.Equal(20, Assert.Single((await kept.FindAsync(key, View, default))!.Masks).Area);
        Assert.Empty((await kept.FindAsync(none, View, default))!.Masks);
    }

    [Fact]
    public async Task Only_what_the_same_generator_made_and_nobody_uses_is_removed()
    {
        MadeMasks kept = Keep();
        MadeMasks other = Keep(fingerprint: "other");
        string used = kept.KeyOf(View, null);
        string unused = kept.KeyOf(View, [1]);
        string others = other.KeyOf(View, null);
        foreach (string key in new[] { used, unused, others })
        {
            await kept.KeepAsync(key, [], default);
        }

        await kept.RemoveAllButAsync([used], default);

        Assert.NotNull(await kept.FindAsync(used, View, default));
        Assert.Null(await kept.FindAsync(unused, View, default));
        Assert.NotNull(await other.FindAsync(others, View, default));
    }

    [Fact]
    public void Without_a_model_SAM_is_refused_and_auto_takes_the_built_in_generator()
    {
        var builtin = new MaskGeneratorSource("builtin", 1, _ => throw new InvalidOperationException());
        var bare = new MaskGenerators(builtin, () => null);

        Assert.False(bare.HasSam);
        Assert.Equal("model-missing", Assert.Throws<JobFailedException>(() => bare.Choose("sam")).Failure.Code);
        Assert.Same(builtin, bare.Choose("auto"));
        Assert.Same(builtin, bare.Choose("builtin"));
        var sam = new MaskGeneratorSource("sam", 1, _ => throw new InvalidOperationException());
        Assert.Same(sam, new MaskGenerators(builtin, () => sam).Choose("auto"));
        Assert.Same(builtin, new MaskGenerators(builtin, () => sam).Choose("builtin"));
    }

    [Fact]
    public void A_SAM_that_is_installed_while_the_worker_runs_is_found_and_makes_masks()
    {
        string models = Path.Combine(_folder, "models");
        var generators = MaskGenerators.Installed(new SagaWorkerOptions { ModelsDirectory = models, MaxThreads = 1 });
        Assert.Equal("builtin", generators.Choose("auto").Name);

        ColorSam.Install(models);

        Assert.True(generators.HasSam);
        MaskGeneratorSource source = generators.Choose("auto");
        Assert.Equal(("sam", 1), (source.Name, source.Parallelism));
        using IMaskGenerator generator = source.Open(default);
        Assert.Equal(generators.Choose("sam").Open(default).Fingerprint, generator.Fingerprint);
        Assert.NotEqual(generators.Choose("builtin").Open(default).Fingerprint, generator.Fingerprint);
    }

    private MadeMasks Keep(string fingerprint = "bands-1", string? gaussians = null) =>
        new(new FileStore(_folder), Guid.Empty, gaussians ?? new string('a', 64), fingerprint);
}
