namespace Saga.Engine.Cameras;

/// <summary>
/// An undistorted pinhole camera. A camera-frame point (x, y, z) lands on pixel (fx·x/z + cx, fy·y/z + cy); the centre of the
/// top-left pixel is (0.5, 0.5).
/// </summary>
/// <param name="Width">Image width in pixels, 1..<see cref="MaxSide"/>.</param>
/// <param name="Height">Image height in pixels, 1..<see cref="MaxSide"/>.</param>
/// <param name="Fx">Horizontal focal length in pixels, <see cref="MinFocal"/>..<see cref="MaxFocal"/>.</param>
/// <param name="Fy">Vertical focal length in pixels, <see cref="MinFocal"/>..<see cref="MaxFocal"/>.</param>
/// <param name="Cx">Principal point, pixels from the left edge, ±<see cref="MaxFocal"/>.</param>
/// <param name="Cy">Principal point, pixels from the top edge, ±<see cref="MaxFocal"/>.</param>
/// <param name="Pose">World-to-camera transform.</param>
public sealed record PinholeCamera(int Width, int Height, double Fx, double Fy, double Cx, double Cy, CameraPose Pose)
{
    /// <summary>The largest width or height accepted, in pixels.</summary>
    public const int MaxSide = 16384;

    /// <summary>The smallest focal length accepted, in pixels: far below any lens, far above what floats cannot divide by.</summary>
    public const double MinFocal = 1e-3;

    /// <summary>The greatest focal length and principal point accepted, in pixels: beyond any telescope, and safe to square.</summary>
    public const double MaxFocal = 1e7;

    /// <summary>Refuses a camera with impossible intrinsics or pose.</summary>
    /// <exception cref="InvalidCameraException">With what was found and what was expected.</exception>
    public void Validate()
    {
        if (Width is < 1 or > MaxSide || Height is < 1 or > MaxSide)
        {
            throw new InvalidCameraException($"The image is {Width}×{Height} pixels; each side must be 1 to {MaxSide}.");
        }

        // Comparisons with NaN are false, so NaN is refused.
        if (!(Fx >= MinFocal && Fx <= MaxFocal && Fy >= MinFocal && Fy <= MaxFocal))
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"The focal lengths are fx={Fx}, fy={Fy}; both must be positive numbers of pixels, {MinFocal} to {MaxFocal}."));
        }

        if (!(Math.Abs(Cx) <= MaxFocal && Math.Abs(Cy) <= MaxFocal))
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"The principal point is cx={Cx}, cy={Cy}; both must be finite numbers of pixels, at most {MaxFocal} from the corner."));
        }

        Pose.Validate();
    }

    /// <summary>Where in the world a pixel shows a surface.</summary>
    /// <param name="u">Pixels from the left edge.</param>
    /// <param name="v">Pixels from the top edge.</param>
    /// <param name="depth">World units along the camera's z axis.</param>
    public (double X, double Y, double Z) ToWorld(double u, double v, double depth) =>
        Pose.ToWorld((u - Cx) / Fx * depth, (v - Cy) / Fy * depth, depth);

    /// <summary>The same camera looking through an image resized to <paramref name="width"/> pixels, aspect kept.</summary>
    public PinholeCamera ResizedTo(int width)
    {
        double factor = (double)width / Width;
        int height = Math.Max(1, (int)Math.Round(Height * factor));
        return this with
        {
            Width = width,
            Height = height,
            Fx = Fx * factor,
            Fy = Fy * height / Height,
            Cx = Cx * factor,
            Cy = Cy * height / Height,
        };
    }
}
