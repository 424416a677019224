using Saga.Engine.Clustering;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;

namespace Saga.Api.Rendering;

/// <summary>A colour per cluster, the page's too: neighbours in the list are far apart on the colour circle.</summary>
internal static class ClusterColors
{
    /// <summary>What belongs to no cluster.</summary>
    public static readonly RgbColor Unassigned = new(0.35f, 0.35f, 0.35f);

    // 360° over the golden ratio: no number of clusters brings two hues together.
    private const double HueStep = 137.50776405003785;

    // Blue for the largest: what is selected is orange.
    private const double FirstHue = 210;

    private static readonly double[] Lightness = [0.58, 0.44, 0.70];

    private const double Saturation = 0.75;

    /// <summary>The colour of a cluster.</summary>
    public static RgbColor Of(int id)
    {
        double hue = (FirstHue + id * HueStep) % 360 / 60;
        double lightness = Lightness[id % Lightness.Length];
        double chroma = Saturation * (1 - Math.Abs(2 * lightness - 1));
        double Channel(double offset)
        {
            double turn = (hue + offset) % 6;
            return lightness + chroma * (Math.Clamp(Math.Abs(turn - 3) - 1, 0, 1) - 0.5);
        }

        return new RgbColor((float)Channel(0), (float)Channel(4), (float)Channel(2));
    }

    /// <summary>The colours of all Gaussians, [count, 3], engine order.</summary>
    public static float[] Of(GaussianScene scene, SceneDecomposition found)
    {
        RgbColor[] colors = [.. Enumerable.Range(0, found.Clusters.Count).Select(Of)];
        float[] rgb = new float[3 * scene.Count];
        for (int i = 0; i < scene.Count; i++)
        {
            int label = found.Labels[scene.FileIndices[i]];
            RgbColor color = label == SceneDecomposition.None ? Unassigned : colors[label];
            (rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]) = (color.R, color.G, color.B);
        }

        return rgb;
    }
}
