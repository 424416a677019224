namespace Saga.Engine.Cameras.Lenses;

/// <summary>How a lens bends a direction.</summary>
public enum LensModel
{
    /// <summary>Not at all.</summary>
    Pinhole,

    /// <summary>Radially and, by a tilted lens, tangentially: COLMAP's SIMPLE_RADIAL, RADIAL, OPENCV and FULL_OPENCV.</summary>
    Radial,

    /// <summary>By the angle to the axis: COLMAP's OPENCV_FISHEYE, SIMPLE_RADIAL_FISHEYE and RADIAL_FISHEYE.</summary>
    Fisheye,
}

/// <summary>The distortion of a lens, as OpenCV and COLMAP define it, on directions (x/z, y/z) of the camera frame.</summary>
/// <remarks>
/// Radial, with r² = x² + y²: m = (1 + k1·r² + k2·r⁴ + k3·r⁶) / (1 + k4·r² + k5·r⁴ + k6·r⁶),
/// x' = m·x + 2·p1·x·y + p2·(r² + 2x²), y' = m·y + 2·p2·x·y + p1·(r² + 2y²).
/// Fisheye, with θ = atan r: (x', y') = (x, y)·θ·(1 + k1·θ² + k2·θ⁴ + k3·θ⁶ + k4·θ⁸) / r.
/// </remarks>
/// <param name="Model">Which of the two.</param>
public readonly record struct LensDistortion(LensModel Model)
{
    /// <summary>k1.</summary>
    public double K1 { get; init; }

    /// <summary>k2.</summary>
    public double K2 { get; init; }

    /// <summary>k3.</summary>
    public double K3 { get; init; }

    /// <summary>k4.</summary>
    public double K4 { get; init; }

    /// <summary>k5; radial model.</summary>
    public double K5 { get; init; }

    /// <summary>k6; radial model.</summary>
    public double K6 { get; init; }

    /// <summary>p1; radial model.</summary>
    public double P1 { get; init; }

    /// <summary>p2; radial model.</summary>
    public double P2 { get; init; }

    /// <summary>True when nothing is bent.</summary>
    public bool IsNone => Model == LensModel.Pinhole || (Model == LensModel.Radial
        && K1 == 0 && K2 == 0 && K3 == 0 && K4 == 0 && K5 == 0 && K6 == 0 && P1 == 0 && P2 == 0);

    /// <summary>Where a direction seems to come from.</summary>
    /// <param name="x">x/z in the camera frame.</param>
    /// <param name="y">y/z in the camera frame.</param>
    public (double X, double Y) Distort(double x, double y)
    {
        if (Model == LensModel.Pinhole)
        {
            return (x, y);
        }

        double rr = x * x + y * y;
        double factor = RadialFactor(rr);
        return Model == LensModel.Fisheye
            ? (x * factor, y * factor)
            : (x * factor + 2 * P1 * x * y + P2 * (rr + 2 * x * x), y * factor + 2 * P2 * x * y + P1 * (rr + 2 * y * y));
    }

    /// <summary>The derivatives of <see cref="Distort"/>.</summary>
    /// <returns>dx'/dx, dx'/dy, dy'/dx, dy'/dy.</returns>
    public (double Xx, double Xy, double Yx, double Yy) Jacobian(double x, double y)
    {
        if (Model == LensModel.Pinhole)
        {
            return (1, 0, 0, 1);
        }

        // x' = m(r²)·x + …, so dx'/dx = m + 2x²·m' and dx'/dy = 2xy·m'.
        double rr = x * x + y * y;
        double factor = RadialFactor(rr);
        double slope = RadialSlope(rr, factor);
        double cross = 2 * x * y * slope;
        if (Model == LensModel.Fisheye)
        {
            return (factor + 2 * x * x * slope, cross, cross, factor + 2 * y * y * slope);
        }

        double mixed = cross + 2 * P1 * x + 2 * P2 * y;
        return (factor + 2 * x * x * slope + 2 * P1 * y + 6 * P2 * x, mixed, mixed, factor + 2 * y * y * slope + 2 * P2 * x + 6 * P1 * y);
    }

    /// <summary>m of r²; the distance from the axis becomes r·m.</summary>
    internal double RadialFactor(double rr)
    {
        if (Model == LensModel.Fisheye)
        {
            // θ/r goes to 1 on the axis, where the quotient is no number.
            double r = Math.Sqrt(rr);
            double angle = Math.Atan(r);
            double aa = angle * angle;
            return (r > TinyRadius ? angle / r : 1 - rr / 3) * (1 + aa * (K1 + aa * (K2 + aa * (K3 + aa * K4))));
        }

        return (1 + rr * (K1 + rr * (K2 + rr * K3))) / (1 + rr * (K4 + rr * (K5 + rr * K6)));
    }

    private const double TinyRadius = 1e-6;

    /// <summary>dm/d(r²).</summary>
    private double RadialSlope(double rr, double factor)
    {
        if (Model == LensModel.Fisheye)
        {
            double r = Math.Sqrt(rr);
            if (r <= TinyRadius)
            {
                return K1 - 1.0 / 3;
            }

            // m = θd(θ)/r with dθ/dr = 1/(1 + r²); d/d(r²) = d/dr / 2r.
            double angle = Math.Atan(r);
            double aa = angle * angle;
            double bend = 1 + aa * (3 * K1 + aa * (5 * K2 + aa * (7 * K3 + aa * 9 * K4)));
            return (bend / (1 + rr) - factor) / (2 * rr);
        }

        double below = 1 + rr * (K4 + rr * (K5 + rr * K6));
        double aboveSlope = K1 + rr * (2 * K2 + rr * 3 * K3);
        double belowSlope = K4 + rr * (2 * K5 + rr * 3 * K6);
        return (aboveSlope - factor * belowSlope) / below;
    }
}
