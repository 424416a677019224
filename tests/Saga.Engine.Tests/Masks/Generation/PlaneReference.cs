namespace Saga.Tests.Masks.Generation;

/// <summary>The plane of a pixel, straight from the formula: least squares in five windows, the one that fits best.</summary>
internal static class PlaneReference
{
    private const int Radius = 3;

    public static (double X, double Y) Slopes(float[] disparity, int width, int height, int x, int y)
    {
        (double Residual, double X, double Y) best = (double.PositiveInfinity, 0, 0);
        foreach ((int dx, int dy) in ((int, int)[])[(0, 0), (-1, -1), (1, -1), (-1, 1), (1, 1)])
        {
            int middleX = Math.Clamp(x + dx * Radius, Radius, width - 1 - Radius);
            int middleY = Math.Clamp(y + dy * Radius, Radius, height - 1 - Radius);
            (double Residual, double X, double Y) fit = Fit(disparity, width, middleX, middleY);
            best = fit.Residual < best.Residual ? fit : best;
        }

        return (best.X, best.Y);
    }

    private static (double Residual, double X, double Y) Fit(float[] disparity, int width, int middleX, int middleY)
    {
        var samples = new List<(double U, double V, double D)>();
        for (int v = -Radius; v <= Radius; v++)
        {
            for (int u = -Radius; u <= Radius; u++)
            {
                samples.Add((u, v, disparity[(middleY + v) * width + middleX + u]));
            }
        }

        double mean = samples.Average(s => s.D);
        double a = samples.Sum(s => s.U * s.D) / samples.Sum(s => s.U * s.U);
        double b = samples.Sum(s => s.V * s.D) / samples.Sum(s => s.V * s.V);
        return (samples.Sum(s => Math.Pow(s.D - mean - a * s.U - b * s.V, 2)), a, b);
    }
}
