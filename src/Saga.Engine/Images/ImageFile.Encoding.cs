using System.Runtime.InteropServices;
using NetVips;

namespace Saga.Engine.Images;

/// <content>Writing.</content>
public static partial class ImageFile
{
    /// <summary>
    /// zlib level for pictures that are made per request: a fifth larger than the best, several times as fast.
    /// </summary>
    private const int FastCompression = 2;

    /// <summary>Writes an RGB PNG.</summary>
    public static byte[] EncodePng(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckSize(image.Pixels.Length, image.Width, image.Height, 3);
        using Image source = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        using Image rgb = source.Copy(interpretation: Enums.Interpretation.Srgb);
        return rgb.PngsaveBuffer(compression: FastCompression, filter: Enums.ForeignPngFilter.Up);
    }

    /// <summary>Writes an 8-bit grey PNG.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="pixels">[height, width].</param>
    public static byte[] EncodePngGray8(int width, int height, ReadOnlySpan<byte> pixels)
    {
        CheckSize(pixels.Length, width, height, 1);
        using Image source = Image.NewFromMemoryCopy(pixels, width, height, 1, Enums.BandFormat.Uchar);
        using Image gray = source.Copy(interpretation: Enums.Interpretation.Bw);
        return gray.PngsaveBuffer(compression: FastCompression);
    }

    /// <summary>Writes a 16-bit grey PNG; values are kept exactly, so it also serves label maps.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="pixels">[height, width].</param>
    public static byte[] EncodePngGray16(int width, int height, ReadOnlySpan<ushort> pixels)
    {
        CheckSize(pixels.Length, width, height, 1);
        using Image source = Image.NewFromMemoryCopy(
            MemoryMarshal.AsBytes(pixels), width, height, 1, Enums.BandFormat.Ushort);
        using Image gray = source.Copy(interpretation: Enums.Interpretation.Grey16);
        return gray.PngsaveBuffer(compression: FastCompression);
    }

    /// <summary>Writes a 1-bit black-and-white PNG.</summary>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="pixels">[height, width]; 0 is black, anything else white.</param>
    public static byte[] EncodePngBinary(int width, int height, ReadOnlySpan<byte> pixels)
    {
        CheckSize(pixels.Length, width, height, 1);
        byte[] blackOrWhite = new byte[pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            blackOrWhite[i] = pixels[i] == 0 ? (byte)0 : (byte)255;
        }

        using Image source = Image.NewFromMemory(blackOrWhite, width, height, 1, Enums.BandFormat.Uchar);
        using Image gray = source.Copy(interpretation: Enums.Interpretation.Bw);
        return gray.PngsaveBuffer(compression: FastCompression, bitdepth: 1);
    }

    /// <summary>Writes a JPEG.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1..100.</param>
    public static byte[] EncodeJpeg(RgbImage image, int quality = 90)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        CheckSize(image.Pixels.Length, image.Width, image.Height, 3);
        using Image source = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        using Image rgb = source.Copy(interpretation: Enums.Interpretation.Srgb);
        return rgb.JpegsaveBuffer(q: quality);
    }

    private static void CheckSize(int length, int width, int height, int channels)
    {
        if (width < 1 || height < 1 || length != (long)width * height * channels)
        {
            throw new ArgumentException($"{length} values were given for {width}×{height} pixels of {channels} channels.");
        }
    }
}
