using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Numerics;

/// <summary>Sixteen floats: AVX-512.</summary>
internal readonly unsafe struct FloatX16(Vector512<float> value) : IFloatLanes<FloatX16>
{
    private readonly Vector512<float> _value = value;

    public static int Width => 16;

    public static FloatX16 Indices => new(Vector512<float>.Indices);

    public static FloatX16 operator +(FloatX16 a, FloatX16 b) => new(a._value + b._value);

    public static FloatX16 operator -(FloatX16 a, FloatX16 b) => new(a._value - b._value);

    public static FloatX16 operator *(FloatX16 a, FloatX16 b) => new(a._value * b._value);

    public static FloatX16 operator /(FloatX16 a, FloatX16 b) => new(a._value / b._value);

    public static FloatX16 operator &(FloatX16 a, FloatX16 b) => new(a._value & b._value);

    public static FloatX16 operator |(FloatX16 a, FloatX16 b) => new(a._value | b._value);

    public static FloatX16 operator ^(FloatX16 a, FloatX16 b) => new(a._value ^ b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 Load(ref readonly float source, int offset) => new(Vector512.LoadUnsafe(in source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 MultiplyAdd(FloatX16 a, FloatX16 b, FloatX16 c) => new(Vector512.MultiplyAddEstimate(a._value, b._value, c._value));

    public static FloatX16 Min(FloatX16 a, FloatX16 b) => new(Vector512.Min(a._value, b._value));

    public static FloatX16 Max(FloatX16 a, FloatX16 b) => new(Vector512.Max(a._value, b._value));

    public static FloatX16 Abs(FloatX16 a) => new(Vector512.Abs(a._value));

    public static FloatX16 Round(FloatX16 a) => new(Vector512.Round(a._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 PowerOfTwo(FloatX16 n) => new(((Vector512.ConvertToInt32(n._value) + Vector512.Create(127)) << 23).AsSingle());

    public static FloatX16 AndNot(FloatX16 a, FloatX16 mask) => new(Vector512.AndNot(a._value, mask._value));

    public static FloatX16 Select(FloatX16 mask, FloatX16 a, FloatX16 b) => new(Vector512.ConditionalSelect(mask._value, a._value, b._value));

    public static FloatX16 GreaterThan(FloatX16 a, FloatX16 b) => new(Vector512.GreaterThan(a._value, b._value));

    public static FloatX16 AtLeast(FloatX16 a, FloatX16 b) => new(Vector512.GreaterThanOrEqual(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 AddToExponent(FloatX16 a, FloatX16 b) => new((a._value.AsInt32() + (b._value.AsInt32() << 23)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 AnyBit(FloatX16 a) => new((~Vector512.Equals(a._value.AsInt32(), Vector512<int>.Zero)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatX16 MaskOf(uint bits)
    {
        Vector512<uint> lanes = Vector512.Create(1u, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return new(Vector512.Equals(Vector512.Create(bits) & lanes, lanes).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref float target, int offset) => _value.StoreUnsafe(ref target, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint SignBits() => (uint)_value.ExtractMostSignificantBits();

    public float Sum() => Vector512.Sum(_value);
}
