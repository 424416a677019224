using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>Turns blocks of 16-bit features into the float32 values that they stand for, exactly.</summary>
internal static class FeatureDecoder
{
    /// <summary>Decodes one block.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="block">The block.</param>
    /// <param name="values">Receives s·(256·h + l), [2 · PairCount, 16]: the dimension's channels, then padding.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TInteger, TFloat, TFilter, TLanes>(FeatureBlocks features, int block, ref float values)
        where TInteger : struct
        where TFloat : struct
        where TFilter : IFilterLanes<TInteger, TFloat>
        where TLanes : IScoringLanes<TFloat>
    {
        const int row = 2 * FeatureBlocks.BlockSize;
        ref sbyte high = ref Unsafe.Add(ref MemoryMarshal.GetReference(features.High), (nint)block * features.BlockBytes);
        ref sbyte low = ref Unsafe.Add(ref MemoryMarshal.GetReference(features.Low), (nint)block * features.BlockBytes);
        ref ushort steps = ref features.Steps[block * FeatureBlocks.BlockSize];
        for (int lane = 0; lane < FeatureBlocks.BlockSize; lane += TLanes.Width)
        {
            TFloat step = TFilter.LoadSteps(in steps, (nuint)lane);
            for (int p = 0; p < features.PairCount; p++)
            {
                nuint at = (nuint)(p * row + 2 * lane);
                TInteger pairs = TFilter.JoinBytes(TFilter.LoadPairs(in high, at), TFilter.LoadPairs(in low, at));
                nuint to = (nuint)(p * row + lane);
                TLanes.Store(TLanes.Multiply(TFilter.ToFloat(TFilter.First(pairs)), step), ref values, to);
                TLanes.Store(TLanes.Multiply(TFilter.ToFloat(TFilter.Second(pairs)), step), ref values, to + FeatureBlocks.BlockSize);
            }
        }
    }

    /// <summary>Decodes one block with the widest vectors of the machine.</summary>
    /// <param name="features">The features of all Gaussians.</param>
    /// <param name="block">The block.</param>
    /// <param name="values">Receives [2 · PairCount, 16]: the dimension's channels, then padding.</param>
    public static void Run(FeatureBlocks features, int block, Span<float> values)
    {
        ref float first = ref MemoryMarshal.GetReference(values);
        if (FilterLanes512.IsSupported)
        {
            Run<Vector512<int>, Vector512<float>, FilterLanes512, Lanes512>(features, block, ref first);
        }
        else if (FilterLanes256.IsSupported)
        {
            Run<Vector256<int>, Vector256<float>, FilterLanes256, Lanes256>(features, block, ref first);
        }
        else if (FilterLanes128.IsSupported)
        {
            Run<Vector128<int>, Vector128<float>, FilterLanes128, Lanes128>(features, block, ref first);
        }
        else
        {
            Run<int, float, FilterLanes1, Lanes1>(features, block, ref first);
        }
    }

    /// <summary>Decodes all blocks, for comparisons.</summary>
    /// <returns>[BlockCount, Dimension, 16].</returns>
    public static float[] All(FeatureBlocks features)
    {
        float[] values = new float[features.BlockCount * features.BlockFloats];
        float[] block = new float[features.PairCount * 2 * FeatureBlocks.BlockSize];
        for (int b = 0; b < features.BlockCount; b++)
        {
            Run<int, float, FilterLanes1, Lanes1>(features, b, ref block[0]);
            block.AsSpan(0, features.BlockFloats).CopyTo(values.AsSpan(b * features.BlockFloats));
        }

        return values;
    }
}
