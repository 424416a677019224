namespace Saga.Engine.Scenes;

/// <summary>
/// Sorts points along a Morton (Z-order) curve, so that neighbours in space are neighbours in memory.
/// </summary>
/// <remarks>
/// Each axis is cut into 2^16 cells over the scene's robust box, three times as wide; what lies outside counts to the outermost cells.
/// The sort is a stable radix sort: equal cells keep their input order, and the result depends on nothing but the points.
/// </remarks>
internal static class MortonOrder
{
    private const int BitsPerAxis = 16;
    private const int DigitBits = 12;
    private const int Digits = 3 * BitsPerAxis / DigitBits;

    /// <summary>Orders some of the points.</summary>
    /// <param name="points">x y z interleaved.</param>
    /// <param name="chosen">Indices of the points to order, ascending.</param>
    /// <param name="bounds">Of the chosen points.</param>
    /// <returns>The chosen indices along the curve.</returns>
    public static int[] Sort(ReadOnlySpan<float> points, int[] chosen, SceneBounds bounds)
    {
        var keys = new ulong[chosen.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            ReadOnlySpan<float> point = points.Slice(3 * chosen[i], 3);
            keys[i] = Spread(Cell(point[0], bounds.RobustMin.X, bounds.RobustMax.X))
                | Spread(Cell(point[1], bounds.RobustMin.Y, bounds.RobustMax.Y)) << 1
                | Spread(Cell(point[2], bounds.RobustMin.Z, bounds.RobustMax.Z)) << 2;
        }

        return RadixSort(keys, chosen);
    }

    private static ulong Cell(float value, float low, float high)
    {
        // One box width to either side keeps the order meaningful for the background around the bulk.
        const int cells = 1 << BitsPerAxis;
        double width = Math.Max((double)high - low, 1e-30);
        double unit = ((value - (double)low) / width + 1) / 3;
        return (ulong)Math.Clamp(unit * cells, 0, cells - 1);
    }

    /// <summary>Moves bit i of a 16-bit number to bit 3·i.</summary>
    private static ulong Spread(ulong cell)
    {
        cell = (cell | cell << 16) & 0x0000_FF00_00FF;
        cell = (cell | cell << 8) & 0x00F0_0F00_F00F;
        cell = (cell | cell << 4) & 0x0C30_C30C_30C3;
        return (cell | cell << 2) & 0x2492_4924_9249;
    }

    private static int[] RadixSort(ulong[] keys, int[] items)
    {
        int[] fromItems = [.. items];
        ulong[] fromKeys = keys;
        var toItems = new int[items.Length];
        var toKeys = new ulong[keys.Length];
        var next = new int[1 << DigitBits];
        for (int digit = 0; digit < Digits; digit++)
        {
            int shift = digit * DigitBits;
            Array.Clear(next);
            foreach (ulong key in fromKeys)
            {
                next[(int)(key >> shift) & (next.Length - 1)]++;
            }

            int start = 0;
            foreach (ref int slot in next.AsSpan())
            {
                (slot, start) = (start, start + slot);
            }

            for (int i = 0; i < fromKeys.Length; i++)
            {
                int to = next[(int)(fromKeys[i] >> shift) & (next.Length - 1)]++;
                toKeys[to] = fromKeys[i];
                toItems[to] = fromItems[i];
            }

            (fromKeys, toKeys) = (toKeys, fromKeys);
            (fromItems, toItems) = (toItems, fromItems);
        }

        return fromItems;
    }
}
