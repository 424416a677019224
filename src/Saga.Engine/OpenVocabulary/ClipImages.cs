using NetVips;
using Saga.Engine.Images;

namespace Saga.Engine.OpenVocabulary;

/// <summary>Turns square crops into what CLIP's image encoder reads: RGB planes, shrunk with cubic filtering, each channel normalised.</summary>
internal static class ClipImages
{
    // Mean and deviation of the channels in CLIP's training, of values in [0, 1].
    private static readonly float[] Mean = [0.48145466f, 0.4578275f, 0.40821073f];
    private static readonly float[] Deviation = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <param name="crop">A square picture.</param>
    /// <param name="side">Pixels that the encoder reads.</param>
    /// <param name="planes">Receives [3, side, side].</param>
    public static void Fill(RgbImage crop, int side, Span<float> planes)
    {
        byte[] pixels = crop.Width == side ? crop.Pixels : Resize(crop, side);
        int plane = side * side;
        for (int p = 0; p < plane; p++)
        {
            for (int c = 0; c < 3; c++)
            {
                planes[c * plane + p] = (pixels[3 * p + c] / 255f - Mean[c]) / Deviation[c];
            }
        }
    }

    private static byte[] Resize(RgbImage crop, int side)
    {
        using Image image = Image.NewFromMemoryCopy<byte>(crop.Pixels, crop.Width, crop.Height, 3, Enums.BandFormat.Uchar);
        using Image resized = image.Resize((double)side / crop.Width, kernel: Enums.Kernel.Cubic);
        return resized.WriteToMemory<byte>();
    }
}
