using NetVips;
using Vips = NetVips.NetVips;

namespace Saga.Engine.Images;

/// <summary>Reads and writes JPEG, PNG and WebP files held in memory.</summary>
/// <remarks>
/// The format is told from the first bytes and decoded by libvips' loader of exactly that format, so a file never reaches
/// one of its other loaders. Sizes are checked on the header.
/// </remarks>
public static partial class ImageFile
{
    private const string ProfileField = "icc-profile-data";

    static ImageFile()
    {
        // Nothing is decoded twice here: libvips' operation cache would only keep photos alive.
        Cache.Max = 0;
        Vips.BlockUntrusted = true;

        // What is wrong with a file stands in the exception; libvips would also write it to the process's error output, as often and
        // with what words the file likes.
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.AllButRecursion, (_, _, _) => { });
    }

    /// <summary>Reads the header of an image.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not an image of a known format, damaged, or too large.</exception>
    public static ImageInfo Inspect(byte[] file, ImageLimits? limits = null)
    {
        ImageFormat format = FormatOf(file, limits ??= ImageLimits.Default);
        return Guard(format, () =>
        {
            using Image image = Open(file, format);
            limits.Check(image.Width, image.Height);
            return IsTurned(image)
                ? new ImageInfo(format, image.Height, image.Width)
                : new ImageInfo(format, image.Width, image.Height);
        });
    }

    /// <summary>Decodes a photo to 8-bit sRGB, upright, transparent parts over black.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not an image of a known format, damaged, truncated, or too large.</exception>
    public static RgbImage Decode(byte[] file, ImageLimits? limits = null)
    {
        ImageFormat format = FormatOf(file, limits ??= ImageLimits.Default);
        return Guard(format, () =>
        {
            using Image opened = Open(file, format);
            limits.Check(opened.Width, opened.Height);
            using Image upright = opened.Autorot();
            return ToRgb(upright);
        });
    }

    /// <summary>Decodes a photo from a stream; see <see cref="Decode(byte[], ImageLimits?)"/>.</summary>
    /// <param name="stream">Read to its end, or until it exceeds the limits.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not an image of a known format, damaged, truncated, or too large.</exception>
    public static RgbImage Decode(Stream stream, ImageLimits? limits = null) =>
        Decode(ReadAll(stream, limits ?? ImageLimits.Default), limits);

    /// <summary>
    /// Reads a PNG label map: grey of 1 to 16 bits (the label is the grey value) or a palette (the label is the palette index).
    /// </summary>
    /// <param name="file">The whole file.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not such a PNG, damaged, truncated, or too large.</exception>
    public static LabelMap DecodeLabels(byte[] file, ImageLimits? limits = null)
    {
        limits ??= ImageLimits.Default;
        return FormatOf(file, limits) == ImageFormat.Png
            ? PngLabelReader.Read(file, limits)
            : throw new InvalidImageException("A label map must be a PNG: the other formats change its numbers.");
    }

    /// <summary>Reads a PNG label map from a stream; see <see cref="DecodeLabels(byte[], ImageLimits?)"/>.</summary>
    /// <param name="stream">Read to its end, or until it exceeds the limits.</param>
    /// <param name="limits">Limits, or <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidImageException">Not such a PNG, damaged, truncated, or too large.</exception>
    public static LabelMap DecodeLabels(Stream stream, ImageLimits? limits = null) =>
        DecodeLabels(ReadAll(stream, limits ?? ImageLimits.Default), limits);

    private static ImageFormat FormatOf(ReadOnlySpan<byte> file, ImageLimits limits)
    {
        if (file.Length > limits.MaxFileBytes)
        {
            throw new InvalidImageException($"The file has {file.Length} bytes; at most {limits.MaxFileBytes} are accepted.");
        }

        return file switch
        {
            [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
            [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                ImageFormat.WebP,
            [] => throw new InvalidImageException("The file is empty; a JPEG, PNG or WebP image was expected."),
            _ => throw new InvalidImageException("The file does not begin as a JPEG, PNG or WebP image does; convert it to one."),
        };
    }

    private static Image Open(byte[] file, ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => Image.JpegloadBuffer(file, failOn: Enums.FailOn.Truncated),
        ImageFormat.Png => Image.PngloadBuffer(file, failOn: Enums.FailOn.Truncated),
        _ => Image.WebploadBuffer(file, failOn: Enums.FailOn.Truncated),
    };

    /// <summary>Computes the pixels of an upright image.</summary>
    private static RgbImage ToRgb(Image upright)
    {
        using Image srgb = ToSrgb(upright);
        using Image opaque = srgb.HasAlpha() ? srgb.Flatten() : srgb.Copy();
        using Image bytes = opaque.Cast(Enums.BandFormat.Uchar);
        using Image rgb = bytes.Bands > 3 ? bytes.ExtractBand(0, 3) : bytes.Copy();
        return new RgbImage(rgb.Width, rgb.Height, rgb.WriteToMemory<byte>());
    }

    /// <summary>
    /// By the colour profile in the file where there is one: phones take photos in Display P3, printers want CMYK. A profile that
    /// does not fit its image is passed over, as browsers do.
    /// </summary>
    private static Image ToSrgb(Image image)
    {
        if (image.Contains(ProfileField))
        {
            try
            {
                return image.IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative);
            }
            catch (VipsException)
            {
                // Fall through to what the file's own colour space says.
            }
        }

        return image.Colourspace(Enums.Interpretation.Srgb);
    }

    /// <summary>EXIF orientations 5 to 8 swap the sides.</summary>
    private static bool IsTurned(Image image) =>
        image.Contains("orientation") && image.Get("orientation") is int orientation and >= 5 and <= 8;

    private static T Guard<T>(ImageFormat format, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (VipsException exception)
        {
            string reason = exception.Message.ReplaceLineEndings(" ").Trim();
            throw new InvalidImageException($"The {format} image is damaged or incomplete ({reason}); save or upload it again.", exception);
        }
    }

    private static byte[] ReadAll(Stream stream, ImageLimits limits)
    {
        using MemoryStream copy = new();
        byte[] block = new byte[81920];
        for (int read; (read = stream.Read(block)) > 0;)
        {
            copy.Write(block, 0, read);
            if (copy.Length > limits.MaxFileBytes)
            {
                throw new InvalidImageException($"The file has more than {limits.MaxFileBytes} bytes, the most that is accepted.");
            }
        }

        return copy.ToArray();
    }
}
