using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Saga.Engine.Numerics;

/// <summary>One float: the scalar twin of the wider vectors, and the only path where there is no vector hardware.</summary>
internal readonly unsafe struct FloatX1(float value) : IFloatLanes<FloatX1>
{
    private readonly float _value = value;

    public static int Width => 1;

    public static FloatX1 Indices => default;

    private uint Bits => BitConverter.SingleToUInt32Bits(_value);

    public static FloatX1 operator +(FloatX1 a, FloatX1 b) => new(a._value + b._value);

    public static FloatX1 operator -(FloatX1 a, FloatX1 b) => new(a._value - b._value);

    public static FloatX1 operator *(FloatX1 a, FloatX1 b) => new(a._value * b._value);

    public static FloatX1 operator /(FloatX1 a, FloatX1 b) => new(a._value / b._value);

    public static FloatX1 operator &(FloatX1 a, FloatX1 b) => Of(a.Bits & b.Bits);

    public static FloatX1 operator |(FloatX1 a, FloatX1 b) => Of(a.Bits | b.Bits);

    public static FloatX1 operator ^(FloatX1 a, FloatX1 b) => Of(a.Bits ^ b.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX1 Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX1 Load(ref readonly float source, int offset) => new(Unsafe.Add(ref Unsafe.AsRef(in source), offset));

    public static FloatX1 Broadcast(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX1 MultiplyAdd(FloatX1 a, FloatX1 b, FloatX1 c) =>
        new(Fma.IsSupported || AdvSimd.IsSupported
            ? MathF.FusedMultiplyAdd(a._value, b._value, c._value)
            : a._value * b._value + c._value);

    public static FloatX1 Min(FloatX1 a, FloatX1 b) => new(MathF.Min(a._value, b._value));

    public static FloatX1 Max(FloatX1 a, FloatX1 b) => new(MathF.Max(a._value, b._value));

    public static FloatX1 Abs(FloatX1 a) => new(MathF.Abs(a._value));

    public static FloatX1 Round(FloatX1 a) => new(MathF.Round(a._value));

    public static FloatX1 PowerOfTwo(FloatX1 n) => Of((uint)((int)n._value + 127) << 23);

    public static FloatX1 AndNot(FloatX1 a, FloatX1 mask) => Of(a.Bits & ~mask.Bits);

    public static FloatX1 Select(FloatX1 mask, FloatX1 a, FloatX1 b) => Of((mask.Bits & a.Bits) | (~mask.Bits & b.Bits));

    public static FloatX1 GreaterThan(FloatX1 a, FloatX1 b) => Mask(a._value > b._value);

    public static FloatX1 AtLeast(FloatX1 a, FloatX1 b) => Mask(a._value >= b._value);

    public static FloatX1 AddToExponent(FloatX1 a, FloatX1 b) => Of(a.Bits + (b.Bits << 23));

    public static FloatX1 AnyBit(FloatX1 a) => Mask(a.Bits != 0);

    public static FloatX1 MaskOf(uint bits) => Mask((bits & 1) != 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => *target = _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float target, int offset) => Unsafe.Add(ref target, offset) = _value;

    public uint SignBits() => Bits >> 31;

    public float Sum() => _value;

    private static FloatX1 Mask(bool set) => Of(set ? uint.MaxValue : 0);

    private static FloatX1 Of(uint bits) => new(BitConverter.UInt32BitsToSingle(bits));
}
