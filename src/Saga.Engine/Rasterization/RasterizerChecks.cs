using Saga.Engine.Cameras;
using Saga.Engine.Scenes;

namespace Saga.Engine.Rasterization;

/// <summary>What every rasteriser refuses, in the same words.</summary>
internal static class RasterizerChecks
{
    /// <exception cref="ArgumentException">The options do not fit the scene.</exception>
    public static void Options(RenderOptions options, GaussianScene scene)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Color && !scene.HasColors)
        {
            throw new ArgumentException(
                "A colour picture was asked for, but the scene was read without colours; read it with colours.",
                nameof(options));
        }

        if (options.FeatureChannels < 0 || options.Features.Length != (long)options.FeatureChannels * scene.Count)
        {
            throw new ArgumentException(
                $"{options.Features.Length} feature values were given for {scene.Count} Gaussians with "
                + $"{options.FeatureChannels} channels; the array must be [count, channels].",
                nameof(options));
        }
    }

    /// <exception cref="ArgumentException">A position is outside the image or not a number.</exception>
    public static void Inside(PinholeCamera camera, ReadOnlySpan<PixelPosition> pixels)
    {
        foreach (PixelPosition pixel in pixels)
        {
            if (!(pixel.X >= 0 && pixel.X <= camera.Width && pixel.Y >= 0 && pixel.Y <= camera.Height))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"The position ({pixel.X}, {pixel.Y}) is not inside the view of {camera.Width}×{camera.Height} pixels."),
                    nameof(pixels));
            }
        }
    }

    /// <summary>Makes room for a picture.</summary>
    /// <exception cref="ArgumentException">It does not fit one array.</exception>
    public static RenderedImage Allocate(PinholeCamera camera, RenderOptions options)
    {
        long pixels = (long)camera.Width * camera.Height;
        if (pixels * Math.Max(3, options.FeatureChannels) > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{camera.Width}×{camera.Height} pixels with {options.FeatureChannels} feature channels do not fit one array; "
                + "render a smaller picture or fewer channels at a time.",
                nameof(options));
        }

        return new RenderedImage
        {
            Width = camera.Width,
            Height = camera.Height,
            Color = options.Color ? new float[3 * pixels] : [],
            Depth = options.Depth ? new float[pixels] : [],
            Alpha = options.Alpha ? new float[pixels] : [],
            Features = new float[options.FeatureChannels * pixels],
            FeatureChannels = options.FeatureChannels,
        };
    }
}
