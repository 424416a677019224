using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Saga.Engine.Numerics;

/// <summary>The width of vectors that kernels use; a wider one includes the narrower.</summary>
public enum SimdLevel
{
    /// <summary>No vectors.</summary>
    Scalar,

    /// <summary>128 bits: SSE, or Arm's AdvSimd.</summary>
    Vector128,

    /// <summary>256 bits: AVX2.</summary>
    Vector256,

    /// <summary>512 bits: AVX-512.</summary>
    Vector512,
}

/// <summary>What this process computes with.</summary>
public static class Simd
{
    /// <summary>
    /// The widest vectors that the processor has and the environment allows: <c>DOTNET_EnableAVX512=0</c>,
    /// <c>DOTNET_EnableAVX2=0</c> and <c>DOTNET_EnableHWIntrinsic=0</c> each take one away.
    /// </summary>
    public static SimdLevel Level =>
        Vector512.IsHardwareAccelerated ? SimdLevel.Vector512
        : Vector256.IsHardwareAccelerated ? SimdLevel.Vector256
        : Vector128.IsHardwareAccelerated ? SimdLevel.Vector128
        : SimdLevel.Scalar;

    /// <summary>The level and the instruction sets that kernels choose by, for example <c>Vector512 (AVX-512, FMA)</c>.</summary>
    public static string Description
    {
        get
        {
            string[] sets =
            [
                .. Vector512.IsHardwareAccelerated && Avx512BW.IsSupported ? ["AVX-512"] : Avx2.IsSupported ? ["AVX2"] : Array.Empty<string>(),
                .. Fma.IsSupported ? ["FMA"] : Array.Empty<string>(),
                .. AdvSimd.IsSupported ? ["AdvSimd"] : Array.Empty<string>(),
            ];
            return sets.Length == 0 ? $"{Level}" : $"{Level} ({string.Join(", ", sets)})";
        }
    }
}
