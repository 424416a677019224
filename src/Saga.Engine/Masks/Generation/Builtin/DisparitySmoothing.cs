namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>Takes the noise of a splat off its disparities, but not the edges of things.</summary>
/// <remarks>
/// The mean of every other pixel of a 9×9 window, each weighed by w = (1 - q/4)² for q &lt; 4 and 0 beyond, where
/// q = (ΔE/6)² + (Δd/(0.02·d))²: what differs by twelve ΔE, or by four hundredths of the distance, has no say. Pixels on opposite sides
/// count alike, by the greater q of both, so that a slope stays what it is, up to the edges of what has it.
/// </remarks>
internal static class DisparitySmoothing
{
    private const int Radius = 4;
    private const int Step = 2;
    private const float ColorUnit = 6;
    private const float DisparityUnit = 0.02f;

    /// <summary>q from which on a pixel has no say.</summary>
    private const float Limit = 4;

    /// <param name="disparity">Row-major, [height, width], 0 where nothing is shown.</param>
    /// <param name="colors">Colours of the same pixels.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <returns>The smoothed disparities, 0 where nothing is shown.</returns>
    public static float[] Run(float[] disparity, LabPicture colors, int width, int height)
    {
        float[] smoothed = new float[disparity.Length];
        for (int y = 0, i = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++, i++)
            {
                if (disparity[i] > 0)
                {
                    smoothed[i] = Mean(disparity, colors.Values, width, height, x, y);
                }
            }
        }

        return smoothed;
    }

    private static float Mean(float[] disparity, float[] lab, int width, int height, int x, int y)
    {
        int self = y * width + x;
        float own = disparity[self];
        float perUnit = 1 / (DisparityUnit * own);
        float offset = 0;
        float weight = 1;
        int reachX = Math.Min(Radius, Math.Min(x, width - 1 - x));
        int reachY = Math.Min(Radius, Math.Min(y, height - 1 - y));
        for (int v = 0; v <= reachY; v += Step)
        {
            // Half of the window; the other half are the pixels opposite.
            for (int u = v == 0 ? Step : -(reachX / Step * Step); u <= reachX; u += Step)
            {
                int away = v * width + u;
                float distance = MathF.Max(
                    Distance(disparity, lab, self, self + away, perUnit), Distance(disparity, lab, self, self - away, perUnit));
                if (distance < Limit)
                {
                    float w = (1 - distance / Limit) * (1 - distance / Limit);
                    offset += w * (disparity[self + away] + disparity[self - away] - 2 * own);
                    weight += 2 * w;
                }
            }
        }

        return own + offset / weight;
    }

    // q; pixels that show nothing have the disparity 0 and are far beyond the limit.
    private static float Distance(float[] disparity, float[] lab, int self, int other, float perUnit)
    {
        float difference = (disparity[other] - disparity[self]) * perUnit;
        float l = lab[3 * other] - lab[3 * self];
        float a = lab[3 * other + 1] - lab[3 * self + 1];
        float b = lab[3 * other + 2] - lab[3 * self + 2];
        return (l * l + a * a + b * b) / (ColorUnit * ColorUnit) + difference * difference;
    }
}
