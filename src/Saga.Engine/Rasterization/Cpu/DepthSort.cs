using System.Diagnostics;
using System.Numerics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Stable radix sort of (depth, slot) pairs, nearest first; equal depths keep their order.</summary>
/// <remarks>
/// An entry is the depth's bits in the upper half and the slot in the lower one: positive floats order like their bits. Only
/// the bits in which the depths differ are sorted, usually in two or three passes.
/// </remarks>
internal static class DepthSort
{
    private const int MaxDigitBits = 11;

    public static ulong Entry(float depth, int slot) => ((ulong)BitConverter.SingleToUInt32Bits(depth) << 32) | (uint)slot;

    public static int Slot(ulong entry) => (int)(uint)entry;

    /// <param name="entries">Entries to sort, [count].</param>
    /// <param name="scratch">As long as <paramref name="entries"/>.</param>
    /// <returns>True when the sorted entries are in <paramref name="scratch"/> rather than in <paramref name="entries"/>.</returns>
    public static bool Sort(Span<ulong> entries, Span<ulong> scratch)
    {
        Debug.Assert(entries.Length == scratch.Length);
        uint smallest = uint.MaxValue, largest = 0;
        foreach (ulong entry in entries)
        {
            uint key = (uint)(entry >> 32);
            smallest = Math.Min(smallest, key);
            largest = Math.Max(largest, key);
        }

        if (smallest >= largest)
        {
            return false;
        }

        int bits = 32 - BitOperations.LeadingZeroCount(largest - smallest);
        int passes = (bits + MaxDigitBits - 1) / MaxDigitBits;
        int digitBits = (bits + passes - 1) / passes;
        Span<int> histogram = stackalloc int[1 << MaxDigitBits];
        for (int pass = 0; pass < passes; pass++)
        {
            Pass(entries, scratch, smallest, pass * digitBits, histogram[..(1 << digitBits)]);
            Span<ulong> swap = entries;
            entries = scratch;
            scratch = swap;
        }

        return passes % 2 == 1;
    }

    private static void Pass(ReadOnlySpan<ulong> from, Span<ulong> to, uint smallest, int shift, Span<int> histogram)
    {
        uint digitMask = (uint)histogram.Length - 1;
        histogram.Clear();
        foreach (ulong entry in from)
        {
            histogram[(int)((((uint)(entry >> 32) - smallest) >> shift) & digitMask)]++;
        }

        int sum = 0;
        for (int digit = 0; digit < histogram.Length; digit++)
        {
            int start = sum;
            sum += histogram[digit];
            histogram[digit] = start;
        }

        foreach (ulong entry in from)
        {
            to[histogram[(int)((((uint)(entry >> 32) - smallest) >> shift) & digitMask)]++] = entry;
        }
    }
}
