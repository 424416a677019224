namespace Saga.Engine.Images;

/// <summary>A picture whose pixels are numbers of things rather than brightness.</summary>
/// <param name="Width">Pixels across.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Labels">[height, width], the exact numbers in the file.</param>
public sealed record LabelMap(int Width, int Height, ushort[] Labels);
