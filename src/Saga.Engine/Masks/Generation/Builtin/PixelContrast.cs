namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>How unlike two neighbouring pixels are, in colour and in surface.</summary>
/// <param name="Color">ΔE*ab.</param>
/// <param name="Gap">Distance of their surfaces half-way between them, as a share of the distance to the nearer one, in [0, 1].</param>
/// <param name="Concave">Radians by which the surfaces fold towards the viewer, as where a thing stands on the ground; 0 at a gap.</param>
/// <param name="Convex">Radians by which they fold away, as at the edge of a box; 0 at a gap.</param>
internal readonly record struct PixelContrast(float Color, float Gap, float Concave, float Convex)
{
    /// <summary>A gap from which on the two pixels are no fold of one surface.</summary>
    private const float FoldGap = 0.02f;

    /// <summary>Compares two neighbouring pixels that both show something.</summary>
    public static PixelContrast Between(LabPicture colors, SurfacePicture surface, int from, int to, int stepX, int stepY)
    {
        float color = colors.Distance(from, to);
        float gap = surface.RelativeGap(from, to, stepX, stepY);
        if (gap >= FoldGap)
        {
            return new PixelContrast(color, gap, 0, 0);
        }

        ReadOnlySpan<float> a = surface.Normals.AsSpan(3 * from, 3);
        ReadOnlySpan<float> b = surface.Normals.AsSpan(3 * to, 3);
        float angle = MathF.Acos(Math.Clamp(a[0] * b[0] + a[1] * b[1] + a[2] * b[2], -1f, 1f));
        (float fromX, float fromY, float fromZ) = surface.Point(from);
        (float toX, float toY, float toZ) = surface.Point(to);

        // Normals that come together while going from one to the other span a hollow.
        float spread = (toX - fromX) * (b[0] - a[0]) + (toY - fromY) * (b[1] - a[1]) + (toZ - fromZ) * (b[2] - a[2]);
        return spread < 0 ? new PixelContrast(color, gap, angle, 0) : new PixelContrast(color, gap, 0, angle);
    }
}
