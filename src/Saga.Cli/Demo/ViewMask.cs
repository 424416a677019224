using Saga.Engine.Images;

namespace Saga.Cli.Demo;

/// <summary>Reads the 1-bit PNG of a selection in a view.</summary>
public static class ViewMask
{
    /// <summary>Decodes the mask.</summary>
    /// <param name="png">As the service sent it.</param>
    /// <param name="width">Pixels expected.</param>
    /// <param name="height">Pixels expected.</param>
    /// <returns>Row-major, [height, width].</returns>
    public static bool[] Read(byte[] png, int width, int height)
    {
        LabelMap mask = ImageFile.DecodeLabels(png);
        return mask.Width == width && mask.Height == height
            ? [.. mask.Labels.Select(value => value != 0)]
            : throw new InvalidDataException($"The mask is {mask.Width}×{mask.Height} pixels; the photo is {width}×{height}.");
    }
}
