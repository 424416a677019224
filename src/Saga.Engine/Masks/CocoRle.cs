using System.Buffers;
using System.Text;

namespace Saga.Engine.Masks;

/// <summary>
/// The compressed <c>counts</c> string of a COCO run-length mask.
/// </summary>
/// <remarks>
/// Run lengths in column-major order, unset first; from the fourth on, each is written as its difference to the run two before.
/// A number is little-endian in groups of 5 bits with sign extension from the last group's bit 4; bit 5 says that more
/// groups follow; 48 is added so that every byte is printable ('0' … 'o').
/// </remarks>
public static class CocoRle
{
    private const int FirstByte = 48;
    private const int MoreBit = 0x20;
    private const int SignBit = 0x10;

    // Seven groups hold 35 bits: more than a difference of two lengths below 2²⁸ needs. Longer numbers are garbage.
    private const int MaxGroups = 7;

    /// <summary>Decodes a counts string.</summary>
    /// <param name="width">Width in pixels, from the annotation's <c>size</c> [height, width].</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="counts">The string's bytes, ASCII.</param>
    /// <exception cref="InvalidMaskException">A byte is no RLE digit, the string is cut off, or the runs do not fill the mask.</exception>
    public static BinaryMask Decode(int width, int height, ReadOnlySpan<byte> counts)
    {
        BinaryMask.CheckedSize(width, height);
        int[] lengths = ArrayPool<int>.Shared.Rent(Math.Max(1, counts.Length));
        try
        {
            int runs = 0;
            for (int position = 0; position < counts.Length; runs++)
            {
                long value = ReadNumber(counts, ref position);
                if (runs > 2)
                {
                    value += lengths[runs - 2];
                }

                if (value is < 0 or > int.MaxValue)
                {
                    throw new InvalidMaskException(
                        $"Run {runs} of the mask has length {value}; lengths are 0 to {width}×{height}. Is the counts string damaged?");
                }

                lengths[runs] = (int)value;
            }

            return BinaryMask.FromRunLengths(width, height, lengths.AsSpan(0, runs));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    /// <summary>The counts string of a mask, as COCO tools write it.</summary>
    public static string Encode(BinaryMask mask)
    {
        ReadOnlySpan<int> ends = mask.RunEnds;
        var counts = new StringBuilder(ends.Length * 2);
        for (int run = 0; run < ends.Length; run++)
        {
            long value = Length(ends, run);
            if (run > 2)
            {
                value -= Length(ends, run - 2);
            }

            bool more;
            do
            {
                int group = (int)(value & 0x1f);
                value >>= 5;
                more = (group & SignBit) != 0 ? value != -1 : value != 0;
                counts.Append((char)(FirstByte + group + (more ? MoreBit : 0)));
            }
            while (more);
        }

        return counts.ToString();
    }

    private static long ReadNumber(ReadOnlySpan<byte> counts, ref int position)
    {
        long value = 0;
        for (int group = 0; group < MaxGroups; group++)
        {
            if (position == counts.Length)
            {
                throw new InvalidMaskException("The counts string ends within a number; it is cut off.");
            }

            int digit = counts[position] - FirstByte;
            if (digit is < 0 or > 63)
            {
                throw new InvalidMaskException(
                    $"Byte {position} of the counts string is {counts[position]}; compressed COCO counts use the bytes 48 to 111.");
            }

            position++;
            value |= (long)(digit & 0x1f) << (5 * group);
            if ((digit & MoreBit) == 0)
            {
                return (digit & SignBit) != 0 ? value | (-1L << (5 * (group + 1))) : value;
            }
        }

        throw new InvalidMaskException(
            $"A number that ends at byte {position} of the counts string is longer than {MaxGroups} digits; the string is damaged.");
    }

    private static int Length(ReadOnlySpan<int> ends, int run) => run == 0 ? ends[0] : ends[run] - ends[run - 1];
}
