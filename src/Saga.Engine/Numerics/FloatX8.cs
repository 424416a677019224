using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Numerics;

/// <summary>Eight floats: AVX2.</summary>
internal readonly unsafe struct FloatX8(Vector256<float> value) : IFloatLanes<FloatX8>
{
    private readonly Vector256<float> _value = value;

    public static int Width => 8;

    public static FloatX8 Indices => new(Vector256<float>.Indices);

    public static FloatX8 operator +(FloatX8 a, FloatX8 b) => new(a._value + b._value);

    public static FloatX8 operator -(FloatX8 a, FloatX8 b) => new(a._value - b._value);

    public static FloatX8 operator *(FloatX8 a, FloatX8 b) => new(a._value * b._value);

    public static FloatX8 operator /(FloatX8 a, FloatX8 b) => new(a._value / b._value);

    public static FloatX8 operator &(FloatX8 a, FloatX8 b) => new(a._value & b._value);

    public static FloatX8 operator |(FloatX8 a, FloatX8 b) => new(a._value | b._value);

    public static FloatX8 operator ^(FloatX8 a, FloatX8 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 Load(ref readonly float source, int offset) => new(Vector256.LoadUnsafe(in source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 MultiplyAdd(FloatX8 a, FloatX8 b, FloatX8 c) => new(Vector256.MultiplyAddEstimate(a._value, b._value, c._value));

    public static FloatX8 Min(FloatX8 a, FloatX8 b) => new(Vector256.Min(a._value, b._value));

    public static FloatX8 Max(FloatX8 a, FloatX8 b) => new(Vector256.Max(a._value, b._value));

    public static FloatX8 Abs(FloatX8 a) => new(Vector256.Abs(a._value));

    public static FloatX8 Round(FloatX8 a) => new(Vector256.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 PowerOfTwo(FloatX8 n) => new(((Vector256.ConvertToInt32(n._value) + Vector256.Create(127)) << 23).AsSingle());

    public static FloatX8 AndNot(FloatX8 a, FloatX8 mask) => new(Vector256.AndNot(a._value, mask._value));

    public static FloatX8 Select(FloatX8 mask, FloatX8 a, FloatX8 b) => new(Vector256.ConditionalSelect(mask._value, a._value, b._value));

    public static FloatX8 GreaterThan(FloatX8 a, FloatX8 b) => new(Vector256.GreaterThan(a._value, b._value));

    public static FloatX8 AtLeast(FloatX8 a, FloatX8 b) => new(Vector256.GreaterThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 AddToExponent(FloatX8 a, FloatX8 b) => new((a._value.AsInt32() + (b._value.AsInt32() << 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 AnyBit(FloatX8 a) => new((~Vector256.Equals(a._value.AsInt32(), Vector256<int>.Zero)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX8 MaskOf(uint bits)
    {
        Vector256<uint> lanes = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        return new(Vector256.Equals(Vector256.Create(bits) & lanes, lanes).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float target, int offset) => _value.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint SignBits() => _value.ExtractMostSignificantBits();

    public float Sum() => Vector256.Sum(_value);
}
