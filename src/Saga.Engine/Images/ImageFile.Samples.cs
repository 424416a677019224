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

            if (opened.Bands is not (3 or 4))
            {
                throw new InvalidImageException($"The image has {opened.Bands} channels; 3 or 4 were expected.");
            }

            using Image rgba = opened.Bands == 3 ? opened.Bandjoin(255) : opened.Copy();
            return new RgbaSamples(rgba.Width, rgba.Height, rgba.WriteToMemory<byte>());
        });
    }
}
