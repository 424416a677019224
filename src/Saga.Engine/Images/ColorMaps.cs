using Saga.Engine.Rasterization;

namespace Saga.Engine.Images;

/// <summary>Turns rendered numbers into pictures for people.</summary>
public static partial class ColorMaps
{
    /// <summary>Near to far: light to dark, so that a print in grey still reads. Evenly spaced stops.</summary>
    private static ReadOnlySpan<byte> DepthRamp =>
    [
        255, 244, 214, 250, 190, 92, 226, 112, 74, 160, 56, 104, 84, 40, 112, 26, 28, 66,
    ];

    /// <summary>The colour picture, clamped to 8 bits.</summary>
    /// <exception cref="ArgumentException">The image was rendered without colour.</exception>
    public static RgbImage Color(RenderedImage image)
    {
        Check(image, image.Color, "colour", 3);
        byte[] pixels = new byte[image.Color.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = ToByte(image.Color[i]);
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <summary>
    /// Depth as a ramp from light (near) to dark (far), stretched over the depths in the picture; black where there is none.
    /// </summary>
    /// <exception cref="ArgumentException">The image was rendered without depth.</exception>
    public static RgbImage Depth(RenderedImage image)
    {
        Check(image, image.Depth, "depth", 1);
        float nearest = float.PositiveInfinity, farthest = 0;
        foreach (float depth in image.Depth)
        {
            if (depth > 0)
            {
                nearest = MathF.Min(nearest, depth);
                farthest = MathF.Max(farthest, depth);
            }
        }

        float scale = farthest > nearest ? 1 / (farthest - nearest) : 0;
        byte[] pixels = new byte[3 * image.Depth.Length];
        for (int i = 0; i < image.Depth.Length; i++)
        {
            if (image.Depth[i] > 0)
            {
                Ramp((image.Depth[i] - nearest) * scale, pixels.AsSpan(3 * i, 3));
            }
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }

    /// <summary>Values in [0, 1] as 8-bit grey, e.g. alpha or a selection, [values].</summary>
    public static byte[] Gray(ReadOnlySpan<float> values)
    {
        byte[] pixels = new byte[values.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = ToByte(values[i]);
        }

        return pixels;
    }

    private static void Ramp(float position, Span<byte> rgb)
    {
        int stops = DepthRamp.Length / 3;
        float at = Math.Clamp(position, 0, 1) * (stops - 1);
        int stop = Math.Min((int)at, stops - 2);
        for (int channel = 0; channel < 3; channel++)
        {
            float low = DepthRamp[3 * stop + channel], high = DepthRamp[3 * stop + 3 + channel];
            rgb[channel] = (byte)MathF.Round(low + (at - stop) * (high - low));
        }
    }

    private static byte ToByte(float value) => (byte)MathF.Round(255 * MathF.Min(float.MaxNumber(value, 0), 1));

    private static void Check(RenderedImage image, float[] values, string what, int channels)
    {
        if (values.Length == 0 || values.Length != (long)image.Width * image.Height * channels)
        {
            throw new ArgumentException($"The image was rendered without {what}; ask for it in the render options.", nameof(image));
        }
    }
}
