namespace Saga.Engine.Cameras;

/// <summary>
/// A rigid world-to-camera transform: camera = R·world + t. The camera looks down +z, x points right, y points down.
/// </summary>
/// <remarks>Double precision, because poses are read from text and inverted; kernels narrow to float.</remarks>
/// <param name="R00">Rotation row 0, column 0.</param>
/// <param name="R01">Rotation row 0, column 1.</param>
/// <param name="R02">Rotation row 0, column 2.</param>
/// <param name="Tx">Translation x, world units.</param>
/// <param name="R10">Rotation row 1, column 0.</param>
/// <param name="R11">Rotation row 1, column 1.</param>
/// <param name="R12">Rotation row 1, column 2.</param>
/// <param name="Ty">Translation y, world units.</param>
/// <param name="R20">Rotation row 2, column 0.</param>
/// <param name="R21">Rotation row 2, column 1.</param>
/// <param name="R22">Rotation row 2, column 2.</param>
/// <param name="Tz">Translation z, world units.</param>
public readonly record struct CameraPose(
    double R00, double R01, double R02, double Tx,
    double R10, double R11, double R12, double Ty,
    double R20, double R21, double R22, double Tz)
{
    /// <summary>How far RᵀR may differ from the identity, per element, before a matrix is refused as not a rotation.</summary>
    public const double OrthonormalTolerance = 1e-3;

    /// <summary>The farthest translation accepted per axis, world units: a thousand times what floats resolve, and safe to square.</summary>
    public const double MaxTranslation = 1e9;

    /// <summary>The camera's centre in world coordinates: -Rᵀ·t.</summary>
    public (double X, double Y, double Z) Center => (
        -(R00 * Tx + R10 * Ty + R20 * Tz),
        -(R01 * Tx + R11 * Ty + R21 * Tz),
        -(R02 * Tx + R12 * Ty + R22 * Tz));

    /// <summary>Determinant of R: +1 for a rotation, -1 for a left-handed (mirrored) frame.</summary>
    public double Determinant =>
        R00 * (R11 * R22 - R12 * R21) - R01 * (R10 * R22 - R12 * R20) + R02 * (R10 * R21 - R11 * R20);

    /// <summary>Maps a world point into the camera frame.</summary>
    public (double X, double Y, double Z) Transform(double x, double y, double z) => (
        R00 * x + R01 * y + R02 * z + Tx,
        R10 * x + R11 * y + R12 * z + Ty,
        R20 * x + R21 * y + R22 * z + Tz);

    /// <summary>Maps a point of the camera frame into the world: Rᵀ·(point - t).</summary>
    public (double X, double Y, double Z) ToWorld(double x, double y, double z)
    {
        (x, y, z) = (x - Tx, y - Ty, z - Tz);
        return (R00 * x + R10 * y + R20 * z, R01 * x + R11 * y + R21 * z, R02 * x + R12 * y + R22 * z);
    }

    /// <summary>Builds a pose from a row-major 4×4 world-to-camera matrix and checks it.</summary>
    /// <param name="matrix">16 numbers, row-major; the last row must be 0 0 0 1.</param>
    /// <exception cref="InvalidCameraException">
    /// A number is not finite, the frame is left-handed, or R is not orthonormal to <see cref="OrthonormalTolerance"/>.
    /// </exception>
    public static CameraPose FromRowMajor(ReadOnlySpan<double> matrix)
    {
        if (matrix.Length != 16)
        {
            throw new InvalidCameraException($"worldToCamera has {matrix.Length} numbers; a row-major 4×4 matrix has 16.");
        }

        if (Math.Abs(matrix[12]) > OrthonormalTolerance || Math.Abs(matrix[13]) > OrthonormalTolerance
            || Math.Abs(matrix[14]) > OrthonormalTolerance || Math.Abs(matrix[15] - 1) > OrthonormalTolerance)
        {
            throw new InvalidCameraException("worldToCamera's last row is not 0 0 0 1; is the matrix transposed (column-major)?");
        }

        var pose = new CameraPose(
            matrix[0], matrix[1], matrix[2], matrix[3],
            matrix[4], matrix[5], matrix[6], matrix[7],
            matrix[8], matrix[9], matrix[10], matrix[11]);
        pose.Validate();
        return pose;
    }

    /// <summary>The row-major 4×4 world-to-camera matrix, 16 numbers.</summary>
    public double[] ToRowMajor() => [R00, R01, R02, Tx, R10, R11, R12, Ty, R20, R21, R22, Tz, 0, 0, 0, 1];

    /// <summary>Refuses a pose that is not a finite right-handed rigid transform.</summary>
    /// <exception cref="InvalidCameraException">With what was found and what was expected.</exception>
    public void Validate()
    {
        double sum = R00 + R01 + R02 + Tx + R10 + R11 + R12 + Ty + R20 + R21 + R22 + Tz;
        if (!double.IsFinite(sum))
        {
            throw new InvalidCameraException("The pose holds a number that is not finite (NaN or infinity).");
        }

        if (Math.Max(Math.Abs(Tx), Math.Max(Math.Abs(Ty), Math.Abs(Tz))) > MaxTranslation)
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"The translation ({Tx}, {Ty}, {Tz}) is beyond {MaxTranslation} world units; move the scene towards its origin."));
        }

        double determinant = Determinant;
        if (determinant < 0)
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"The rotation is left-handed (determinant {determinant:0.###}); a camera frame is right-handed with x right, y down, z forward."));
        }

        double worst = Math.Max(
            Math.Max(Math.Abs(R00 * R00 + R10 * R10 + R20 * R20 - 1), Math.Abs(R01 * R01 + R11 * R11 + R21 * R21 - 1)),
            Math.Abs(R02 * R02 + R12 * R12 + R22 * R22 - 1));
        worst = Math.Max(worst, Math.Abs(R00 * R01 + R10 * R11 + R20 * R21));
        worst = Math.Max(worst, Math.Abs(R00 * R02 + R10 * R12 + R20 * R22));
        worst = Math.Max(worst, Math.Abs(R01 * R02 + R11 * R12 + R21 * R22));
        if (worst > OrthonormalTolerance)
        {
            throw new InvalidCameraException(FormattableString.Invariant(
                $"The rotation is not orthonormal (off by {worst:0.####}; at most {OrthonormalTolerance} is accepted)."));
        }
    }
}
