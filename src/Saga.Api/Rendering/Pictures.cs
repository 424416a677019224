using Saga.Engine.Cameras;
using Saga.Engine.Images;
using Saga.Engine.Rasterization;
using Saga.Engine.Scenes;
using Saga.Engine.Segmentation;

namespace Saga.Api.Rendering;

/// <summary>Draws what /render shows.</summary>
internal static class Pictures
{
    /// <summary>A pixel belongs to the 2D mask of a selection from this Σ w·selected.</summary>
    private const float MaskThreshold = 0.5f;

    /// <summary>How strongly the tint covers a selected surface: its colours still show through.</summary>
    private const float TintStrength = 0.6f;

    /// <summary>How strongly clusters are coloured.</summary>
    private const float ClusterStrength = 0.7f;

    private static readonly RgbColor Tint = new(1f, 0.45f, 0f);

    public static RgbImage Rgb(IRasterizer rasterizer, PinholeCamera camera, CancellationToken cancellationToken) =>
        ColorMaps.Color(rasterizer.Render(camera, new RenderOptions { Color = true }, cancellationToken));

    public static RgbImage Depth(IRasterizer rasterizer, PinholeCamera camera, CancellationToken cancellationToken) =>
        ColorMaps.Depth(rasterizer.Render(camera, new RenderOptions { Depth = true }, cancellationToken));

    public static RgbImage Alpha(IRasterizer rasterizer, PinholeCamera camera, CancellationToken cancellationToken)
    {
        byte[] gray = ColorMaps.Gray(rasterizer.Render(camera, new RenderOptions { Alpha = true }, cancellationToken).Alpha);
        byte[] pixels = new byte[3 * gray.Length];
        for (int p = 0; p < pixels.Length; p++)
        {
            pixels[p] = gray[p / 3];
        }

        return new RgbImage(camera.Width, camera.Height, pixels);
    }

    /// <param name="colors">[count, 3], engine order.</param>
    public static RgbImage Colored(IRasterizer rasterizer, PinholeCamera camera, float[] colors, CancellationToken cancellationToken)
    {
        var options = new RenderOptions { Features = colors, FeatureChannels = 3 };
        float[] blended = rasterizer.Render(camera, options, cancellationToken).Features;
        return new RgbImage(camera.Width, camera.Height, ColorMaps.Gray(blended));
    }

    /// <summary>The scene in the colours of its clusters, its own showing through.</summary>
    /// <param name="colors">[count, 3], engine order.</param>
    public static RgbImage Clustered(IRasterizer rasterizer, PinholeCamera camera, float[] colors, CancellationToken cancellationToken)
    {
        var options = new RenderOptions { Color = true, Features = colors, FeatureChannels = 3 };
        RenderedImage image = rasterizer.Render(camera, options, cancellationToken);
        for (int p = 0; p < image.Color.Length; p++)
        {
            image.Color[p] += ClusterStrength * (image.Features[p] - image.Color[p]);
        }

        return ColorMaps.Color(image);
    }

    /// <summary>The scene with the selection tinted.</summary>
    public static RgbImage Selected(
        IRasterizer rasterizer, GaussianScene scene, GaussianSelection selection, PinholeCamera camera, CancellationToken cancellationToken)
    {
        var options = new RenderOptions { Color = true, Features = Indicator(scene, selection), FeatureChannels = 1 };
        RenderedImage image = rasterizer.Render(camera, options, cancellationToken);
        float[] color = image.Color;
        for (int p = 0; p < image.Features.Length; p++)
        {
            float cover = TintStrength * Math.Clamp(image.Features[p], 0, 1);
            color[3 * p] += cover * (Tint.R - color[3 * p]);
            color[3 * p + 1] += cover * (Tint.G - color[3 * p + 1]);
            color[3 * p + 2] += cover * (Tint.B - color[3 * p + 2]);
        }

        return ColorMaps.Color(image);
    }

    /// <returns>[height, width], 1 where Σ w·selected ≥ 0.5.</returns>
    public static byte[] Mask(
        IRasterizer rasterizer, GaussianScene scene, GaussianSelection selection, PinholeCamera camera, CancellationToken cancellationToken)
    {
        var options = new RenderOptions { Features = Indicator(scene, selection), FeatureChannels = 1 };
        float[] cover = rasterizer.Render(camera, options, cancellationToken).Features;
        return [.. cover.Select(weight => weight >= MaskThreshold ? (byte)1 : (byte)0)];
    }

    /// <summary>1 for selected Gaussians, engine order.</summary>
    private static float[] Indicator(GaussianScene scene, GaussianSelection selection)
    {
        float[] indicator = new float[scene.Count];
        for (int i = 0; i < indicator.Length; i++)
        {
            indicator[i] = selection.Contains(scene.FileIndices[i]) ? 1f : 0f;
        }

        return indicator;
    }
}
