using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>2^x for the exponents of Gaussians, relative error below 3e-7.</summary>
internal static class VectorExp
{
    /// <summary>1.5·2²³: adding it rounds a small float to an integer and leaves that integer in the low mantissa bits.</summary>
    private const float RoundingMagic = 12582912f;

    // (ln 2)^k / k!: the Taylor series of 2^f, whose remainder on |f| <= 1/2 is 1.2e-7.
    private const float C1 = 0.693147181f;
    private const float C2 = 0.240226507f;
    private const float C3 = 0.0555041087f;
    private const float C4 = 0.00961812911f;
    private const float C5 = 0.00133335581f;
    private const float C6 = 0.000154035304f;

    /// <param name="x">In [-120, 120]; elsewhere, and for NaN, the result is meaningless but no fault occurs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp2(Vector256<float> x)
    {
        Vector256<float> shifted = x + Vector256.Create(RoundingMagic);
        Vector256<float> f = x - (shifted - Vector256.Create(RoundingMagic));
        Vector256<float> p = Vector256.Create(C6);
        p = Vector256.MultiplyAddEstimate(p, f, Vector256.Create(C5));
        p = Vector256.MultiplyAddEstimate(p, f, Vector256.Create(C4));
        p = Vector256.MultiplyAddEstimate(p, f, Vector256.Create(C3));
        p = Vector256.MultiplyAddEstimate(p, f, Vector256.Create(C2));
        p = Vector256.MultiplyAddEstimate(p, f, Vector256.Create(C1));
        p = Vector256.MultiplyAddEstimate(p, f, Vector256<float>.One);
        return (p.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
    }
}
