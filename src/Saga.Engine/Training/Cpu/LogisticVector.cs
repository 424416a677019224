using System.Runtime.CompilerServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Training.Cpu;

/// <summary>softplus(u) = ln(1 + eᵘ) and its derivative, the logistic function, a vector at a time.</summary>
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
    public static T Softplus<T>(T u, out T slope)
        where T : unmanaged, IFloatLanes<T>
    {
        T one = T.Broadcast(1);
        T exponent = T.Min(T.Abs(u), T.Broadcast(MaxMagnitude)) * T.Broadcast(-Log2OfE);
        T whole = T.Round(exponent);
        T r = exponent - whole;

        // 2^r: ln2^k/k!.
        T p = T.MultiplyAdd(T.Broadcast(1.5403530e-4f), r, T.Broadcast(1.3333558e-3f));
        p = T.MultiplyAdd(p, r, T.Broadcast(9.6181291e-3f));
        p = T.MultiplyAdd(p, r, T.Broadcast(5.5504109e-2f));
        p = T.MultiplyAdd(p, r, T.Broadcast(2.4022651e-1f));
        p = T.MultiplyAdd(p, r, T.Broadcast(6.9314718e-1f));
        p = T.MultiplyAdd(p, r, one);
        T m = p * T.PowerOfTwo(whole);

        T inverse = one / (one + m);
        slope = T.Select(T.GreaterThan(u, default), inverse, m * inverse);

        // ln(1 + m) = 2(s + s³/3 + s⁵/5 + …), s = m/(2 + m) at most 1/3.
        T s = m / (m + T.Broadcast(2f));
        T square = s * s;
        T series = T.MultiplyAdd(T.Broadcast(2f / 11), square, T.Broadcast(2f / 9));
        series = T.MultiplyAdd(series, square, T.Broadcast(2f / 7));
        series = T.MultiplyAdd(series, square, T.Broadcast(2f / 5));
        series = T.MultiplyAdd(series, square, T.Broadcast(2f / 3));
        series = T.MultiplyAdd(series, square, T.Broadcast(2f));
        return T.MultiplyAdd(series, s, T.Max(u, default));
    }
}
