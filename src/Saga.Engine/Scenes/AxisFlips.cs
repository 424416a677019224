namespace Saga.Engine.Scenes;

/// <summary>
/// Brings Gaussians from a frame whose axes point elsewhere along the same lines into the frame of PLY files (x right, y down, z
/// forward), or back: every flip is its own inverse.
/// </summary>
/// <remarks>
/// With F = diag(x, y, z), each ±1: means become F·μ and rotations F·R·F, whose quaternion is (w, yz·qx, xz·qy, xy·qz); the covariance
/// is then F·Σ·F. A spherical harmonic that is odd in an axis changes its sign with that axis.
/// </remarks>
/// <param name="x">−1 turns x around, 1 does not.</param>
/// <param name="y">The same for y.</param>
/// <param name="z">The same for z.</param>
internal sealed class AxisFlips(int x, int y, int z)
{
    // Per coefficient above degree 0, which of x, y, z its polynomial is odd in: y z x, xy yz zz xz xx−yy, and so on.
    private static readonly string[] OddAxes =
        ["y", "z", "x", "xy", "yz", "", "xz", "", "y", "xyz", "y", "z", "x", "z", "x"];

    private readonly float[] _harmonics =
        [.. OddAxes.Select(odd => (float)(Sign(odd, 'x', x) * Sign(odd, 'y', y) * Sign(odd, 'z', z)))];

    /// <summary>Turns a record around, in place.</summary>
    /// <param name="values">A record, as <see cref="GaussianValues"/> orders it, with or without all of its colours.</param>
    public void Apply(Span<float> values)
    {
        Span<float> mean = values.Slice(GaussianValues.Mean, 3);
        mean[0] *= x;
        mean[1] *= y;
        mean[2] *= z;
        Span<float> rotation = values.Slice(GaussianValues.Rotation, 4);
        rotation[1] *= y * z;
        rotation[2] *= x * z;
        rotation[3] *= x * y;
        Span<float> rest = values.Length > GaussianValues.Color ? values[(GaussianValues.Color + 3)..] : [];
        for (int c = 0; c < rest.Length; c++)
        {
            rest[c] *= _harmonics[c / 3];
        }
    }

    private static int Sign(string odd, char axis, int flip) => odd.Contains(axis) ? flip : 1;
}
