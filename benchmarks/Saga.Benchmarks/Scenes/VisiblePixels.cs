using Saga.Engine.Cameras;
using Saga.Engine.Numerics;
using Saga.Engine.Rasterization;
using Saga.Engine.Segmentation;

namespace Saga.Benchmarks.Scenes;

/// <summary>Pixels that show the scene and not the background, where a click is answered.</summary>
internal static class VisiblePixels
{
    private const int Purpose = 121;
    private const float MinAlpha = 0.9f;

    /// <summary>Draws pixels in views drawn at random.</summary>
    public static List<(SceneView View, PixelPosition Pixel)> Of(ScaledScene scene, int count)
    {
        RayIndex rays = RayIndex.Build(scene.Gaussians);
        var random = new CounterRandom(0, Purpose, 0);
        var found = new List<(SceneView, PixelPosition)>();
        while (found.Count < count)
        {
            SceneView view = scene.Views[random.Next(scene.Views.Count)];
            var pixel = new PixelPosition(random.Next(view.Camera.Width) + 0.5f, random.Next(view.Camera.Height) + 0.5f);
            if (rays.PixelRows(view.Camera, [pixel]).Alphas[0] >= MinAlpha)
            {
                found.Add((view, pixel));
            }
        }

        return found;
    }
}
