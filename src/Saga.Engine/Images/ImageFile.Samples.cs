using NetVips;

namespace Saga.Engine.Images;

/// <content>Reading numbers.</content>
public static partial class ImageFile
{
    /// <summary>Reads an 8-bit image whose bytes are numbers, such as those of .sog scenes, exactly as they were stored.</summary>
    /// <param name="file">The whole file: a WebP or a PNG, as the other formats change numbers.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not such an image, damaged, truncated, or too large.</exception>
    public static RgbaSamples DecodeSamples(byte[] file, ImageLimits? limits = null)
    {
        ImageFormat format = FormatOf(file, limits ??= ImageLimits.Default);
        if (format == ImageFormat.Jpeg)
        {
            throw new InvalidImageException("A JPEG changes its numbers; a lossless WebP or a PNG was expected.");
        }

        return Guard(format, () =>
        {
            using Image opened = Open(file, format);
            limits.Check(opened.Width, opened.Height);
            if (opened.Format != Enums.BandFormat.Uchar)
            {
                throw new InvalidImageException($"The image has samples of type {opened.Format}; 8 bits were expected.");
            }

            using Image color = opened.Bands < 3 ? opened.ExtractBand(0).Bandjoin(opened.ExtractBand(0), opened.ExtractBand(0)) : opened.Copy();
            using Image rgba = color.Bands == 3 ? color.Bandjoin(255) : color.Copy();
            return new RgbaSamples(rgba.Width, rgba.Height, rgba.WriteToMemory<byte>());
        });
    }
}
