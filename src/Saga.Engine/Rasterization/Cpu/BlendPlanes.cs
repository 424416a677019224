using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Adds w·value to the planes of eight pixels; a struct per number of planes, so that each compiles to its own loop.
/// </summary>
/// <remarks>Planes lie [groups of eight pixels, planes, 8]: what one weight updates is contiguous.</remarks>
internal interface IBlendPlanes
{
    /// <param name="weight">Weights of the group's pixels, 0 where nothing is added.</param>
    /// <param name="planes">[groups, planes, 8].</param>
    /// <param name="group">Number of the group.</param>
    void Add(Vector256<float> weight, float[] planes, int group);
}

/// <summary>How many planes are stored.</summary>
internal static class BlendPlanes
{
    /// <summary>Planes whose values stay in registers: colour and depth. One to four are stored as four.</summary>
    public const int Few = 4;

    public const int Lanes = 8;

    public static int Storage(int planeCount) => planeCount == 0 ? 0 : Math.Max(planeCount, Few);
}

/// <summary>Only the transmittance is wanted.</summary>
internal readonly struct NoPlanes : IBlendPlanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<float> weight, float[] planes, int group)
    {
    }
}

/// <summary>Four planes.</summary>
internal readonly struct FewPlanes(float[] values) : IBlendPlanes
{
    private readonly Vector256<float> _value0 = Vector256.Create(values[0]);
    private readonly Vector256<float> _value1 = Vector256.Create(values[1]);
    private readonly Vector256<float> _value2 = Vector256.Create(values[2]);
    private readonly Vector256<float> _value3 = Vector256.Create(values[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<float> weight, float[] planes, int group)
    {
        const int lanes = BlendPlanes.Lanes;
        Debug.Assert((group + 1) * BlendPlanes.Few * lanes <= planes.Length);
        ref float plane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(planes), group * BlendPlanes.Few * lanes);
        Vector256.MultiplyAddEstimate(weight, _value0, Vector256.LoadUnsafe(ref plane)).StoreUnsafe(ref plane);
        Vector256.MultiplyAddEstimate(weight, _value1, Vector256.LoadUnsafe(ref plane, lanes)).StoreUnsafe(ref plane, lanes);
        Vector256.MultiplyAddEstimate(weight, _value2, Vector256.LoadUnsafe(ref plane, 2 * lanes))
            .StoreUnsafe(ref plane, 2 * lanes);
        Vector256.MultiplyAddEstimate(weight, _value3, Vector256.LoadUnsafe(ref plane, 3 * lanes))
            .StoreUnsafe(ref plane, 3 * lanes);
    }
}

/// <summary>Any number of planes.</summary>
internal readonly struct ManyPlanes(float[] values) : IBlendPlanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<float> weight, float[] planes, int group)
    {
        const int lanes = BlendPlanes.Lanes;
        Debug.Assert((group + 1) * values.Length * lanes <= planes.Length);
        ref float plane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(planes), group * values.Length * lanes);
        foreach (float value in values)
        {
            Vector256.MultiplyAddEstimate(weight, Vector256.Create(value), Vector256.LoadUnsafe(ref plane))
                .StoreUnsafe(ref plane);
            plane = ref Unsafe.Add(ref plane, lanes);
        }
    }
}
