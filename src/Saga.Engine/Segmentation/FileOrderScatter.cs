using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Saga.Engine.Segmentation;

/// <summary>Turns a selection in engine order into a bit mask over the records of the uploaded file.</summary>
/// <remarks>
/// The engine's order is a permutation, so bits of one output byte come from anywhere. Set bits alone are moved. Large
/// selections are moved by two threads, each into its own mask, that are joined at the end.
/// </remarks>
internal static class FileOrderScatter
{
    // Fewer engine blocks than this are moved faster than a thread starts.
    private const int MinParallelBlocks = 1 << 13;

    /// <param name="selected">One bit per Gaussian, engine order, 16 to an element.</param>
    /// <param name="fileIndices">File record of each Gaussian.</param>
    /// <param name="maxThreads">Most threads; the result does not depend on it.</param>
    /// <param name="bits">Receives the mask, file order; all 0 before.</param>
    public static void Run(ReadOnlyMemory<ushort> selected, int[] fileIndices, int maxThreads, byte[] bits)
    {
        if (maxThreads == 1 || selected.Length < MinParallelBlocks)
        {
            Move(selected.Span, 0, fileIndices, bits);
            return;
        }

        int half = selected.Length / 2;
        byte[] second = ArrayPool<byte>.Shared.Rent(bits.Length);
        try
        {
            Parallel.Invoke(
                () => Move(selected.Span[..half], 0, fileIndices, bits),
                () =>
                {
                    second.AsSpan(0, bits.Length).Clear();
                    Move(selected.Span[half..], half, fileIndices, second);
                });
            Join(second, bits);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(second);
        }
    }

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

    /// <summary>Adds the bits of one mask to another; the first may be longer.</summary>
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
