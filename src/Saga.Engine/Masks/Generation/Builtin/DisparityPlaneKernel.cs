namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Fits the plane d = a·u + b·v + c to the disparities around each pixel, without looking across an edge.</summary>
/// <remarks>
/// Least squares over a square window of n×n pixels: a = Σ(u-ū)·d / (n·Σ(u-ū)²), b likewise. Of five windows, around the pixel and
/// beside it towards each corner, the one with the least residual Σd² - (Σd)²/n² - (a² + b²)·n·Σ(u-ū)² is taken: one that
/// reaches over an edge, or onto pixels that show nothing (d = 0), never is if another does not. Sums come from integral images.
/// </remarks>
internal static class DisparityPlaneKernel
{
    /// <summary>The window has 2·Radius + 1 pixels a side.</summary>
    private const int Radius = 3;

    private const int Side = 2 * Radius + 1;

    /// <summary>n·Σ(u-ū)² over the window.</summary>
    private const double Spread = Side * (double)Side * (Side * Side - 1) / 12;

    /// <param name="disparity">Row-major, [height, width], 0 where nothing is shown.</param>
    /// <param name="slopeX">Receives a, per pixel, [height, width].</param>
    /// <param name="slopeY">Receives b, per pixel, [height, width].</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public static void Run(float[] disparity, float[] slopeX, float[] slopeY, int width, int height)
    {
        if (width < Side || height < Side)
        {
            // Too small for any window: surfaces face the camera.
            return;
        }

        var sums = new WindowSums(disparity, width, height);
        ReadOnlySpan<(int X, int Y)> offsets = [(0, 0), (-Radius, -Radius), (Radius, -Radius), (-Radius, Radius), (Radius, Radius)];
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                if (disparity[i] <= 0)
                {
                    continue;
                }

                double least = double.PositiveInfinity;
                foreach ((int offsetX, int offsetY) in offsets)
                {
                    int left = Math.Clamp(x + offsetX - Radius, 0, width - Side);
                    int top = Math.Clamp(y + offsetY - Radius, 0, height - Side);
                    double residual = sums.Fit(left, top, out double a, out double b);
                    if (residual < least)
                    {
                        least = residual;
                        slopeX[i] = (float)a;
                        slopeY[i] = (float)b;
                    }
                }
            }
        }
    }

    /// <summary>Integral images of d, u·d, v·d and d².</summary>
    private sealed class WindowSums
    {
        private readonly double[] _sums;
        private readonly int _stride;

        public WindowSums(float[] disparity, int width, int height)
        {
            _stride = 4 * (width + 1);
            _sums = new double[_stride * (height + 1)];
            for (int y = 0; y < height; y++)
            {
                double d = 0, ud = 0, vd = 0, dd = 0;
                for (int x = 0; x < width; x++)
                {
                    double value = disparity[y * width + x];
                    d += value;
                    ud += x * value;
                    vd += y * value;
                    dd += value * value;
                    int above = y * _stride + 4 * (x + 1);
                    int here = above + _stride;
                    _sums[here] = _sums[above] + d;
                    _sums[here + 1] = _sums[above + 1] + ud;
                    _sums[here + 2] = _sums[above + 2] + vd;
                    _sums[here + 3] = _sums[above + 3] + dd;
                }
            }
        }

        public double Fit(int left, int top, out double a, out double b)
        {
            int topLeft = top * _stride + 4 * left;
            int topRight = topLeft + 4 * Side;
            int bottomLeft = topLeft + Side * _stride;
            int bottomRight = bottomLeft + 4 * Side;
            double Sum(int k) => _sums[bottomRight + k] - _sums[bottomLeft + k] - _sums[topRight + k] + _sums[topLeft + k];
            double d = Sum(0);
            a = (Sum(1) - (left + Radius) * d) / Spread;
            b = (Sum(2) - (top + Radius) * d) / Spread;
            return Sum(3) - d * d / (Side * Side) - (a * a + b * b) * Spread;
        }
    }
}
