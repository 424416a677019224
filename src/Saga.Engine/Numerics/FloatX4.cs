using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Numerics;

/// <summary>Four floats: SSE and Arm.</summary>
internal readonly unsafe struct FloatX4(Vector128<float> value) : IFloatLanes<FloatX4>
{
    private readonly Vector128<float> _value = value;

    public static int Width => 4;

    public static FloatX4 Indices => new(Vector128<float>.Indices);

    public static FloatX4 operator +(FloatX4 a, FloatX4 b) => new(a._value + b._value);

    public static FloatX4 operator -(FloatX4 a, FloatX4 b) => new(a._value - b._value);

    public static FloatX4 operator *(FloatX4 a, FloatX4 b) => new(a._value * b._value);

    public static FloatX4 operator /(FloatX4 a, FloatX4 b) => new(a._value / b._value);

    public static FloatX4 operator &(FloatX4 a, FloatX4 b) => new(a._value & b._value);

    public static FloatX4 operator |(FloatX4 a, FloatX4 b) => new(a._value | b._value);

    public static FloatX4 operator ^(FloatX4 a, FloatX4 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 Load(ref readonly float source, int offset) => new(Vector128.LoadUnsafe(in source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 MultiplyAdd(FloatX4 a, FloatX4 b, FloatX4 c) => new(Vector128.MultiplyAddEstimate(a._value, b._value, c._value));

    public static FloatX4 Min(FloatX4 a, FloatX4 b) => new(Vector128.Min(a._value, b._value));

    public static FloatX4 Max(FloatX4 a, FloatX4 b) => new(Vector128.Max(a._value, b._value));

    public static FloatX4 Abs(FloatX4 a) => new(Vector128.Abs(a._value));

    public static FloatX4 Round(FloatX4 a) => new(Vector128.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 PowerOfTwo(FloatX4 n) => new(((Vector128.ConvertToInt32(n._value) + Vector128.Create(127)) << 23).AsSingle());

    public static FloatX4 AndNot(FloatX4 a, FloatX4 mask) => new(Vector128.AndNot(a._value, mask._value));

    public static FloatX4 Select(FloatX4 mask, FloatX4 a, FloatX4 b) => new(Vector128.ConditionalSelect(mask._value, a._value, b._value));

    public static FloatX4 GreaterThan(FloatX4 a, FloatX4 b) => new(Vector128.GreaterThan(a._value, b._value));

    public static FloatX4 AtLeast(FloatX4 a, FloatX4 b) => new(Vector128.GreaterThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 AddToExponent(FloatX4 a, FloatX4 b) => new((a._value.AsInt32() + (b._value.AsInt32() << 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 AnyBit(FloatX4 a) => new((~Vector128.Equals(a._value.AsInt32(), Vector128<int>.Zero)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX4 MaskOf(uint bits)
    {
        Vector128<uint> lanes = Vector128.Create(1u, 2, 4, 8);
        return new(Vector128.Equals(Vector128.Create(bits) & lanes, lanes).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float target, int offset) => _value.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint SignBits() => _value.ExtractMostSignificantBits();

    public float Sum() => Vector128.Sum(_value);
}
