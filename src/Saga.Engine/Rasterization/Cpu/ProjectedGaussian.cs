using System.Runtime.InteropServices;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>A Gaussian as one view sees it: half a cache line, all that blending needs.</summary>
/// <remarks>
/// With d = pixel - mean, α = 2^(<see cref="Log2Opacity"/> - q), q = (WhitenXX·dx + WhitenXY·dy)² + (WhitenYY·dy)². This is
/// ½·dᵀΣ'⁻¹d·log₂e with Σ'⁻¹ in its Cholesky form: a sum of squares does not cancel for needles, and 2^x needs no further factor.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 32)]
internal struct ProjectedGaussian
{
    /// <summary>Mean, pixels from the left edge.</summary>
    public float MeanX;

    /// <summary>Mean, pixels from the top edge.</summary>
    public float MeanY;

    /// <summary>Whitening factor, 1/pixel, positive.</summary>
    public float WhitenXX;

    /// <summary>Whitening factor, 1/pixel.</summary>
    public float WhitenXY;

    /// <summary>Whitening factor, 1/pixel, positive.</summary>
    public float WhitenYY;

    /// <summary>log₂ of the opacity, in [-log₂ 255, 0].</summary>
    public float Log2Opacity;

    /// <summary>Camera z of the mean, world units, above the near plane.</summary>
    public float Depth;

    /// <summary>Engine index.</summary>
    public int Index;
}
