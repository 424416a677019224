namespace Saga.Engine.Rasterization;

/// <summary>A colour as the splat's own training saw it: display-referred red, green, blue, nominally in [0, 1].</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
public readonly record struct RgbColor(float R, float G, float B)
{
    /// <summary>(0, 0, 0).</summary>
    public static RgbColor Black => default;

    /// <summary>(1, 1, 1).</summary>
    public static RgbColor White => new(1, 1, 1);
}
