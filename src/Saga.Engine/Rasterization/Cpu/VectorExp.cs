using System.Runtime.CompilerServices;
using Saga.Engine.Numerics;

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
    public static T Exp2<T>(T x)
        where T : unmanaged, IFloatLanes<T>
    {
        T shifted = x + T.Broadcast(RoundingMagic);
        T f = x - (shifted - T.Broadcast(RoundingMagic));
        T p = T.Broadcast(C6);
        p = T.MultiplyAdd(p, f, T.Broadcast(C5));
        p = T.MultiplyAdd(p, f, T.Broadcast(C4));
        p = T.MultiplyAdd(p, f, T.Broadcast(C3));
        p = T.MultiplyAdd(p, f, T.Broadcast(C2));
        p = T.MultiplyAdd(p, f, T.Broadcast(C1));
        p = T.MultiplyAdd(p, f, T.Broadcast(1));
        return T.AddToExponent(p, shifted);
    }
}
