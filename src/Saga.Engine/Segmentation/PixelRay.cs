using System.Runtime.Intrinsics;
using Saga.Engine.Cameras;
using Saga.Engine.Rasterization;
using Saga.Engine.Rasterization.Cpu;

namespace Saga.Engine.Segmentation;

/// <summary>One pixel's ray, prepared for bounding which Gaussians can reach the pixel.</summary>
/// <remarks>
/// <para>
/// A Gaussian with camera-frame mean (x, y, z), covariance Σ and opacity σ contributes when its squared Mahalanobis distance
/// m to the pixel is at most k² = 2·ln(255·σ), that is α ≥ 1/255. With the pixel ray (rx, ry, 1), let e = (u, v) with
/// u = x - rx·z and v = y - ry·z: both are linear in world coordinates. The pixel offset is d = -F·e with F = diag(fx, fy)/z,
/// the projection's Jacobian is J = F·A with A = [1 0 -tx; 0 1 -ty], where tx, ty are x/z and y/z clamped to 1.3 × the half
/// field of view, and so
/// </para>
/// <code>
/// m = dᵀ (J Σ Jᵀ + 0.3·I)⁻¹ d = eᵀ (A Σ Aᵀ + 0.3·F⁻²)⁻¹ e ≥ ‖e‖² / λ,   λ ≤ s²·L² + 0.3·z²/f²,
/// </code>
/// <para>
/// where s is the largest standard deviation of the Gaussian, f = min(fx, fy), and L² = ‖A‖² = λmax(I + (tx,ty)(tx,ty)ᵀ) =
/// 1 + tx² + ty². The Gaussian can reach the pixel only if ‖e‖² ≤ (k·s)²·L² + 0.3·k²·z²/f². Over a box of means, |u| and |v|
/// are at least their value at the centre minus Σ|coefficient|·half-extent, and z is at most its centre value plus the same.
/// </para>
/// <para>Every comparison rejects only when sure: slack covers float rounding here and in the rasteriser, and NaN passes.</para>
/// </remarks>
internal readonly struct PixelRay
{
    /// <summary>Bound on the rounding of a sum of four products, relative to the sum of their magnitudes, with margin.</summary>
    public const float RoundingSlack = 1e-6f;

    // Relative margin on the squared reach, for the rasteriser's rounding of the inverse covariance.
    private const double ReachSlack = 1e-3;

    private readonly Linear _u;
    private readonly Linear _v;
    private readonly Linear _z;
    private readonly Vector256<float> _stretchSquared;
    private readonly Vector256<float> _blurPerDepthSquared;

    /// <summary>Prepares the ray through a continuous pixel position.</summary>
    public PixelRay(PinholeCamera camera, PixelPosition pixel)
    {
        CameraPose p = camera.Pose;
        double rx = (pixel.X - camera.Cx) / camera.Fx;
        double ry = (pixel.Y - camera.Cy) / camera.Fy;
        _u = new Linear(p.R00 - rx * p.R20, p.R01 - rx * p.R21, p.R02 - rx * p.R22, p.Tx - rx * p.Tz);
        _v = new Linear(p.R10 - ry * p.R20, p.R11 - ry * p.R21, p.R12 - ry * p.R22, p.Ty - ry * p.Tz);
        _z = new Linear(p.R20, p.R21, p.R22, p.Tz);

        double limitX = BlendLimits.FieldOfViewMargin * camera.Width / (2 * camera.Fx);
        double limitY = BlendLimits.FieldOfViewMargin * camera.Height / (2 * camera.Fy);
        double focal = Math.Min(camera.Fx, camera.Fy);
        _stretchSquared = Vector256.Create((float)((1 + limitX * limitX + limitY * limitY) * (1 + ReachSlack)));
        _blurPerDepthSquared = Vector256.Create((float)(BlendLimits.Dilation / (focal * focal) * (1 + ReachSlack)));
    }

    /// <summary>Tests eight boxes of means at once.</summary>
    /// <param name="boxes">
    /// [8, 8] floats: centre x y z, half-extent x y z (rounding included), greatest (k·s)² and greatest k² of eight boxes;
    /// (k·s)² = -∞ marks a box that reaches nothing.
    /// </param>
    /// <returns>Bit i set: box i may hold a Gaussian that reaches the pixel.</returns>
    public uint BoxesInReach(ref float boxes)
    {
        Vector256<float> x = Vector256.LoadUnsafe(ref boxes);
        Vector256<float> y = Vector256.LoadUnsafe(ref boxes, 8);
        Vector256<float> z = Vector256.LoadUnsafe(ref boxes, 16);
        Vector256<float> halfX = Vector256.LoadUnsafe(ref boxes, 24);
        Vector256<float> halfY = Vector256.LoadUnsafe(ref boxes, 32);
        Vector256<float> halfZ = Vector256.LoadUnsafe(ref boxes, 40);
        return InReach(
            x, y, z, halfX, halfY, halfZ, Vector256.LoadUnsafe(ref boxes, 48), Vector256.LoadUnsafe(ref boxes, 56));
    }

    /// <summary>Tests eight single Gaussians at once.</summary>
    /// <param name="x">World x of the means.</param>
    /// <param name="y">World y of the means.</param>
    /// <param name="z">World z of the means.</param>
    /// <param name="radiusSquared">(k·s)²; -∞ reaches nothing.</param>
    /// <param name="kSquared">k².</param>
    /// <returns>Bit i set: Gaussian i may reach the pixel.</returns>
    public uint GaussiansInReach(
        Vector256<float> x, Vector256<float> y, Vector256<float> z, Vector256<float> radiusSquared, Vector256<float> kSquared)
    {
        Vector256<float> slack = Vector256.Create(RoundingSlack);
        return InReach(
            x, y, z, Vector256.Abs(x) * slack, Vector256.Abs(y) * slack, Vector256.Abs(z) * slack, radiusSquared, kSquared);
    }

    private uint InReach(
        Vector256<float> x, Vector256<float> y, Vector256<float> z,
        Vector256<float> halfX, Vector256<float> halfY, Vector256<float> halfZ,
        Vector256<float> radiusSquared, Vector256<float> kSquared)
    {
        Vector256<float> u = Vector256.Max(
            Vector256.Abs(_u.At(x, y, z)) - _u.Spread(halfX, halfY, halfZ), Vector256<float>.Zero);
        Vector256<float> v = Vector256.Max(
            Vector256.Abs(_v.At(x, y, z)) - _v.Spread(halfX, halfY, halfZ), Vector256<float>.Zero);
        Vector256<float> farthest = _z.At(x, y, z) + _z.Spread(halfX, halfY, halfZ);
        Vector256<float> reachSquared =
            radiusSquared * _stretchSquared + kSquared * _blurPerDepthSquared * farthest * farthest;
        Vector256<float> outside =
            Vector256.GreaterThan(u * u + v * v, reachSquared)
            | Vector256.LessThanOrEqual(farthest, Vector256.Create((float)BlendLimits.NearPlane));
        return ~outside.ExtractMostSignificantBits() & 0xFF;
    }

    // a·x + b·y + c·z + d over world coordinates.
    private readonly struct Linear(double a, double b, double c, double d)
    {
        private readonly Vector256<float> _a = Vector256.Create((float)a);
        private readonly Vector256<float> _b = Vector256.Create((float)b);
        private readonly Vector256<float> _c = Vector256.Create((float)c);
        private readonly Vector256<float> _d = Vector256.Create((float)d);

        public Vector256<float> At(Vector256<float> x, Vector256<float> y, Vector256<float> z) =>
            _a * x + _b * y + _c * z + _d;

        public Vector256<float> Spread(Vector256<float> x, Vector256<float> y, Vector256<float> z) =>
            Vector256.Abs(_a) * x + Vector256.Abs(_b) * y + Vector256.Abs(_c) * z
            + Vector256.Abs(_d) * Vector256.Create(RoundingSlack);
    }
}
