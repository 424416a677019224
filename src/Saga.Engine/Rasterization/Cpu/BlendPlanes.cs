using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Saga.Engine.Numerics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>
/// Adds w·value to the planes of some pixels; a struct per number of planes, so that each compiles to its own loop.
/// </summary>
/// <remarks>Planes lie [groups of eight pixels, planes, 8]: what one weight updates is contiguous.</remarks>
/// <typeparam name="T">Vectors of at most eight lanes.</typeparam>
internal interface IBlendPlanes<T>
    where T : unmanaged, IFloatLanes<T>
{
    /// <param name="weight">Weights of the pixels, 0 where nothing is added.</param>
    /// <param name="planes">[groups, planes, 8].</param>
    /// <param name="group">Number of the group.</param>
    /// <param name="lane">The first pixel within the group.</param>
    void Add(T weight, float[] planes, int group, int lane);
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
internal readonly struct NoPlanes<T> : IBlendPlanes<T>
    where T : unmanaged, IFloatLanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T weight, float[] planes, int group, int lane)
    {
    }
}

/// <summary>Four planes.</summary>
internal readonly struct FewPlanes<T>(float[] values) : IBlendPlanes<T>
    where T : unmanaged, IFloatLanes<T>
{
    private readonly T _value0 = T.Broadcast(values[0]);
    private readonly T _value1 = T.Broadcast(values[1]);
    private readonly T _value2 = T.Broadcast(values[2]);
    private readonly T _value3 = T.Broadcast(values[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T weight, float[] planes, int group, int lane)
    {
        const int lanes = BlendPlanes.Lanes;
        Debug.Assert((group + 1) * BlendPlanes.Few * lanes <= planes.Length && lane + T.Width <= lanes);
        ref float plane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(planes), group * BlendPlanes.Few * lanes + lane);
        T.MultiplyAdd(weight, _value0, T.Load(ref plane, 0)).Store(ref plane, 0);
        T.MultiplyAdd(weight, _value1, T.Load(ref plane, lanes)).Store(ref plane, lanes);
        T.MultiplyAdd(weight, _value2, T.Load(ref plane, 2 * lanes)).Store(ref plane, 2 * lanes);
        T.MultiplyAdd(weight, _value3, T.Load(ref plane, 3 * lanes)).Store(ref plane, 3 * lanes);
    }
}

/// <summary>Any number of planes.</summary>
internal readonly struct ManyPlanes<T>(float[] values) : IBlendPlanes<T>
    where T : unmanaged, IFloatLanes<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T weight, float[] planes, int group, int lane)
    {
        const int lanes = BlendPlanes.Lanes;
        Debug.Assert((group + 1) * values.Length * lanes <= planes.Length && lane + T.Width <= lanes);
        ref float plane = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(planes), group * values.Length * lanes + lane);
        foreach (float value in values)
        {
            T.MultiplyAdd(weight, T.Broadcast(value), T.Load(ref plane, 0)).Store(ref plane, 0);
            plane = ref Unsafe.Add(ref plane, lanes);
        }
    }
}
