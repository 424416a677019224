namespace Saga.Engine.Images;

/// <summary>An image whose bytes are numbers rather than a picture: nothing is turned, blended or converted.</summary>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Samples">[height, width, 4]; the fourth is 255 where the file has none.</param>
public sealed record RgbaSamples(int Width, int Height, byte[] Samples);
