using System.Numerics;
using Saga.Engine.Neighbors;
using Saga.Engine.Scenes;

namespace Saga.Engine.Selections;

/// <summary>
/// Drops the haze of a selection: Gaussians that stand isolated and are faint or large, as training leaves them in empty space.
/// Engine order, in place.
/// </summary>
/// <remarks>
/// Isolated: the mean distance to the nearest others is an outlier among the selection's own. Large: so is the greatest standard
/// deviation. Both are compared as logarithms, which do not depend on the scene's unit, with median + 3 robust deviations
/// (1.4826·MAD, the standard deviation of normal values), the usual limit, which one of 700 normal values passes; and never
/// below twice the median, so that even spacing makes no outliers. Median and MAD stand up to nearly half the selection being haze.
/// Isolated alone is no reason: surfaces thin out towards their borders. The size of
/// pieces alone does not find haze: most of the playroom sample's 1,800 floaters are neighbours of each other, in one piece of 1,507.
/// Both together miss less than 2 % of the floaters and take less than 0.1 % of the rest, which a test asserts.
/// </remarks>
internal static class SurfaceHaze
{
    /// <summary>Opacity below which a Gaussian is faint: six in a row do not cover half of a pixel, from which on it counts.</summary>
    public const float FaintOpacity = 0.1f;

    private const double Deviations = 3;

    // Standard deviation of normal values over their MAD.
    private const double NormalDeviation = 1.4826;

    /// <summary>Drops it.</summary>
    /// <param name="selected">One bit per Gaussian, 16 to an element.</param>
    /// <param name="rows">Rows of the graph.</param>
    /// <param name="scene">The scene.</param>
    public static void Drop(Span<ushort> selected, ReadOnlySpan<int> rows, GaussianScene scene)
    {
        int memberCount = EngineOrder.Count(selected);
        int[] members = new int[memberCount];
        double[] spacings = new double[memberCount];
        double[] sizes = new double[memberCount];
        int next = 0;
        for (int i = 0; i < scene.Count; i++)
        {
            if (NeighborComponents.Contains(selected, i))
            {
                members[next] = i;
                spacings[next] = Math.Log(Spacing(scene.Means, rows, i));
                sizes[next++] = LogSize(scene, i);
            }
        }

        // Of a heap of Gaussians in one place nothing is isolated: the logarithm of 0 compares with nothing.
        double isolated = OutlierFrom(spacings);
        double large = OutlierFrom(sizes);
        double faint = Math.Log(FaintOpacity / (1 - FaintOpacity));
        for (int m = 0; m < memberCount; m++)
        {
            int i = members[m];
            if (spacings[m] > isolated && (scene.OpacityLogits[i] < faint || sizes[m] > large))
            {
                selected[i >> 4] &= (ushort)~(1 << (i & 15));
            }
        }
    }

    /// <summary>Median + 3 robust deviations, at least twice the median, of logarithms; +∞ when the median is not finite.</summary>
    private static double OutlierFrom(double[] logarithms)
    {
        if (logarithms.Length == 0)
        {
            return double.PositiveInfinity;
        }

        double median = Median([.. logarithms]);
        if (!double.IsFinite(median))
        {
            return double.PositiveInfinity;
        }

        double deviation = NormalDeviation * Median([.. logarithms.Select(value => Math.Abs(value - median))]);
        return median + Math.Max(Deviations * deviation, Math.Log(2));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    // Rows of a scene with few Gaussians repeat the Gaussian itself.
    private static double Spacing(ReadOnlySpan<float> means, ReadOnlySpan<int> rows, int i)
    {
        var mean = new Vector3(means.Slice(3 * i, 3));
        double sum = 0;
        int others = 0;
        foreach (int j in rows.Slice(i * NeighborGraph.RowLength, NeighborGraph.RowLength))
        {
            if (j != i)
            {
                sum += Vector3.Distance(mean, new Vector3(means.Slice(3 * j, 3)));
                others++;
            }
        }

        return others > 0 ? sum / others : 0;
    }

    private static float LogSize(GaussianScene scene, int i) =>
        MathF.Max(scene.LogScales[3 * i], MathF.Max(scene.LogScales[3 * i + 1], scene.LogScales[3 * i + 2]));
}
