using System.Diagnostics;
using Saga.Cli.Service;
using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Masks;
using Saga.Engine.Masks.Generation;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Cli.Evaluation;

/// <summary>The masks that a generator finds in the photos of a scene's folder.</summary>
/// <param name="Set">One entry a view, in the views' order.</param>
/// <param name="MedianSeconds">Wall-clock of one view, rendering aside.</param>
public sealed record GeneratedMasks(MaskSet Set, double MedianSeconds)
{
    /// <summary>Generates, a view at a time. A view without a photo shows what the scene itself looks like.</summary>
    /// <param name="files">Where the photos are.</param>
    /// <param name="gaussians">The scene, with colours if a view has no photo.</param>
    /// <param name="views">Its views.</param>
    /// <param name="generator">Whose masks.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="InvalidDataException">A photo is not of its camera's size.</exception>
    public static GeneratedMasks Run(
        SceneFolder files, GaussianScene gaussians, IReadOnlyList<SceneView> views, IMaskGenerator generator,
        CancellationToken cancellationToken)
    {
        var rasterizer = new CpuRasterizer(gaussians);
        var masks = new List<ViewMasks>(views.Count);
        var seconds = new List<double>(views.Count);
        foreach (SceneView view in views)
        {
            string? path = files.PhotoOf(view.Name);
            var options = new RenderOptions { Depth = true, Alpha = true, Color = path is null };
            RenderedImage rendering = rasterizer.Render(view.Camera, options, cancellationToken);
            RgbImage photo = path is null ? ColorMaps.Color(rendering) : ImageFile.Decode(File.ReadAllBytes(path));
            if ((photo.Width, photo.Height) != (view.Camera.Width, view.Camera.Height))
            {
                throw new InvalidDataException(
                    $"images/{Path.GetFileName(path)} is {photo.Width}×{photo.Height} pixels, but its camera is "
                    + $"{view.Camera.Width}×{view.Camera.Height}; the evaluation does not resize photos.");
            }

            long start = Stopwatch.GetTimestamp();
            masks.Add(new ViewMasks(view.Name, generator.Generate(new ViewPicture(photo, rendering, view.Camera), cancellationToken)));
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        seconds.Sort();
        return new GeneratedMasks(new MaskSet(masks, []), seconds.Count == 0 ? 0 : seconds[seconds.Count / 2]);
    }
}
