using System.Security.Cryptography;
using Saga.Benchmarks.Furniture;
using Saga.Cli.Evaluation;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes.Ply;

namespace Saga.Benchmarks.Tests.Furniture;

public sealed class FurnitureSceneTests
{
    private const int Gaussians = 20_000;

    [Fact]
    public void A_labelled_scene_is_written_and_the_same_one_again()
    {
        using var toys = new ToyLibrary();

        Dictionary<string, string> first = Generate(toys, "first");
        Dictionary<string, string> second = Generate(toys, "second");
        var scene = LabeledScene.Load(toys.Subfolder("first"));

        Assert.Equal(3 * 60 + 4, first.Count);
        Assert.Equal(first, second);
        Assert.Equal(Gaussians, GaussianPlyReader.Read(Path.Combine(toys.Subfolder("first"), "gaussians.ply")).Count);
        Assert.Equal(Gaussians, scene.GaussianCount);
        Assert.Equal(4, scene.Objects.Count);
        Assert.Equal(60, scene.Views.Count);
        Assert.Equal(Gaussians / 100, scene.PartOfGaussian.Count(part => part == LabeledScene.None));
    }

    /// <summary>
    /// In every block of pixels that shows one part only, the nearest Gaussian that projects there is of that part. Not in all:
    /// where surfaces graze the view, a block may hold none of its own Gaussians.
    /// </summary>
    [Fact]
    public void Labels_of_Gaussians_agree_with_the_truth_maps()
    {
        const int block = 16;
        const double smallestAgreement = 0.97;
        using var toys = new ToyLibrary();
        LabeledSurface surface = FurnitureLayout.Place(FurnitureLibrary.Choose(toys.Path, 3, seed: 5), seed: 5);
        SceneView[] views = CameraRig.Create();
        SurfaceView[] seen = [.. views.Select(view => SurfaceRenderer.Render(surface, view.Camera))];
        LabeledGaussians gaussians = SurfaceSampler.Sample(
            surface, new SeenPoints([.. views.Select(view => view.Camera)], seen), Gaussians, seed: 5);
        int blocks = 0;
        int agreeing = 0;
        for (int i = 0; i < views.Length; i += 10)
        {
            PinholeCamera camera = views[i].Camera;
            ushort[] truth = seen[i].Parts;
            Dictionary<(int X, int Y), (double Depth, ushort Part)> nearest = NearestByBlock(gaussians, camera, block);
            foreach (((int x, int y), (_, ushort part)) in nearest)
            {
                if (UniformPart(truth, camera.Width, x * block, y * block, block) is { } shown)
                {
                    blocks++;
                    agreeing += shown == part ? 1 : 0;
                }
            }
        }

        Assert.True(blocks > 1000, $"only {blocks} blocks show one part");
        Assert.True(agreeing >= smallestAgreement * blocks, $"{agreeing} of {blocks} blocks agree");
    }

    private static Dictionary<string, string> Generate(ToyLibrary toys, string name)
    {
        string folder = toys.Subfolder(name);
        FurnitureScene.Run(
            [folder, "--library", toys.Path, "--objects", "3", "--gaussians", $"{Gaussians}", "--seed", "5"],
            TestContext.Current.CancellationToken);
        return Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(path => Path.GetRelativePath(folder, path), path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
    }

    private static Dictionary<(int X, int Y), (double Depth, ushort Part)> NearestByBlock(
        LabeledGaussians gaussians, PinholeCamera camera, int block)
    {
        var nearest = new Dictionary<(int X, int Y), (double Depth, ushort Part)>();
        float[] means = gaussians.Scene.Means;
        for (int i = 0; i < gaussians.Parts.Length; i++)
        {
            (double x, double y, double z) = camera.Pose.Transform(means[3 * i], means[3 * i + 1], means[3 * i + 2]);
            double column = camera.Fx * x / z + camera.Cx;
            double row = camera.Fy * y / z + camera.Cy;
            bool isInside = column >= 0 && column < camera.Width && row >= 0 && row < camera.Height;
            if (isInside && gaussians.Parts[i] != LabeledScene.None)
            {
                (int X, int Y) key = ((int)column / block, (int)row / block);
                if (!nearest.TryGetValue(key, out (double Depth, ushort Part) best) || z < best.Depth)
                {
                    nearest[key] = (z, gaussians.Parts[i]);
                }
            }
        }

        return nearest;
    }

    private static ushort? UniformPart(ushort[] truth, int width, int left, int top, int block)
    {
        ushort first = truth[top * width + left];
        for (int y = top; y < top + block; y++)
        {
            if (truth.AsSpan(y * width + left, block).ContainsAnyExcept(first))
            {
                return null;
            }
        }

        return first == LabeledScene.None ? null : first;
    }
}
