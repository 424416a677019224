namespace Saga.Engine.Rasterization.Cpu;

/// <summary>The constants of 3D Gaussian splatting's blending, shared by every kernel so that their weights agree.</summary>
internal static class BlendLimits
{
    /// <summary>No Gaussian hides everything behind it.</summary>
    public const float MaxAlpha = 0.99f;

    /// <summary>A contribution below one grey level is left out.</summary>
    public const float MinAlpha = 1f / 255f;

    /// <summary>log₂ 255: α ≥ 1/255 means q ≤ log₂σ + log₂255.</summary>
    public const float Log2Of255 = 7.99435344f;

    /// <summary>The Gaussian that would bring the transmittance below this is not blended and ends the ray.</summary>
    public const float MinTransmittance = 1e-4f;

    /// <summary>Below this coverage a pixel has no depth.</summary>
    public const float MinDepthCoverage = 0.5f;

    /// <summary>Gaussians whose mean is not further than this in front of the camera are not drawn, world units.</summary>
    public const double NearPlane = 0.2;

    /// <summary>Added to the projected variances, px²: a Gaussian never gets thinner than about a pixel.</summary>
    public const float Dilation = 0.3f;

    /// <summary>Inside the projection's Jacobian a ray is kept within this multiple of half the field of view.</summary>
    public const double FieldOfViewMargin = 1.3;

    /// <summary>
    /// Bounds on the exponent are widened by this before they are used to skip work, so that rounding never skips a contribution
    /// that the exact test α ≥ 1/255 would keep.
    /// </summary>
    public const float ExponentMargin = 1e-3f;

    /// <summary>
    /// The exponent q beyond which a Gaussian contributes nothing, with the margin. Kernels compute it with this one expression.
    /// </summary>
    public static float MaxExponent(float log2Opacity) => log2Opacity + (Log2Of255 + ExponentMargin);
}
