using Saga.Engine.Images;

namespace Saga.Cli.Evaluation;

/// <summary>The part that every pixel of a view shows.</summary>
/// <param name="Name">Name of the view.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Parts">Row-major, [height, width]; <see cref="LabeledScene.None"/> where nothing is shown.</param>
public sealed record LabeledView(string Name, int Width, int Height, ushort[] Parts)
{
    /// <summary>Reads a 16-bit greyscale PNG.</summary>
    /// <exception cref="InvalidDataException">Not such a file, or damaged.</exception>
    public static LabeledView Read(string name, string path)
    {
        try
        {
            LabelMap map = ImageFile.DecodeLabels(File.ReadAllBytes(path));
            return new LabeledView(name, map.Width, map.Height, map.Labels);
        }
        catch (InvalidImageException error)
        {
            throw new InvalidDataException($"truth/{Path.GetFileName(path)}: {error.Message}", error);
        }
    }
}
