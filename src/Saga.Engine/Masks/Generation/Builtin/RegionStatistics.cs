namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>
/// Sums over the pixels of a region, from which its colour, its place and its size in space follow. Those of its parts add up to its own.
/// </summary>
internal struct RegionStatistics
{
    /// <summary>Pixels.</summary>
    public double Count;

    /// <summary>Σ L, Σ a, Σ b.</summary>
    public double L, A, B;

    /// <summary>Σ (L² + a² + b²).</summary>
    public double ColorSquares;

    /// <summary>Σ of the points, camera frame, world units.</summary>
    public double X, Y, Z;

    /// <summary>Σ (x² + y² + z²).</summary>
    public double PointSquares;

    /// <summary>Adds a pixel.</summary>
    public void Add(ReadOnlySpan<float> lab, (float X, float Y, float Z) point)
    {
        Count++;
        L += lab[0];
        A += lab[1];
        B += lab[2];
        ColorSquares += lab[0] * (double)lab[0] + lab[1] * (double)lab[1] + lab[2] * (double)lab[2];
        X += point.X;
        Y += point.Y;
        Z += point.Z;
        PointSquares += point.X * (double)point.X + point.Y * (double)point.Y + point.Z * (double)point.Z;
    }

    /// <summary>The region of two parts.</summary>
    public static RegionStatistics Union(in RegionStatistics a, in RegionStatistics b) => new()
    {
        Count = a.Count + b.Count,
        L = a.L + b.L,
        A = a.A + b.A,
        B = a.B + b.B,
        ColorSquares = a.ColorSquares + b.ColorSquares,
        X = a.X + b.X,
        Y = a.Y + b.Y,
        Z = a.Z + b.Z,
        PointSquares = a.PointSquares + b.PointSquares,
    };

    /// <summary>Standard deviation of its colours, ΔE.</summary>
    public readonly double ColorDeviation =>
        Math.Sqrt(Math.Max(0, ColorSquares / Count - (L * L + A * A + B * B) / (Count * Count)));

    /// <summary>Its size in space, as masks are measured (Eq. 2): 2·√ of the summed variances of its points, world units.</summary>
    public readonly double Extent =>
        2 * Math.Sqrt(Math.Max(0, PointSquares / Count - (X * X + Y * Y + Z * Z) / (Count * Count)));

    /// <summary>Distance from the camera to its middle, world units.</summary>
    public readonly double Distance => Math.Sqrt(X * X + Y * Y + Z * Z) / Count;

    /// <summary>ΔE between the mean colours of two regions.</summary>
    public static double ColorDistance(in RegionStatistics a, in RegionStatistics b)
    {
        double l = a.L / a.Count - b.L / b.Count;
        double u = a.A / a.Count - b.A / b.Count;
        double v = a.B / a.Count - b.B / b.Count;
        return Math.Sqrt(l * l + u * u + v * v);
    }
}
