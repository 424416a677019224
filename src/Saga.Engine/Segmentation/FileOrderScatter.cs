using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>Turns a selection in engine order into a bit mask over the records of the uploaded file.</summary>
/// <remarks>
/// The engine's order is a permutation, so bits of one output byte come from anywhere. Set bits alone are moved. Threads
/// move into masks of their own, which are joined at the end.
/// </remarks>
internal static class FileOrderScatter
{
    /// <summary>Moves the bits of some blocks on this thread.</summary>
    /// <param name="selected">One bit per Gaussian, engine order, 16 to an element.</param>
    /// <param name="firstBlock">The block of the first element.</param>
    /// <param name="fileIndices">File record of each Gaussian.</param>
    /// <param name="bits">Receives the set bits; the others stay.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Move(ReadOnlySpan<ushort> selected, int firstBlock, int[] fileIndices, byte[] bits)
    {
        for (int block = 0; block < selected.Length; block++)
        {
            for (uint rest = selected[block]; rest != 0; rest &= rest - 1)
            {
                int record = fileIndices[(firstBlock + block) * 16 + BitOperations.TrailingZeroCount(rest)];
                bits[record >> 3] |= (byte)(1 << (record & 7));
            }
        }
    }

    /// <summary>Adds the bits of one mask to another.</summary>
    /// <param name="from">The one; may be longer.</param>
    /// <param name="bits">The other.</param>
    internal static void Join(ReadOnlySpan<byte> from, Span<byte> bits)
    {
        int i = 0;
        for (; i <= bits.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            (Vector128.Create(from[i..]) | Vector128.Create((ReadOnlySpan<byte>)bits[i..])).CopyTo(bits[i..]);
        }

        for (; i < bits.Length; i++)
        {
            bits[i] |= from[i];
        }
    }
}
