namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Fits the plane d = a·u + b·v + c to the disparities around each pixel, without looking across an edge.</summary>
/// <remarks>
/// Of five windows, around the pixel and beside it towards each corner, the one with the least residual is taken: one that reaches over
/// an edge never is if another does not. Where each reaches onto pixels that show nothing, the slopes are 0: the surface faces the camera.
/// </remarks>
internal static class DisparityPlaneKernel
{
    private const int Radius = DisparityWindows.Radius;

    /// <param name="disparity">Row-major, [height, width], 0 where nothing is shown.</param>
    /// <param name="slopeX">Receives a, per pixel, [height, width].</param>
    /// <param name="slopeY">Receives b, per pixel, [height, width].</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    public static void Run(float[] disparity, float[] slopeX, float[] slopeY, int width, int height)
    {
        if (!DisparityWindows.Fit(width, height))
        {
            // Too small for any window: surfaces face the camera.
            return;
        }

        var windows = new DisparityWindows(disparity, width, height);
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
                    double residual = windows.FitPlane(x + offsetX, y + offsetY, out double a, out double b);
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
}
