namespace Saga.Engine.Scenes;

/// <content>Handing out.</content>
public sealed partial class GaussianScene
{
    /// <summary>One Gaussian's values as a file's reader would hand them over.</summary>
    /// <param name="i">Engine index.</param>
    /// <param name="values">Receives them in <see cref="GaussianValues"/>' order: 11 and the scene's colours.</param>
    internal void CopyValues(int i, Span<float> values)
    {
        Means.AsSpan(3 * i, 3).CopyTo(values[GaussianValues.Mean..]);
        values[GaussianValues.Opacity] = OpacityLogits[i];
        LogScales.AsSpan(3 * i, 3).CopyTo(values[GaussianValues.Scale..]);
        Rotations.AsSpan(4 * i, 4).CopyTo(values[GaussianValues.Rotation..]);
        int colors = GaussianValues.ColorCount(ShDegree);
        ShCoefficients.AsSpan(colors * i, colors).CopyTo(values[GaussianValues.Color..]);
    }
}
