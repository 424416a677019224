using Saga.Engine.Cameras;

namespace Saga.Engine.Images;

/// <summary>Reads the photo of a view as the view's camera sees it: upright, straightened, in the camera's proportions.</summary>
public static class ViewPhoto
{
    // Resizing rounds a side by a pixel; a photo that was cut or turned is off by far more.
    private const double MaxAspectError = 0.03;
    private const int RoundingPixels = 1;

    /// <summary>
    /// Decodes a photo. It may be larger or smaller than its view; the result has the photo's own resolution where
    /// <paramref name="maxSide"/> allows it.
    /// </summary>
    /// <param name="file">The whole file: JPEG, PNG or WebP.</param>
    /// <param name="view">The view that it belongs to.</param>
    /// <param name="maxSide">Longest side of the result in pixels, 1 or more; larger photos are shrunk while they are decoded.</param>
    /// <param name="limits">Limits for the photo as it is stored, or <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The photo, of the size of the view's camera resized to its width.</returns>
    /// <exception cref="InvalidImageException">No image, damaged, too large, or not of the proportions of its camera.</exception>
    public static RgbImage Decode(byte[] file, SceneView view, int maxSide, ImageLimits? limits = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSide, 1);
        ImageInfo info = ImageFile.Inspect(file, limits);
        CheckShape(info, view);
        PinholeCamera camera = CameraOf(view, Math.Min(maxSide, Math.Max(info.Width, info.Height)));
        return Resampling.ToCamera(ImageFile.DecodeShrunk(file, maxSide, limits), view, camera.Width, camera.Height);
    }

    /// <summary>The view's camera looking through a picture whose longer side has so many pixels.</summary>
    /// <param name="view">The view.</param>
    /// <param name="longerSide">1..<see cref="PinholeCamera.MaxSide"/>.</param>
    public static PinholeCamera CameraOf(SceneView view, int longerSide)
    {
        PinholeCamera camera = view.Camera;
        int longer = Math.Max(camera.Width, camera.Height);
        return camera.ResizedTo(Math.Max(1, (int)Math.Round((double)camera.Width * longerSide / longer)));
    }

    /// <summary>Whether a photo has the proportions of its camera, up to rounding.</summary>
    /// <param name="info">The photo's size, upright.</param>
    /// <param name="view">The view that it belongs to.</param>
    public static bool Fits(ImageInfo info, SceneView view)
    {
        PinholeCamera camera = view.Camera;
        double expectedHeight = (double)camera.Height * info.Width / camera.Width;
        double expectedWidth = (double)camera.Width * info.Height / camera.Height;
        return Math.Abs(info.Height - expectedHeight) <= RoundingPixels + MaxAspectError * expectedHeight
            || Math.Abs(info.Width - expectedWidth) <= RoundingPixels + MaxAspectError * expectedWidth;
    }

    /// <summary>Refuses a photo whose proportions are not those of its camera.</summary>
    /// <param name="info">The photo's size, upright.</param>
    /// <param name="view">The view that it belongs to.</param>
    /// <exception cref="InvalidImageException">Says both sizes.</exception>
    public static void CheckShape(ImageInfo info, SceneView view)
    {
        if (!Fits(info, view))
        {
            throw new InvalidImageException(
                $"The photo is {info.Width}×{info.Height} pixels (width × height) and its camera {view.Camera.Width}×{view.Camera.Height}: another "
                + "resolution is fine, another shape is not. Was the photo cut or turned?");
        }
    }
}
