using NetVips;

namespace Saga.Cli.Evaluation;

/// <summary>The part that every pixel of a view shows.</summary>
/// <param name="Name">Name of the view.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Parts">Row-major, [height, width]; <see cref="LabeledScene.None"/> where nothing is shown.</param>
public sealed record LabeledView(string Name, int Width, int Height, ushort[] Parts)
{
    /// <summary>Reads a 16-bit greyscale PNG.</summary>
    public static LabeledView Read(string name, string path)
    {
        using Image image = Image.NewFromFile(path);
        return new LabeledView(name, image.Width, image.Height, image.WriteToMemory<ushort>());
    }
}
