namespace Saga.Engine.Rasterization;

/// <summary>A continuous position in an image: the centre of the top-left pixel is (0.5, 0.5).</summary>
/// <param name="X">Pixels from the left edge.</param>
/// <param name="Y">Pixels from the top edge.</param>
public readonly record struct PixelPosition(float X, float Y);
