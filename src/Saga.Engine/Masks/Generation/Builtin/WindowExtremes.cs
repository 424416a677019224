namespace Saga.Engine.Masks.Generation.Builtin;

/// <summary>The largest and smallest positive value in the square window around each pixel.</summary>
/// <remarks>Separable: along rows, then along columns. The window is small, so it is simply walked.</remarks>
internal static class WindowExtremes
{
    /// <param name="values">Row-major, [height, width]; what is not positive is left out.</param>
    /// <param name="width">Pixels across.</param>
    /// <param name="height">Pixels down.</param>
    /// <param name="radius">The window has 2·radius + 1 pixels a side.</param>
    /// <returns>Both 0 where the window holds nothing positive.</returns>
    public static (float[] Largest, float[] Smallest) Of(float[] values, int width, int height, int radius)
    {
        float[] rowLargest = new float[values.Length];
        float[] rowSmallest = new float[values.Length];
        Line(values, values, rowLargest, rowSmallest, 1, width, height, width, radius);
        float[] largest = new float[values.Length];
        float[] smallest = new float[values.Length];
        Line(rowLargest, rowSmallest, largest, smallest, width, height, width, 1, radius);
        return (largest, smallest);
    }

    private static void Line(
        float[] upper, float[] lower, float[] largest, float[] smallest, int step, int length, int lines, int lineStep, int radius)
    {
        for (int line = 0; line < lines; line++)
        {
            for (int i = 0; i < length; i++)
            {
                float most = 0;
                float least = float.PositiveInfinity;
                int end = Math.Min(length - 1, i + radius);
                for (int j = Math.Max(0, i - radius); j <= end; j++)
                {
                    int at = line * lineStep + j * step;
                    most = MathF.Max(most, upper[at]);
                    least = lower[at] > 0 ? MathF.Min(least, lower[at]) : least;
                }

                int to = line * lineStep + i * step;
                largest[to] = most;
                smallest[to] = float.IsFinite(least) ? least : 0;
            }
        }
    }
}
