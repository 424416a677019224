using Saga.Engine.Images;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Turns a picture into the numbers that SAM's image encoder was trained on.</summary>
internal static class EncoderInput
{
    /// <summary>Mean of red, green and blue over ImageNet, in bytes.</summary>
    private static ReadOnlySpan<float> Mean => [123.675f, 116.28f, 103.53f];

    /// <summary>Standard deviation of red, green and blue over ImageNet, in bytes.</summary>
    private static ReadOnlySpan<float> Deviation => [58.395f, 57.12f, 57.375f];

    /// <summary>
    /// The input of a bare encoder: resized, each channel less its mean over its deviation, zero to the right of the picture and below.
    /// </summary>
    /// <param name="photo">The picture.</param>
    /// <param name="input">Receives [3, 1024, 1024], red first.</param>
    public static void Normalized(RgbImage photo, Span<float> input)
    {
        var frame = SamFrame.Of(photo.Width, photo.Height);
        byte[] scaled = ByteResize.Rgb(photo.Pixels, photo.Width, photo.Height, frame.ScaledWidth, frame.ScaledHeight);
        input.Clear();
        Span<float> values = stackalloc float[256];
        for (int channel = 0; channel < 3; channel++)
        {
            for (int value = 0; value < values.Length; value++)
            {
                values[value] = (value - Mean[channel]) / Deviation[channel];
            }

            for (int y = 0; y < frame.ScaledHeight; y++)
            {
                ReadOnlySpan<byte> row = scaled.AsSpan(3 * y * frame.ScaledWidth, 3 * frame.ScaledWidth);
                Span<float> target = input.Slice((channel * SamFrame.Side + y) * SamFrame.Side, frame.ScaledWidth);
                for (int x = 0; x < target.Length; x++)
                {
                    target[x] = values[row[3 * x + channel]];
                }
            }
        }
    }

    /// <summary>The input of an encoder with normalisation and padding inside: resized, bytes as floats, no padding.</summary>
    /// <param name="photo">The picture.</param>
    /// <param name="channelsFirst">[3, height, width] instead of [height, width, 3].</param>
    public static float[] Raw(RgbImage photo, bool channelsFirst)
    {
        var frame = SamFrame.Of(photo.Width, photo.Height);
        byte[] scaled = ByteResize.Rgb(photo.Pixels, photo.Width, photo.Height, frame.ScaledWidth, frame.ScaledHeight);
        float[] input = new float[scaled.Length];
        int plane = scaled.Length / 3;
        for (int i = 0; i < scaled.Length; i++)
        {
            input[channelsFirst ? i % 3 * plane + i / 3 : i] = scaled[i];
        }

        return input;
    }
}
