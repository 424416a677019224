using System.Diagnostics;
using System.Numerics;

namespace Saga.Engine.Rasterization.Cpu;

/// <summary>Stable radix sort of (depth, slot) pairs, nearest first; equal depths keep their order.</summary>
/// <remarks>
/// An entry is the depth's bits in the upper half and the slot in the lower one: positive floats order like their bits. Only
/// the bits in which the depths differ are sorted. One instance serves one thread.
/// </remarks>
internal sealed class DepthSort
{
    /// <summary>Digits of short lists: the histogram stays smaller than the list.</summary>
    private const int ShortDigitBits = 8;

    private const int LongDigitBits = 11;
    private const int LongList = 4096;

    private readonly int[] _histogram = new int[1 << LongDigitBits];
    private ulong[] _first = [];
    private ulong[] _second = [];

    public static ulong Entry(float depth, int slot) => ((ulong)BitConverter.SingleToUInt32Bits(depth) << 32) | (uint)slot;

    public static int Slot(ulong entry) => (int)(uint)entry;

    /// <param name="entries">Entries in any order; they are left alone.</param>
    /// <returns>The entries, nearest first; valid until the next call.</returns>
    public ReadOnlySpan<ulong> Sort(ReadOnlySpan<ulong> entries)
    {
        uint smallest = uint.MaxValue, largest = 0;
        foreach (ulong entry in entries)
        {
            uint key = (uint)(entry >> 32);
            smallest = Math.Min(smallest, key);
            largest = Math.Max(largest, key);
        }

        if (smallest >= largest)
        {
            return entries;
        }

        if (_first.Length < entries.Length)
        {
            int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)entries.Length);
            (_first, _second) = (new ulong[capacity], new ulong[capacity]);
        }

        int maxDigitBits = entries.Length < LongList ? ShortDigitBits : LongDigitBits;
        int bits = 32 - BitOperations.LeadingZeroCount(largest - smallest);
        int passes = (bits + maxDigitBits - 1) / maxDigitBits;
        int digitBits = (bits + passes - 1) / passes;
        Span<int> histogram = _histogram.AsSpan(0, 1 << digitBits);
        ReadOnlySpan<ulong> from = entries;
        for (int pass = 0; pass < passes; pass++)
        {
            Span<ulong> to = (pass % 2 == 0 ? _first : _second).AsSpan(0, entries.Length);
            Pass(from, to, smallest, pass * digitBits, histogram);
            from = to;
        }

        return from;
    }

    private static void Pass(ReadOnlySpan<ulong> from, Span<ulong> to, uint smallest, int shift, Span<int> histogram)
    {
        Debug.Assert(from.Length == to.Length);
        uint digitMask = (uint)histogram.Length - 1;
        histogram.Clear();
        foreach (ulong entry in from)
        {
            histogram[(int)((((uint)(entry >> 32) - smallest) >> shift) & digitMask)]++;
        }

        int sum = 0;
        foreach (ref int count in histogram)
        {
            (count, sum) = (sum, sum + count);
        }

        foreach (ulong entry in from)
        {
            to[histogram[(int)((((uint)(entry >> 32) - smallest) >> shift) & digitMask)]++] = entry;
        }
    }
}
