using Saga.Cli.CommandLine;
using Saga.Engine.Cameras;
using Saga.Engine.Scenes.Ply;

namespace Saga.Benchmarks.Scenes;

/// <summary>A scaled scene as files, laid out like the samples.</summary>
internal static class ScaledSceneFolder
{
    /// <summary><c>bench scene FOLDER</c>.</summary>
    public static void Run(string[] args)
    {
        Arguments arguments = Arguments.Parse(args, [], ["gaussians", "sh"], ["FOLDER"]);
        ScaledScene scene = ScaledScene.Create(
            (int)(arguments.Whole("gaussians", 1, 100_000_000) ?? 1_000_000), (int)(arguments.Whole("sh", 0, 3) ?? 0));
        Write(scene, arguments.Positional[0]);
        Console.WriteLine($"{arguments.Positional[0]}: {scene.Gaussians.Count} Gaussians, {scene.Views.Count} views");
    }

    /// <summary>Writes <c>gaussians.ply</c>, <c>cameras.json</c> and <c>masks/</c>.</summary>
    public static void Write(ScaledScene scene, string folder)
    {
        string masks = Path.Combine(folder, "masks");
        Directory.CreateDirectory(masks);
        using (FileStream ply = File.Create(Path.Combine(folder, "gaussians.ply")))
        {
            GaussianPlyWriter.Write(ply, scene.Gaussians);
        }

        using (FileStream cameras = File.Create(Path.Combine(folder, "cameras.json")))
        {
            InriaCameras.Write(cameras, scene.Views);
        }

        foreach (SceneView view in scene.Views)
        {
            File.Copy(
                Path.Combine(ScaledScene.SampleMasks, ScaledScene.SampleName(view.Name) + ".json"),
                Path.Combine(masks, view.Name + ".json"), overwrite: true);
        }
    }
}
