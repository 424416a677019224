using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Saga.Engine.Segmentation;

/// <summary>The whole-number half of a vector width for the 8-bit filter. One lane of 32 bits is one Gaussian.</summary>
/// <remarks>A pair is two channels of a Gaussian, 16 bits each, in the halves of its lane. All of it is exact.</remarks>
internal interface IFilterLanes<TInteger, TFloat>
    where TInteger : struct
    where TFloat : struct
{
    /// <summary>Widens a pair of bytes per lane.</summary>
    static abstract TInteger LoadPairs(ref readonly sbyte source, nuint offset);

    /// <summary>a² in both halves, where |a| ≤ 127.</summary>
    static abstract TInteger SquarePairs(TInteger pairs);

    /// <summary>sum + pair · weights, the same two weights for all lanes.</summary>
    static abstract TInteger AddProducts(TInteger sum, TInteger pairs, int weights);

    /// <summary>256·high + low in both halves.</summary>
    static abstract TInteger JoinBytes(TInteger high, TInteger low);

    /// <summary>The first channel of a pair.</summary>
    static abstract TInteger First(TInteger pairs);

    /// <summary>The second channel of a pair.</summary>
    static abstract TInteger Second(TInteger pairs);

    /// <summary>Widens the upper half of a float32 per lane.</summary>
    static abstract TFloat LoadSteps(ref readonly ushort source, nuint offset);

    /// <summary>The nearest float.</summary>
    static abstract TFloat ToFloat(TInteger value);
}

/// <summary>16 lanes.</summary>
internal readonly struct FilterLanes512 : IFilterLanes<Vector512<int>, Vector512<float>>
{
    public static bool IsSupported => Avx512BW.IsSupported && Vector512.IsHardwareAccelerated;

    public static Vector512<int> LoadPairs(ref readonly sbyte source, nuint offset) =>
        Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in source, offset)).AsInt32();

    public static Vector512<int> SquarePairs(Vector512<int> pairs) => (pairs.AsInt16() * pairs.AsInt16()).AsInt32();

    public static Vector512<int> AddProducts(Vector512<int> sum, Vector512<int> pairs, int weights) =>
        sum + Avx512BW.MultiplyAddAdjacent(pairs.AsInt16(), Vector512.Create(weights).AsInt16());

    public static Vector512<int> JoinBytes(Vector512<int> high, Vector512<int> low) => ((high.AsInt16() << 8) + low.AsInt16()).AsInt32();

    public static Vector512<int> First(Vector512<int> pairs) => (pairs << 16) >> 16;

    public static Vector512<int> Second(Vector512<int> pairs) => pairs >> 16;

    public static Vector512<float> LoadSteps(ref readonly ushort source, nuint offset) =>
        (Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in source, offset)) << 16).AsSingle();

    public static Vector512<float> ToFloat(Vector512<int> value) => Vector512.ConvertToSingle(value);
}

/// <summary>8 lanes.</summary>
internal readonly struct FilterLanes256 : IFilterLanes<Vector256<int>, Vector256<float>>
{
    public static bool IsSupported => Avx2.IsSupported && Vector256.IsHardwareAccelerated;

    public static Vector256<int> LoadPairs(ref readonly sbyte source, nuint offset) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in source, offset)).AsInt32();

    public static Vector256<int> SquarePairs(Vector256<int> pairs) => (pairs.AsInt16() * pairs.AsInt16()).AsInt32();

    public static Vector256<int> AddProducts(Vector256<int> sum, Vector256<int> pairs, int weights) =>
        sum + Avx2.MultiplyAddAdjacent(pairs.AsInt16(), Vector256.Create(weights).AsInt16());

    public static Vector256<int> JoinBytes(Vector256<int> high, Vector256<int> low) => ((high.AsInt16() << 8) + low.AsInt16()).AsInt32();

    public static Vector256<int> First(Vector256<int> pairs) => (pairs << 16) >> 16;

    public static Vector256<int> Second(Vector256<int> pairs) => pairs >> 16;

    public static Vector256<float> LoadSteps(ref readonly ushort source, nuint offset) =>
        (Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in source, offset)) << 16).AsSingle();

    public static Vector256<float> ToFloat(Vector256<int> value) => Vector256.ConvertToSingle(value);
}

/// <summary>4 lanes, on x86, Arm and whatever else has vectors.</summary>
internal readonly struct FilterLanes128 : IFilterLanes<Vector128<int>, Vector128<float>>
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static Vector128<int> LoadPairs(ref readonly sbyte source, nuint offset) =>
        Vector128.WidenLower(Vector128.CreateScalar(
            Unsafe.ReadUnaligned<long>(in Unsafe.As<sbyte, byte>(ref Unsafe.Add(ref Unsafe.AsRef(in source), offset)))).AsSByte()).AsInt32();

    public static Vector128<int> SquarePairs(Vector128<int> pairs) => (pairs.AsInt16() * pairs.AsInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddProducts(Vector128<int> sum, Vector128<int> pairs, int weights)
    {
        Vector128<short> a = pairs.AsInt16();
        Vector128<short> b = Vector128.Create(weights).AsInt16();
        if (Sse2.IsSupported)
        {
            return sum + Sse2.MultiplyAddAdjacent(a, b);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return sum + AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(a.GetLower(), b.GetLower()), AdvSimd.MultiplyWideningUpper(a, b));
        }

        // Even channels are the low halves, sign-extended by two shifts; odd ones the high halves.
        Vector128<int> even = ((pairs << 16) >> 16) * Vector128.Create((int)(short)weights);
        return sum + even + (pairs >> 16) * Vector128.Create(weights >> 16);
    }

    public static Vector128<int> JoinBytes(Vector128<int> high, Vector128<int> low) => ((high.AsInt16() << 8) + low.AsInt16()).AsInt32();

    public static Vector128<int> First(Vector128<int> pairs) => (pairs << 16) >> 16;

    public static Vector128<int> Second(Vector128<int> pairs) => pairs >> 16;

    public static Vector128<float> LoadSteps(ref readonly ushort source, nuint offset) =>
        (Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(
            in Unsafe.As<ushort, byte>(ref Unsafe.Add(ref Unsafe.AsRef(in source), offset)))).AsUInt16()) << 16).AsSingle();

    public static Vector128<float> ToFloat(Vector128<int> value) => Vector128.ConvertToSingle(value);
}

/// <summary>One lane: the scalar twin.</summary>
internal readonly struct FilterLanes1 : IFilterLanes<int, float>
{
    public static int LoadPairs(ref readonly sbyte source, nuint offset)
    {
        ref sbyte pair = ref Unsafe.Add(ref Unsafe.AsRef(in source), offset);
        return (pair & 0xFFFF) | (Unsafe.Add(ref pair, 1) << 16);
    }

    public static int SquarePairs(int pairs) => ((short)pairs * (short)pairs) | ((pairs >> 16) * (pairs >> 16) << 16);

    public static int AddProducts(int sum, int pairs, int weights) =>
        sum + (short)pairs * (short)weights + (pairs >> 16) * (weights >> 16);

    public static int JoinBytes(int high, int low) =>
        (((short)high << 8) + (short)low & 0xFFFF) | ((high >> 16 << 8) + (low >> 16) << 16);

    public static int First(int pairs) => (short)pairs;

    public static int Second(int pairs) => pairs >> 16;

    public static float LoadSteps(ref readonly ushort source, nuint offset) =>
        BitConverter.UInt32BitsToSingle((uint)Unsafe.Add(ref Unsafe.AsRef(in source), offset) << 16);

    public static float ToFloat(int value) => value;
}
