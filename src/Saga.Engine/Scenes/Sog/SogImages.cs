using Saga.Engine.Images;

namespace Saga.Engine.Scenes.Sog;

/// <summary>The images of a .sog scene, checked to have a pixel for every Gaussian and every entry of the palette.</summary>
internal sealed class SogImages
{
    /// <param name="meta">Says which images there are.</param>
    /// <param name="read">Reads one by name.</param>
    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidSceneException">An image is missing, damaged or too small.</exception>
    public SogImages(SogMeta meta, Func<string, RgbaSamples> read, string fileName)
    {
        MeansLow = Pixels(meta.Means.Files[0]);
        MeansHigh = Pixels(meta.Means.Files[1]);
        Scales = Pixels(meta.Scales.Files[0]);
        Rotations = Pixels(meta.Quats.Files[0]);
        Colors = Pixels(meta.Sh0.Files[0]);
        if (meta.ShN is not { } harmonics)
        {
            return;
        }

        RgbaSamples palette = read(harmonics.Files[0]);
        int coefficients = GaussianValues.ColorCount(harmonics.Bands) / 3 - 1;
        int rows = (harmonics.Count + SogFile.PaletteColumns - 1) / SogFile.PaletteColumns;
        if (palette.Width != SogFile.PaletteColumns * coefficients || palette.Height < rows)
        {
            throw new InvalidSceneException(
                $"{fileName}: {harmonics.Files[0]} has {palette.Width}×{palette.Height} pixels; {harmonics.Count} colours of "
                + $"{harmonics.Bands} bands take {SogFile.PaletteColumns * coefficients}×{rows}.");
        }

        Palette = palette.Samples;
        Places = Pixels(harmonics.Files[1]);

        byte[] Pixels(string name)
        {
            RgbaSamples image = read(name);
            return (long)image.Width * image.Height >= meta.Count ? image.Samples : throw new InvalidSceneException(
                $"{fileName}: {name} has {image.Width}×{image.Height} pixels; {meta.Count} Gaussians need one each.");
        }
    }

    /// <summary>Low bytes of the means, r g b = x y z.</summary>
    public byte[] MeansLow { get; }

    /// <summary>High bytes of the means.</summary>
    public byte[] MeansHigh { get; }

    /// <summary>Codebook places of the log-scales.</summary>
    public byte[] Scales { get; }

    /// <summary>The smallest three of the quaternion, and 252 plus the place of the greatest.</summary>
    public byte[] Rotations { get; }

    /// <summary>Codebook places of the colour, and the opacity · 255.</summary>
    public byte[] Colors { get; }

    /// <summary>Palette of view-dependent colours, 64 entries in a row; empty where there are none.</summary>
    public byte[] Palette { get; } = [];

    /// <summary>Place in the palette: r + 256·g.</summary>
    public byte[] Places { get; } = [];
}
