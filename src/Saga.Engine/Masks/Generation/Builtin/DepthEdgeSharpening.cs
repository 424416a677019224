namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Undoes the blur of a splat's depth at the edges of things, and moves those edges to where the photo has them.</summary>
/// <remarks>
/// Along an edge a pixel blends the near and the far surface into a depth where there is nothing. Such a pixel is given the
/// mean disparity of those pixels around it, near or far, whose mean colour is more like its own.
/// </remarks>
internal static class DepthEdgeSharpening
{
    /// <summary>Reach of the blur, pixels.</summary>
    private const int Radius = DisparityWindows.Radius;

    /// <summary>Far surfaces less than this behind near ones, as a share of the distance, are left alone.</summary>
    private const float MinJump = 0.04f;

    /// <summary>
    /// Where a plane leaves less than this share of the range between near and far, root mean square, there is a slope and no edge.
    /// </summary>
    private const double MaxSlopeResidual = 0.06;

    /// <summary>ΔE below which the two sides are of about the same colour, and depth decides.</summary>
    private const float MinColorDifference = 4f;

    /// <param name="disparity">Row-major, [height, width], 0 where nothing is shown.</param>
    /// <param name="colors">Colours of the same pixels.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <returns>The disparities, changed at edges only.</returns>
    public static float[] Run(float[] disparity, LabPicture colors, int width, int height)
    {
        float[] sharpened = (float[])disparity.Clone();
        if (!DisparityWindows.Fit(width, height))
        {
            return sharpened;
        }

        var windows = new DisparityWindows(disparity, width, height);
        (float[] nearest, float[] farthest) = WindowExtremes.Of(disparity, width, height, Radius);
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                float range = nearest[i] - farthest[i];
                if (disparity[i] > 0 && range > MinJump * nearest[i] && !IsSlope(windows, x, y, range))
                {
                    sharpened[i] = Choose(disparity, colors.Values, width, height, x, y, nearest[i], farthest[i]);
                }
            }
        }

        return sharpened;
    }

    // Asks the window around the pixel or, at the border of what is shown, those beside it.
    private static bool IsSlope(DisparityWindows windows, int x, int y, double range)
    {
        double residual = windows.FitPlane(x, y, out _, out _);
        for (int corner = 0; corner < 4 && double.IsPositiveInfinity(residual); corner++)
        {
            residual = windows.FitPlane(x + (corner % 2 == 0 ? -Radius : Radius), y + (corner < 2 ? -Radius : Radius), out _, out _);
        }

        return residual < DisparityWindows.Pixels * MaxSlopeResidual * MaxSlopeResidual * range * range;
    }

    private static float Choose(float[] disparity, float[] lab, int width, int height, int x, int y, float nearest, float farthest)
    {
        int self = y * width + x;
        float own = disparity[self];
        float middle = 0.5f * (nearest + farthest);
        float quarter = 0.25f * (nearest - farthest);
        Side near = default;
        Side far = default;
        for (int v = Math.Max(0, y - Radius); v <= Math.Min(height - 1, y + Radius); v++)
        {
            for (int u = Math.Max(0, x - Radius); u <= Math.Min(width - 1, x + Radius); u++)
            {
                int i = v * width + u;
                if (disparity[i] > middle + quarter)
                {
                    near.Add(disparity[i], lab, i);
                }
                else if (disparity[i] > 0 && disparity[i] < middle - quarter)
                {
                    far.Add(disparity[i], lab, i);
                }
            }
        }

        // Neither side is empty: the nearest and the farthest pixel are in them.
        float toNear = near.ColorDistance(lab, self);
        float toFar = far.ColorDistance(lab, self);
        bool isNear = MathF.Abs(toNear - toFar) < MinColorDifference ? own > middle : toNear < toFar;
        if (isNear)
        {
            return own > middle + quarter ? own : near.MeanDisparity;
        }

        return own < middle - quarter ? own : far.MeanDisparity;
    }

    /// <summary>The pixels on one side of an edge.</summary>
    private struct Side
    {
        private float _disparity;
        private float _l;
        private float _a;
        private float _b;
        private int _count;

        public readonly float MeanDisparity => _disparity / _count;

        public void Add(float disparity, float[] lab, int pixel)
        {
            _count++;
            _disparity += disparity;
            _l += lab[3 * pixel];
            _a += lab[3 * pixel + 1];
            _b += lab[3 * pixel + 2];
        }

        public readonly float ColorDistance(float[] lab, int pixel)
        {
            float l = _l / _count - lab[3 * pixel];
            float a = _a / _count - lab[3 * pixel + 1];
            float b = _b / _count - lab[3 * pixel + 2];
            return MathF.Sqrt(l * l + a * a + b * b);
        }
    }
}
