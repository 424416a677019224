using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>What scoring needs of a vector width. One lane is one Gaussian.</summary>
internal interface IScoringLanes<T>
    where T : struct
{
    /// <summary>Lanes of a vector; divides 16.</summary>
    static abstract int Width { get; }

    static abstract T Load(ref readonly float source, nuint offset);

    static abstract void Store(T value, ref float target, nuint offset);

    static abstract T Broadcast(float value);

    static abstract T Add(T a, T b);

    static abstract T Subtract(T a, T b);

    static abstract T Multiply(T a, T b);

    static abstract T SquareRoot(T a);

    /// <summary>sum + a·b, rounded twice, so that hardware with and without fused rounding agree.</summary>
    static abstract T AddProduct(T sum, T a, T b);

    static abstract T Max(T a, T b);

    /// <summary>dot/√normSquared within [-1, 1]; 0 where the norm has no direction.</summary>
    static abstract T Cosine(T dot, T normSquared);

    /// <summary>Bit i set where a ≥ b in lane i.</summary>
    static abstract uint AtLeast(T a, T b);

    /// <summary>Bit i set where a > b in lane i.</summary>
    static abstract uint Above(T a, T b);
}

/// <summary>16 lanes.</summary>
internal readonly struct Lanes512 : IScoringLanes<Vector512<float>>
{
    public static int Width => 16;

    public static Vector512<float> Load(ref readonly float source, nuint offset) => Vector512.LoadUnsafe(in source, offset);

    public static void Store(Vector512<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> SquareRoot(Vector512<float> a) => Vector512.Sqrt(a);

    public static Vector512<float> AddProduct(Vector512<float> sum, Vector512<float> a, Vector512<float> b) => sum + a * b;

    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Cosine(Vector512<float> dot, Vector512<float> normSquared)
    {
        Vector512<float> cosine = dot / Vector512.Sqrt(normSquared);
        cosine = Vector512.Min(Vector512.Max(cosine, -Vector512<float>.One), Vector512<float>.One);
        return Vector512.ConditionalSelect(
            Vector512.GreaterThan(normSquared, Vector512.Create(GatedSimilarityKernel.MinNormSquared)), cosine, Vector512<float>.Zero);
    }

    public static uint AtLeast(Vector512<float> a, Vector512<float> b) =>
        (uint)Vector512.GreaterThanOrEqual(a, b).ExtractMostSignificantBits();

    public static uint Above(Vector512<float> a, Vector512<float> b) =>
        (uint)Vector512.GreaterThan(a, b).ExtractMostSignificantBits();
}

/// <summary>8 lanes.</summary>
internal readonly struct Lanes256 : IScoringLanes<Vector256<float>>
{
    public static int Width => 8;

    public static Vector256<float> Load(ref readonly float source, nuint offset) => Vector256.LoadUnsafe(in source, offset);

    public static void Store(Vector256<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> SquareRoot(Vector256<float> a) => Vector256.Sqrt(a);

    public static Vector256<float> AddProduct(Vector256<float> sum, Vector256<float> a, Vector256<float> b) => sum + a * b;

    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Cosine(Vector256<float> dot, Vector256<float> normSquared)
    {
        Vector256<float> cosine = dot / Vector256.Sqrt(normSquared);
        cosine = Vector256.Min(Vector256.Max(cosine, -Vector256<float>.One), Vector256<float>.One);
        return Vector256.ConditionalSelect(
            Vector256.GreaterThan(normSquared, Vector256.Create(GatedSimilarityKernel.MinNormSquared)), cosine, Vector256<float>.Zero);
    }

    public static uint AtLeast(Vector256<float> a, Vector256<float> b) =>
        Vector256.GreaterThanOrEqual(a, b).ExtractMostSignificantBits();

    public static uint Above(Vector256<float> a, Vector256<float> b) =>
        Vector256.GreaterThan(a, b).ExtractMostSignificantBits();
}

/// <summary>4 lanes.</summary>
internal readonly struct Lanes128 : IScoringLanes<Vector128<float>>
{
    public static int Width => 4;

    public static Vector128<float> Load(ref readonly float source, nuint offset) => Vector128.LoadUnsafe(in source, offset);

    public static void Store(Vector128<float> value, ref float target, nuint offset) => value.StoreUnsafe(ref target, offset);

    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> SquareRoot(Vector128<float> a) => Vector128.Sqrt(a);

    public static Vector128<float> AddProduct(Vector128<float> sum, Vector128<float> a, Vector128<float> b) => sum + a * b;

    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Cosine(Vector128<float> dot, Vector128<float> normSquared)
    {
        Vector128<float> cosine = dot / Vector128.Sqrt(normSquared);
        cosine = Vector128.Min(Vector128.Max(cosine, -Vector128<float>.One), Vector128<float>.One);
        return Vector128.ConditionalSelect(
            Vector128.GreaterThan(normSquared, Vector128.Create(GatedSimilarityKernel.MinNormSquared)), cosine, Vector128<float>.Zero);
    }

    public static uint AtLeast(Vector128<float> a, Vector128<float> b) =>
        Vector128.GreaterThanOrEqual(a, b).ExtractMostSignificantBits();

    public static uint Above(Vector128<float> a, Vector128<float> b) =>
        Vector128.GreaterThan(a, b).ExtractMostSignificantBits();
}

/// <summary>One lane: the scalar twin, and the only path where there is no vector hardware.</summary>
internal readonly struct Lanes1 : IScoringLanes<float>
{
    public static int Width => 1;

    public static float Load(ref readonly float source, nuint offset) => Unsafe.Add(ref Unsafe.AsRef(in source), offset);

    public static void Store(float value, ref float target, nuint offset) => Unsafe.Add(ref target, offset) = value;

    public static float Broadcast(float value) => value;

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float SquareRoot(float a) => MathF.Sqrt(a);

    public static float AddProduct(float sum, float a, float b) => sum + a * b;

    public static float Max(float a, float b) => MathF.Max(a, b);

    public static float Cosine(float dot, float normSquared) =>
        normSquared > GatedSimilarityKernel.MinNormSquared
            ? MathF.Min(MathF.Max(dot / MathF.Sqrt(normSquared), -1f), 1f)
            : 0f;

    public static uint AtLeast(float a, float b) => a >= b ? 1u : 0u;

    public static uint Above(float a, float b) => a > b ? 1u : 0u;
}
