namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>What it costs to take two neighbouring regions for one thing: the reasons against it, times how much there is to lose.</summary>
/// <remarks>
/// cost = √(min(|A|, |B|) / 1000) · (sat(C, 8) + sat(E, 4) + 5·sat(G, 1) + 2·V + 0.3·X), where sat(v, m) = v / (1 + v/m) stays below m, and
/// C = ‖μA - μB‖ / (5 + ¼·(σA + σB)) is the difference of the mean colours, which counts less between regions of many colours;
/// E = ΔE across the boundary / 12; G = gap across the boundary / the smaller extent in space, so that what is a chasm between two
/// leaves is a crack between two halves of a thing; V and X are the angles by which the surface folds towards the viewer and away: things
/// meet in hollows, while an edge of a box is no end of it. The root takes crumbs along first; without it a tree ends in one great region
/// and its crumbs. What was tried: docs/decisions/0008-built-in-masks.md.
/// </remarks>
internal static class MergeCost
{
    /// <summary>Pixels of a region whose reasons count once.</summary>
    private const double UnitPixels = 1000;

    /// <summary>ΔE of two plain regions that makes one reason.</summary>
    private const double ColorUnit = 5;

    /// <summary>Share of the summed deviations by which colours must differ more.</summary>
    private const double DeviationShare = 0.25;

    /// <summary>Colours say at most this many reasons: red and blue are not more apart than a chair and the wall behind it.</summary>
    private const double MaxColor = 8;

    /// <summary>ΔE from pixel to pixel across a boundary that makes one reason; the picture is smoothed over about three pixels.</summary>
    private const double EdgeUnit = 12;

    private const double MaxEdge = 4;

    private const double GapWeight = 5;
    private const double ConcaveWeight = 2;
    private const double ConvexWeight = 0.3;

    /// <summary>Added to extents, as a share of the distance: that of a few pixels is about 0 and says nothing.</summary>
    private const double MinExtentShare = 1e-3;

    /// <param name="a">One region.</param>
    /// <param name="b">The other.</param>
    /// <param name="boundary">What lies between them, at least one pair of pixels.</param>
    /// <returns>Not negative; finite for finite sums.</returns>
    public static double Of(in RegionStatistics a, in RegionStatistics b, in BoundaryStatistics boundary)
    {
        double color = RegionStatistics.ColorDistance(a, b) / (ColorUnit + DeviationShare * (a.ColorDeviation + b.ColorDeviation));
        double edge = boundary.Color / boundary.Length / EdgeUnit;
        double extent = Math.Min(a.Extent, b.Extent) + MinExtentShare * Math.Min(a.Distance, b.Distance);
        double gap = boundary.Gap / boundary.Length;
        double fold = (ConcaveWeight * boundary.Concave + ConvexWeight * boundary.Convex) / boundary.Length;

        double reasons = Saturated(color, MaxColor) + Saturated(edge, MaxEdge) + GapWeight * Saturated(gap / extent, 1) + fold;
        return Math.Sqrt(Math.Min(a.Count, b.Count) / UnitPixels) * reasons;
    }

    private static double Saturated(double value, double max) => value / (1 + value / max);
}
