using Saga.Engine.Images;

namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>Takes crops out of pictures, and puts their masks back.</summary>
internal static class CropCopy
{
    /// <summary>The pixels of a crop.</summary>
    public static RgbImage Of(RgbImage photo, SamCrop crop)
    {
        byte[] pixels = new byte[3 * crop.Width * crop.Height];
        for (int y = 0; y < crop.Height; y++)
        {
            photo.Pixels.AsSpan(3 * ((crop.Top + y) * photo.Width + crop.Left), 3 * crop.Width)
                .CopyTo(pixels.AsSpan(3 * y * crop.Width));
        }

        return new RgbImage(crop.Width, crop.Height, pixels);
    }

    /// <summary>A crop's mask in the whole picture; unset outside the crop.</summary>
    public static BinaryMask Place(BinaryMask mask, SamCrop crop, int width, int height)
    {
        var builder = new MaskRunBuilder();
        ReadOnlySpan<int> ends = mask.RunEnds;
        for (int run = 1; run < ends.Length; run += 2)
        {
            // A run may pass from column to column of the crop; in the picture those are not neighbours.
            for (int start = ends[run - 1]; start < ends[run];)
            {
                int column = start / mask.Height;
                int end = Math.Min(ends[run], (column + 1) * mask.Height);
                int shift = (crop.Left + column) * height + crop.Top - column * mask.Height;
                builder.AddSet(start + shift, end + shift);
                start = end;
            }
        }

        return builder.Build(width, height);
    }
}
