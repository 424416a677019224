using Saga.Engine.Images;

namespace Saga.Cli.Demo;

/// <summary>A picture in memory, and the little drawing that the demo does on it.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Rgb">Row-major, [height, width, 3].</param>
public sealed record Picture(int Width, int Height, byte[] Rgb)
{
    private static readonly (byte R, byte G, byte B) Tint = (255, 64, 160);

    /// <summary>A black picture.</summary>
    public Picture(int width, int height)
        : this(width, height, new byte[3 * width * height])
    {
    }

    /// <summary>Decodes a photo.</summary>
    public static Picture Read(string path)
    {
        RgbImage image = ImageFile.Decode(File.ReadAllBytes(path));
        return new Picture(image.Width, image.Height, image.Pixels);
    }

    /// <summary>Writes a PNG.</summary>
    public void Save(string path) => File.WriteAllBytes(path, ImageFile.EncodePng(new RgbImage(Width, Height, Rgb)));

    /// <summary>Darkens what is not selected and tints what is.</summary>
    /// <param name="selected">Row-major, [height, width].</param>
    public void Highlight(ReadOnlySpan<bool> selected)
    {
        for (int i = 0; i < selected.Length; i++)
        {
            Span<byte> pixel = Rgb.AsSpan(3 * i, 3);
            if (selected[i])
            {
                pixel[0] = (byte)((pixel[0] + Tint.R) / 2);
                pixel[1] = (byte)((pixel[1] + Tint.G) / 2);
                pixel[2] = (byte)((pixel[2] + Tint.B) / 2);
            }
            else
            {
                pixel[0] = (byte)(pixel[0] / 2);
                pixel[1] = (byte)(pixel[1] / 2);
                pixel[2] = (byte)(pixel[2] / 2);
            }
        }
    }

    /// <summary>Draws the click: a white ring with a dark rim.</summary>
    public void Mark(float x, float y)
    {
        const double radius = 7;
        for (int row = 0; row < Height; row++)
        {
            for (int column = 0; column < Width; column++)
            {
                double off = Math.Abs(Math.Sqrt(Square(column + 0.5 - x) + Square(row + 0.5 - y)) - radius);
                if (off < 2.5)
                {
                    Rgb.AsSpan(3 * (row * Width + column), 3).Fill(off < 1.3 ? (byte)255 : (byte)0);
                }
            }
        }
    }

    /// <summary>The picture at half its size, each pixel the mean of four.</summary>
    public Picture Halved()
    {
        var half = new Picture(Width / 2, Height / 2);
        for (int i = 0; i < half.Rgb.Length; i++)
        {
            int channel = i % 3;
            int at = 3 * (i / 3 / half.Width * 2 * Width + i / 3 % half.Width * 2) + channel;
            half.Rgb[i] = (byte)((Rgb[at] + Rgb[at + 3] + Rgb[at + 3 * Width] + Rgb[at + 3 * Width + 3] + 2) / 4);
        }

        return half;
    }

    /// <summary>Copies another picture into this one; it must fit.</summary>
    public void Paste(Picture other, int left, int top)
    {
        for (int row = 0; row < other.Height; row++)
        {
            other.Rgb.AsSpan(3 * row * other.Width, 3 * other.Width)
                .CopyTo(Rgb.AsSpan(3 * ((top + row) * Width + left)));
        }
    }

    private static double Square(double value) => value * value;
}
