namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Planes d = a·u + b·v + c through the disparities of any square window, in constant time.</summary>
/// <remarks>
/// Least squares over n×n pixels: a = Σ(u-ū)·d / (n·Σ(u-ū)²), b likewise; what is left is Σd² - (Σd)²/n² - (a² + b²)·n·Σ(u-ū)². The sums
/// come from integral images of d, u·d, v·d, d² and of ones where d &gt; 0, in double: their digits are those of a whole picture.
/// </remarks>
internal sealed class DisparityWindows
{
    /// <summary>A window has 2·Radius + 1 pixels a side.</summary>
    public const int Radius = 3;

    /// <summary>Pixels of a window.</summary>
    public const int Pixels = Side * Side;

    private const int Side = 2 * Radius + 1;

    private const int Sums = 5;

    /// <summary>n·Σ(u-ū)² over the window.</summary>
    private const double Spread = Side * (double)Side * (Side * Side - 1) / 12;

    private readonly double[] _sums;
    private readonly int _stride;
    private readonly int _width;
    private readonly int _height;

    /// <summary>Sums a picture up.</summary>
    /// <param name="disparity">Row-major, [height, width].</param>
    /// <param name="width">Pixels across, at least a window.</param>
    /// <param name="height">Pixels down, at least a window.</param>
    public DisparityWindows(float[] disparity, int width, int height)
    {
        _width = width;
        _height = height;
        _stride = Sums * (width + 1);
        _sums = new double[_stride * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            double d = 0, ud = 0, vd = 0, dd = 0, shown = 0;
            for (int x = 0; x < width; x++)
            {
                double value = disparity[y * width + x];
                d += value;
                ud += x * value;
                vd += y * value;
                dd += value * value;
                shown += value > 0 ? 1 : 0;
                int above = y * _stride + Sums * (x + 1);
                int here = above + _stride;
                _sums[here] = _sums[above] + d;
                _sums[here + 1] = _sums[above + 1] + ud;
                _sums[here + 2] = _sums[above + 2] + vd;
                _sums[here + 3] = _sums[above + 3] + dd;
                _sums[here + 4] = _sums[above + 4] + shown;
            }
        }
    }

    /// <summary>True where a picture is large enough for a window.</summary>
    public static bool Fit(int width, int height) => width >= Side && height >= Side;

    /// <summary>The plane of the window around a pixel, or of the nearest window that is inside the picture.</summary>
    /// <returns>
    /// Σ of the squares that the plane leaves; it may be a rounding error below 0. Infinite, and the slopes 0, where a pixel of the window
    /// shows nothing.
    /// </returns>
    public double FitPlane(int x, int y, out double slopeX, out double slopeY)
    {
        x = Math.Clamp(x, Radius, _width - 1 - Radius);
        y = Math.Clamp(y, Radius, _height - 1 - Radius);
        int topLeft = (y - Radius) * _stride + Sums * (x - Radius);
        int topRight = topLeft + Sums * Side;
        int bottomLeft = topLeft + Side * _stride;
        int bottomRight = bottomLeft + Sums * Side;
        double Sum(int k) => _sums[bottomRight + k] - _sums[bottomLeft + k] - _sums[topRight + k] + _sums[topLeft + k];
        if (Sum(4) < Pixels)
        {
            slopeX = slopeY = 0;
            return double.PositiveInfinity;
        }

        double d = Sum(0);
        slopeX = (Sum(1) - x * d) / Spread;
        slopeY = (Sum(2) - y * d) / Spread;
        return Sum(3) - d * d / Pixels - (slopeX * slopeX + slopeY * slopeY) * Spread;
    }
}
