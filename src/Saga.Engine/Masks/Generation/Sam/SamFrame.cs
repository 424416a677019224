namespace Saga.Engine.Masks.Generation.Sam;

/// <summary>
/// How a picture lies in the encoder's square of <see cref="Side"/> pixels: enlarged or reduced so that its longer side fills it,
/// in the top left corner, the rest empty ("ResizeLongestSide").
/// </summary>
/// <param name="Width">The picture's width in pixels.</param>
/// <param name="Height">The picture's height in pixels.</param>
/// <param name="ScaledWidth">Its width in the square.</param>
/// <param name="ScaledHeight">Its height in the square.</param>
internal readonly record struct SamFrame(int Width, int Height, int ScaledWidth, int ScaledHeight)
{
    /// <summary>Side of the encoder's input in pixels.</summary>
    public const int Side = 1024;

    /// <summary>Side of the decoder's masks before they are enlarged, in pixels.</summary>
    public const int MaskSide = 256;

    /// <summary>The frame of a picture: ⌊size · 1024 / longer side + ½⌋, at least one pixel.</summary>
    public static SamFrame Of(int width, int height)
    {
        double scale = (double)Side / Math.Max(width, height);
        return new SamFrame(width, height, Math.Max(1, (int)(width * scale + 0.5)), Math.Max(1, (int)(height * scale + 0.5)));
    }

    /// <summary>A point of the picture, in pixels, in the square.</summary>
    public (float X, float Y) Place(double x, double y) =>
        ((float)(x * ((double)ScaledWidth / Width)), (float)(y * ((double)ScaledHeight / Height)));
}
