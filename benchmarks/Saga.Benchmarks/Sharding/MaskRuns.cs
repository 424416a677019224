using System.Numerics;

namespace Saga.Benchmarks.Sharding;

/// <summary>
/// A mask along the Morton order as the lengths of its runs, alternately of 0 and of 1, seven bits to a byte: what a selection
/// takes on the wire where it is compact in space.
/// </summary>
internal static class MaskRuns
{
    private const int PayloadBits = 7;
    private const byte More = 0x80;

    /// <summary>Encodes a mask; the first run is of 0 and may be empty.</summary>
    /// <param name="selected">16 bits to an element; padding bits are 0.</param>
    public static byte[] Encode(ReadOnlySpan<ushort> selected)
    {
        var bytes = new List<byte>();
        long length = 0;
        uint current = 0;
        foreach (ushort element in selected)
        {
            // Bits that go on with the run look like 0.
            uint rest = element ^ (current == 0 ? 0u : 0xFFFF);
            int left = 16;
            while (left > 0)
            {
                int same = rest == 0 ? left : Math.Min(left, BitOperations.TrailingZeroCount(rest));
                length += same;
                left -= same;
                rest >>= same;
                if (left > 0)
                {
                    Append(bytes, length);
                    length = 0;
                    current ^= 1;
                    rest ^= (1u << left) - 1;
                }
            }
        }

        Append(bytes, length);
        return [.. bytes];
    }

    /// <summary>Decodes what <see cref="Encode"/> wrote.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="elementCount">Elements of the mask.</param>
    public static ushort[] Decode(ReadOnlySpan<byte> runs, int elementCount)
    {
        ushort[] selected = new ushort[elementCount];
        long at = 0;
        bool ones = false;
        for (int next = 0; next < runs.Length; ones = !ones)
        {
            long length = 0;
            int shift = 0;
            byte part;
            do
            {
                part = runs[next++];
                length |= (long)(part & ~More) << shift;
                shift += PayloadBits;
            }
            while ((part & More) != 0);

            for (long end = at + length; at < end; at++)
            {
                selected[at / 16] |= (ushort)((ones ? 1 : 0) << (int)(at % 16));
            }
        }

        return selected;
    }

    private static void Append(List<byte> bytes, long length)
    {
        for (; length >= More; length >>= PayloadBits)
        {
            bytes.Add((byte)(length | More));
        }

        bytes.Add((byte)length);
    }
}
