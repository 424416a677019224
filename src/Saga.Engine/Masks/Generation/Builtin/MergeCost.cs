namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>What it costs to take two neighbouring regions for one thing: a sum of reasons against it, times how much there is to lose.</summary>
/// <remarks>
/// cost = √(min(|A|, |B|) / 1000) · (C + E + 5·G/(1 + G) + 2·V + 0.3·X), with
/// C = ‖μA - μB‖ / (5 + ½·(σA + σB)) the difference of the mean colours, which counts less between regions of many colours;
/// E = ΔE across the boundary / 12; G = gap across the boundary / the smaller extent in space, so that what is a chasm between two
/// leaves is a crack between two halves of a thing; V and X the angles by which the surface folds towards the viewer and away: things
/// meet in hollows, while an edge of a box is no end of it. The root takes crumbs along first, without which a tree ends
/// in one great region and its crumbs. How little the weights matter: docs/decisions/0007-built-in-masks.md.
/// </remarks>
internal static class MergeCost
{
    /// <summary>Pixels of a region whose reasons count once.</summary>
    private const double UnitPixels = 1000;

    /// <summary>ΔE of two plain regions that makes one reason.</summary>
    private const double ColorUnit = 5;

    /// <summary>Share of the summed deviations by which colours must differ more.</summary>
    private const double DeviationShare = 0.5;

    /// <summary>ΔE from pixel to pixel across a boundary that makes one reason; the picture is smoothed over about three pixels.</summary>
    private const double EdgeUnit = 12;

    private const double GapWeight = 5;
    private const double ConcaveWeight = 2;
    private const double ConvexWeight = 0.3;

    /// <summary>Extents below this share of the distance are those of a few pixels and say nothing.</summary>
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

        // gap / (gap + extent) is G / (1 + G) and has no 0/0, as regions are somewhere before the camera.
        double reasons = color + edge + GapWeight * gap / (gap + extent) + fold;
        return Math.Sqrt(Math.Min(a.Count, b.Count) / UnitPixels) * reasons;
    }
}
