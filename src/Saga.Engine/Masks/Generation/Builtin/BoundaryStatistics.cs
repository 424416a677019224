namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Sums over the pairs of neighbouring pixels along the boundary of two regions.</summary>
internal struct BoundaryStatistics
{
    /// <summary>Pairs of pixels.</summary>
    public double Length;

    /// <summary>Σ ΔE across the boundary.</summary>
    public double Color;

    /// <summary>Σ of the gaps across it, world units.</summary>
    public double Gap;

    /// <summary>Σ of the angles by which the surface folds towards the viewer, radians.</summary>
    public double Concave;

    /// <summary>Σ of the angles by which it folds away, radians.</summary>
    public double Convex;

    // A gap is at most this many times the distance of the nearer pixel: behind it may be the end of the world.
    private const double MaxGap = 1000;

    /// <summary>Adds a pair of pixels.</summary>
    /// <param name="contrast">How unlike they are.</param>
    /// <param name="depth">Distance of the nearer one, world units.</param>
    public void Add(PixelContrast contrast, double depth)
    {
        Length++;
        Color += contrast.Color;

        // Disparities that differ by the share g belong to distances that differ by g / (1 - g).
        Gap += depth * Math.Min(MaxGap, contrast.Gap / (1.0 - contrast.Gap));
        Concave += contrast.Concave;
        Convex += contrast.Convex;
    }

    /// <summary>Adds another stretch of the boundary.</summary>
    public void Add(in BoundaryStatistics other)
    {
        Length += other.Length;
        Color += other.Color;
        Gap += other.Gap;
        Concave += other.Concave;
        Convex += other.Convex;
    }
}
