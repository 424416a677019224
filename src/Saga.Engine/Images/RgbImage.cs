namespace Saga.Engine.Images;

/// <summary>An 8-bit sRGB picture.</summary>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Pixels">[height, width, 3], rows from the top.</param>
public sealed record RgbImage(int Width, int Height, byte[] Pixels);
