using Saga.Engine.Images;
using Saga.Engine.Masks;

namespace Saga.Engine.OpenVocabulary;

/// <summary>Cuts what a mask covers out of its photo: its box, black outside the mask, made square by black borders.</summary>
/// <remarks>Square, because the encoder reads squares and a stretched thing looks like another one.</remarks>
internal static class MaskCrop
{
    /// <param name="photo">The view's photo.</param>
    /// <param name="mask">Of any resolution.</param>
    /// <returns>Null where the mask has no pixel at the photo's resolution.</returns>
    public static RgbImage? Of(RgbImage photo, BinaryMask mask)
    {
        BinaryMask fitted = mask.ResizedTo(photo.Width, photo.Height);
        if (fitted.Area == 0)
        {
            return null;
        }

        (int left, int top, int right, int bottom) = fitted.GetBounds();
        int side = Math.Max(right - left, bottom - top);
        int offsetX = (side - (right - left)) / 2 - left;
        int offsetY = (side - (bottom - top)) / 2 - top;
        byte[] pixels = new byte[3 * side * side];
        ReadOnlySpan<int> ends = fitted.RunEnds;
        for (int run = 1; run < ends.Length; run += 2)
        {
            for (int position = ends[run - 1]; position < ends[run]; position++)
            {
                (int x, int y) = Math.DivRem(position, photo.Height);
                photo.Pixels.AsSpan(3 * (y * photo.Width + x), 3).CopyTo(pixels.AsSpan(3 * ((y + offsetY) * side + x + offsetX)));
            }
        }

        return new RgbImage(side, side, pixels);
    }
}
