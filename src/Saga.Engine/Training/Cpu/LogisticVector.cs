using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Training.Cpu;

/// <summary>softplus(u) = ln(1 + eᵘ) and its derivative, the logistic function, sixteen at a time.</summary>
/// <remarks>
/// Both come from m = e^-|u|, so nothing overflows. exp: 2^n·p(r) with r in [-½, ½] and a polynomial of degree 6; ln(1 + m) for m
/// in [0, 1]: 2·artanh(m/(2 + m)) as an odd series. Relative errors stay below 2e-6 + 2e-7·|u|.
/// </remarks>
internal static class LogisticVector
{
    // e^-87 is the smallest normal float; beyond it both functions are constant to float precision.
    private const float MaxMagnitude = 87;
    private const float Log2OfE = 1.44269504f;

    /// <param name="u">Any finite argument.</param>
    /// <param name="slope">Receives 1/(1 + e^-u).</param>
    /// <returns>ln(1 + eᵘ).</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Softplus(Vector512<float> u, out Vector512<float> slope)
    {
        Vector512<float> one = Vector512<float>.One;
        Vector512<float> exponent = Vector512.Min(Vector512.Abs(u), Vector512.Create(MaxMagnitude)) * -Log2OfE;
        Vector512<float> whole = Vector512.Round(exponent);
        Vector512<float> r = exponent - whole;

        // 2^r: ln2^k/k!.
        Vector512<float> p = Vector512.FusedMultiplyAdd(Vector512.Create(1.5403530e-4f), r, Vector512.Create(1.3333558e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(9.6181291e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.5504109e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(2.4022651e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(6.9314718e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, one);
        Vector512<int> biased = Vector512.ConvertToInt32(whole) + Vector512.Create(127);
        Vector512<float> m = p * (biased << 23).AsSingle();

        Vector512<float> inverse = one / (one + m);
        slope = Vector512.ConditionalSelect(Vector512.GreaterThan(u, Vector512<float>.Zero), inverse, m * inverse);

        // ln(1 + m) = 2(s + s³/3 + s⁵/5 + …), s = m/(2 + m) at most 1/3.
        Vector512<float> s = m / (m + Vector512.Create(2f));
        Vector512<float> square = s * s;
        Vector512<float> series = Vector512.FusedMultiplyAdd(Vector512.Create(2f / 11), square, Vector512.Create(2f / 9));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(2f / 7));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(2f / 5));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(2f / 3));
        series = Vector512.FusedMultiplyAdd(series, square, Vector512.Create(2f));
        return Vector512.FusedMultiplyAdd(series, s, Vector512.Max(u, Vector512<float>.Zero));
    }
}
