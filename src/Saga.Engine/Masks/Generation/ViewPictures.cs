using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;

namespace Saga.Engine.Masks.Generation;

/// <summary>Makes the pictures that masks are found in: of a view's photo, or of the scene's own rendering where there is none.</summary>
/// <remarks>One picture at a time is held by whoever asks for it; nothing is kept here. Safe to use from several threads.</remarks>
/// <param name="rasterizer">Of the scene, read with colours.</param>
public sealed class ViewPictures(CpuRasterizer rasterizer)
{
    /// <summary>A view's photo with the scene's depth behind it.</summary>
    /// <param name="view">The view.</param>
    /// <param name="photo">The file of its photo, as uploaded: larger or smaller than the view, perhaps distorted.</param>
    /// <param name="usefulSide">The longer side in pixels from which on a larger picture is of no use; a smaller photo keeps its size.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="InvalidImageException">No image, damaged, too large, or of other proportions than its camera.</exception>
    public ViewPicture OfPhoto(SceneView view, byte[] photo, int usefulSide, CancellationToken cancellationToken)
    {
        RgbImage image = ViewPhoto.Decode(photo, view, usefulSide);
        PinholeCamera camera = view.Camera.ResizedTo(image.Width);
        RenderedImage rendering = rasterizer.Render(camera, new RenderOptions { Depth = true, Alpha = true }, cancellationToken);
        return new ViewPicture(image, rendering, camera);
    }

    /// <summary>What the scene itself looks like in a view.</summary>
    /// <param name="view">The view.</param>
    /// <param name="usefulSide">As above; a smaller view keeps its size.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public ViewPicture OfScene(SceneView view, int usefulSide, CancellationToken cancellationToken)
    {
        PinholeCamera camera = ViewPhoto.CameraOf(view, Math.Min(usefulSide, Math.Max(view.Camera.Width, view.Camera.Height)));
        RenderedImage rendering = rasterizer.Render(camera, new RenderOptions { Color = true, Depth = true, Alpha = true }, cancellationToken);
        byte[] pixels = new byte[rendering.Color.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((255 * Math.Clamp(rendering.Color[i], 0f, 1f)) + 0.5f);
        }

        return new ViewPicture(new RgbImage(camera.Width, camera.Height, pixels), rendering, camera);
    }
}
