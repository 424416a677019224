using Saga.Engine.Cameras;

namespace Saga.Engine.Images;

/// <summary>What an image from a stranger may be, checked on its header before a pixel is decoded.</summary>
/// <param name="MaxSide">Largest width or height in pixels.</param>
/// <param name="MaxPixels">Largest width × height; 100 megapixels decode to 300 MB.</param>
/// <param name="MaxFileBytes">Largest file.</param>
public sealed record ImageLimits(
    int MaxSide = PinholeCamera.MaxSide, long MaxPixels = 100_000_000, int MaxFileBytes = 256 << 20)
{
    /// <summary>The limits used where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    internal void Check(long width, long height)
    {
        if (width < 1 || height < 1 || width > MaxSide || height > MaxSide || width * height > MaxPixels)
        {
            throw new InvalidImageException(
                $"The image is {width}×{height} pixels; each side must be 1 to {MaxSide} and the area at most {MaxPixels} pixels. "
                + "Resize it, and give its cameras' intrinsics for the new size.");
        }
    }
}
