using Saga.Engine.Cameras;

namespace Saga.Engine.Images;

/// <summary>Brings a photo to the size of its view's camera and straightens it, bilinearly.</summary>
/// <remarks>
/// The middle of target pixel (i, j) looks in the direction ((u - cx)/fx, (v - cy)/fy) of the view's camera, which the lens shows
/// at some place of the photo. Positions are computed in double precision, row by row, so nothing is kept between photos. Meant
/// for sizes that hardly differ: a photo is shrunk while it is decoded.
/// </remarks>
internal static class Resampling
{
    /// <summary>Resamples.</summary>
    /// <param name="photo">Upright, in the proportions of the view, at any resolution.</param>
    /// <param name="view">The view.</param>
    /// <param name="width">Pixels across of the result.</param>
    /// <param name="height">Pixels down of the result.</param>
    public static RgbImage ToCamera(RgbImage photo, SceneView view, int width, int height)
    {
        if (view.Lens is null && photo.Width == width && photo.Height == height)
        {
            return photo;
        }

        byte[] pixels = new byte[3 * width * height];
        Parallel.For(0, height, row =>
        {
            Span<byte> target = pixels.AsSpan(3 * width * row, 3 * width);
            for (int column = 0; column < width; column++)
            {
                (double u, double v) = PositionIn(view, (column + 0.5) / width, (row + 0.5) / height);
                Sample(photo, u * photo.Width - 0.5, v * photo.Height - 0.5, target.Slice(3 * column, 3));
            }
        });
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Where the photo shows what the view's straight picture shows at a place, both as parts of width and height.</summary>
    internal static (double U, double V) PositionIn(SceneView view, double u, double v)
    {
        if (view.Lens is not { } lens)
        {
            return (u, v);
        }

        PinholeCamera camera = view.Camera;
        (double photoU, double photoV) = lens.Project((u * camera.Width - camera.Cx) / camera.Fx, (v * camera.Height - camera.Cy) / camera.Fy);
        return (photoU / lens.Width, photoV / lens.Height);
    }

    /// <summary>Blends the four pixels around a position; beyond the border the border goes on.</summary>
    private static void Sample(RgbImage photo, double x, double y, Span<byte> target)
    {
        x = Math.Clamp(x, 0, photo.Width - 1);
        y = Math.Clamp(y, 0, photo.Height - 1);
        int left = (int)x;
        int top = (int)y;
        float right = (float)(x - left);
        float down = (float)(y - top);
        int stepRight = left + 1 < photo.Width ? 3 : 0;
        int stepDown = top + 1 < photo.Height ? 3 * photo.Width : 0;
        int from = 3 * (top * photo.Width + left);
        byte[] p = photo.Pixels;
        for (int channel = 0; channel < 3; channel++, from++)
        {
            float above = p[from] + (p[from + stepRight] - p[from]) * right;
            float below = p[from + stepDown] + (p[from + stepDown + stepRight] - p[from + stepDown]) * right;
            target[channel] = (byte)(above + (below - above) * down + 0.5f);
        }
    }
}
