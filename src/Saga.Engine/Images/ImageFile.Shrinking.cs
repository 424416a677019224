using NetVips;

namespace Saga.Engine.Images;

/// <content>Reading at a smaller size.</content>
public static partial class ImageFile
{
    /// <summary>JPEG decoders skip detail up to this factor, in powers of two, almost for free.</summary>
    private const int MaxFreeShrink = 8;

    /// <summary>Decodes a photo like <see cref="Decode(byte[], ImageLimits?)"/>, made smaller so that it fits into a square.</summary>
    /// <remarks>
    /// A JPEG or WebP is shrunk while it is decoded, so a photo of many megapixels costs neither their time nor their memory.
    /// </remarks>
    /// <param name="file">The whole file.</param>
    /// <param name="maxSide">Longest side of the result in pixels, 1 or more. A photo that is smaller keeps its size.</param>
    /// <param name="limits">Limits for the photo as it is stored, or <see cref="ImageLimits.Default"/>.</param>
    /// <returns>The photo upright, in its proportions; each side has at least one pixel.</returns>
    /// <exception cref="InvalidImageException">Not an image of a known format, damaged, truncated, or too large.</exception>
    public static RgbImage DecodeShrunk(byte[] file, int maxSide, ImageLimits? limits = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSide, 1);
        ImageFormat format = FormatOf(file, limits ??= ImageLimits.Default);
        return Guard(format, () =>
        {
            double factor;
            using (Image header = Open(file, format))
            {
                limits.Check(header.Width, header.Height);

                // A decoder leaves nothing of a side that is shorter than its factor.
                factor = Math.Min(Math.Max(header.Width, header.Height) / (double)maxSide, Math.Min(header.Width, header.Height));
            }

            using Image opened = OpenShrunk(file, format, factor);
            using Image upright = opened.Autorot();
            using Image fitting = upright.ThumbnailImage(maxSide, maxSide, size: Enums.Size.Down);
            return ToRgb(fitting);
        });
    }

    /// <summary>Opens an image at a size that is still at least what remains after shrinking by the factor.</summary>
    private static Image OpenShrunk(byte[] file, ImageFormat format, double factor)
    {
        int whole = 1;
        while (whole < MaxFreeShrink && 2 * whole <= factor)
        {
            whole *= 2;
        }

        return format switch
        {
            ImageFormat.Jpeg => Image.JpegloadBuffer(file, shrink: whole, failOn: Enums.FailOn.Truncated),
            ImageFormat.WebP => Image.WebploadBuffer(file, scale: 1.0 / whole, failOn: Enums.FailOn.Truncated),
            _ => Open(file, format),
        };
    }
}
