using Saga.Engine.Images;

namespace Saga.Cli.Evaluation.Protocols;

/// <summary>Pixels that somebody marked in a picture.</summary>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Marked">[height, width].</param>
public sealed record PixelRegion(int Width, int Height, bool[] Marked)
{
    /// <summary>Number of marked pixels.</summary>
    public int Count { get; } = Marked.Count(marked => marked);

    /// <summary>Reads a picture: marked is what is brighter than half of its brightest channel value, so 0/1 and 0/255 masks are alike.</summary>
    /// <exception cref="InvalidDataException">Not a JPEG, PNG or WebP picture.</exception>
    public static PixelRegion Read(string path)
    {
        try
        {
            RgbImage image = ImageFile.Decode(File.ReadAllBytes(path));
            int brightest = image.Pixels.Max();
            bool[] marked = new bool[image.Width * image.Height];
            for (int p = 0; p < marked.Length; p++)
            {
                int value = Math.Max(image.Pixels[3 * p], Math.Max(image.Pixels[3 * p + 1], image.Pixels[3 * p + 2]));
                marked[p] = value > 0 && 2 * value > brightest;
            }

            return new PixelRegion(image.Width, image.Height, marked);
        }
        catch (InvalidImageException error)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)}: {error.Message}", error);
        }
    }

    /// <summary>The region at another resolution: a pixel takes the value of the one under its centre.</summary>
    public PixelRegion ResizedTo(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        bool[] marked = new bool[width * height];
        for (int y = 0; y < height; y++)
        {
            long row = (2L * y + 1) * Height / (2L * height) * Width;
            for (int x = 0; x < width; x++)
            {
                marked[y * width + x] = Marked[row + (2L * x + 1) * Width / (2L * width)];
            }
        }

        return new PixelRegion(width, height, marked);
    }

    /// <summary>What is marked in either; both of one size.</summary>
    public PixelRegion Join(PixelRegion other) => other.Width == Width && other.Height == Height
        ? new PixelRegion(Width, Height, [.. Marked.Zip(other.Marked, (a, b) => a || b)])
        : Join(other.ResizedTo(Width, Height));

    /// <summary>What is not marked.</summary>
    public PixelRegion Outside() => new(Width, Height, [.. Marked.Select(marked => !marked)]);
}
