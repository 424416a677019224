namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Finds exactly the tiles that the ellipse α = 1/255 of a Gaussian touches.</summary>
/// <remarks>
/// In a band of rows y0 ≤ y ≤ y1 an ellipse spans one interval of x. With p = wxx·dx + wxy·dy and r = wyy·dy the ellipse is
/// p² + r² = m, so at a given dy the right end is dx = (√(m - r²) - wxy·dy)/wxx. It is largest at r* = -√m·t/√(1 + t²),
/// t = wxy/wyy, and concave in dy: within the band the maximum is at r* clamped to the band. The left end mirrors it.
/// </remarks>
internal static class EllipseTiles
{
    /// <summary>Bands and intervals grow by this many pixels, to stay on the safe side of rounding.</summary>
    private const double MarginPixels = 0.01;

    public static void Visit<TVisitor>(in ProjectedGaussian gaussian, TileRectangle box, int columns, ref TVisitor visitor)
        where TVisitor : struct, ITileVisitor, allows ref struct
    {
        if (box.Top == box.Bottom || box.Left == box.Right)
        {
            // The box of a slab-shaped ellipse is exact: most Gaussians end here.
            for (int row = box.Top; row <= box.Bottom; row++)
            {
                visitor.Visit(row * columns + box.Left, row * columns + box.Right);
            }

            return;
        }

        double maxExponent = BlendLimits.MaxExponent(gaussian.Log2Opacity);
        double reach = Math.Sqrt(maxExponent);
        double tilt = gaussian.WhitenXY / (double)gaussian.WhitenYY;
        double halfHeight = reach / gaussian.WhitenYY;
        double rightmostDy = -halfHeight * tilt / Math.Sqrt(1 + tilt * tilt);
        double inverseXX = 1.0 / gaussian.WhitenXX;
        for (int row = box.Top; row <= box.Bottom; row++)
        {
            double bandTop = row * TileGrid.Side - (double)gaussian.MeanY;
            double low = Math.Max(bandTop - MarginPixels, -halfHeight);
            double high = Math.Min(bandTop + TileGrid.Side + MarginPixels, halfHeight);
            if (low > high)
            {
                continue;
            }

            double right = Edge(in gaussian, maxExponent, inverseXX, Math.Min(Math.Max(rightmostDy, low), high), 1);
            double left = Edge(in gaussian, maxExponent, inverseXX, Math.Min(Math.Max(-rightmostDy, low), high), -1);
            int first = (int)Math.Max(box.Left, Math.Floor((left - MarginPixels) / TileGrid.Side));
            int last = (int)Math.Min(box.Right, Math.Floor((right + MarginPixels) / TileGrid.Side));
            if (first <= last)
            {
                visitor.Visit(row * columns + first, row * columns + last);
            }
        }
    }

    /// <summary>x of the ellipse's right (<paramref name="side"/> = 1) or left (-1) edge at a height above the mean.</summary>
    private static double Edge(in ProjectedGaussian gaussian, double maxExponent, double inverseXX, double dy, int side)
    {
        double r = gaussian.WhitenYY * dy;
        double halfChord = Math.Sqrt(Math.Max(maxExponent - r * r, 0));
        return gaussian.MeanX + (side * halfChord - gaussian.WhitenXY * dy) * inverseXX;
    }
}
