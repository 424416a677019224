namespace Saga.Engine.Cameras.Lenses;

/// <summary>The camera that took a distorted photo, before the photo is straightened.</summary>
/// <param name="Width">Pixels across of the photo as it was taken.</param>
/// <param name="Height">Pixels down.</param>
/// <param name="Fx">Horizontal focal length, pixels.</param>
/// <param name="Fy">Vertical focal length, pixels.</param>
/// <param name="Cx">Principal point, pixels from the left edge.</param>
/// <param name="Cy">Principal point, pixels from the top edge.</param>
/// <param name="Distortion">What the lens does to directions.</param>
public sealed record CameraLens(
    int Width, int Height, double Fx, double Fy, double Cx, double Cy, LensDistortion Distortion)
{
    /// <summary>Where the photo shows what lies in a direction.</summary>
    /// <param name="x">x/z in the camera frame.</param>
    /// <param name="y">y/z in the camera frame.</param>
    /// <returns>Pixels from the left and top edge.</returns>
    public (double U, double V) Project(double x, double y)
    {
        (x, y) = Distortion.Distort(x, y);
        return (Fx * x + Cx, Fy * y + Cy);
    }
}
