using Saga.Cli.CommandLine;
using Saga.Engine.Cameras;

namespace Saga.Benchmarks.Furniture;

/// <summary>A second labelled scene, from other models than samples/playroom, so that nothing is tuned to one scene.</summary>
internal static class FurnitureScene
{
    private const int DefaultObjects = 9;
    private const int DefaultGaussians = 150_000;

    /// <summary><c>bench furniture FOLDER</c>.</summary>
    public static void Run(string[] args, CancellationToken cancellationToken)
    {
        Arguments arguments = Arguments.Parse(args, [], ["seed", "objects", "gaussians", "library"], ["FOLDER"]);
        string folder = arguments.Positional[0];
        long seed = arguments.Whole("seed", 0, long.MaxValue) ?? 1;
        int objects = (int)(arguments.Whole("objects", 1, 30) ?? DefaultObjects);
        int gaussians = (int)(arguments.Whole("gaussians", 1000, 10_000_000) ?? DefaultGaussians);
        string library = arguments.Text("library") ?? FurnitureLibrary.DebianPath;

        LabeledSurface surface = FurnitureLayout.Place(FurnitureLibrary.Choose(library, objects, seed), seed);
        SceneView[] views = CameraRig.Create();
        SurfaceView[] seen = [.. views.Select(view => SurfaceRenderer.Render(surface, view.Camera))];
        var seenPoints = new SeenPoints([.. views.Select(view => view.Camera)], seen);
        LabeledGaussians sampled = SurfaceSampler.Sample(surface, seenPoints, gaussians, seed);
        int masks = FurnitureFolder.Write(folder, surface, sampled, views, seen, seed, cancellationToken);
        Console.WriteLine(
            $"{folder}: {gaussians} Gaussians, {surface.Parts.Length - 1} parts of {string.Join(", ", surface.Objects[1..])}; "
            + $"{views.Length} views, {masks} masks");
    }
}
